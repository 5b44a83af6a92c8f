from dataclasses import FrozenInstanceError

import pytest

from dacompare.divergence.measured import MeasuredDistance


def test_it_is_its_value_and_stays_it():
    distance = MeasuredDistance(-0.25, 10, 3)
    assert float(distance) == -0.25
    assert distance.ci95 is distance.p_value is None
    with pytest.raises(FrozenInstanceError):
        distance.value = 0.0
