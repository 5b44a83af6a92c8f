import numpy as np
import pytest

from dacompare.checks import check_count, check_number


def test_numbers_of_any_library_pass():
    for value in (0, 0.5, np.float32(0.5), np.int64(0)):
        assert check_number("noise", value, at_least=0, below=1) == value
    assert check_count("n_layers", np.int64(3)) == 3


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -1e-9, 1.0])
def test_a_number_out_of_its_bounds_is_refused(value):
    with pytest.raises(ValueError, match="noise must be a number from 0 on and below 1, got"):
        check_number("noise", value, at_least=0, below=1)


def test_only_the_bounds_that_say_so_are_open():
    assert check_number("reg", 0, at_least=0) == 0
    assert check_number("share", 1, above=0, at_most=1) == 1
    with pytest.raises(ValueError, match="share must be a number above 0 and up to 1, got 1.5"):
        check_number("share", 1.5, above=0, at_most=1)
    with pytest.raises(ValueError, match="reg must be a number above 0, got 0"):
        check_number("reg", 0, above=0)


def test_without_bounds_a_number_is_finite():
    assert check_number("shift", -5.0) == -5
    with pytest.raises(ValueError, match="shift must be a number that is finite, got nan"):
        check_number("shift", np.nan)


@pytest.mark.parametrize("value", ["1", None, True, [1], 1j])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(TypeError, match="noise must be a number"):
        check_number("noise", value, at_least=0)
    with pytest.raises(TypeError, match="n_layers must be a whole number from 2 on"):
        check_count("n_layers", value, at_least=2)


def test_the_message_says_what_else_would_work_and_what_is_counted():
    with pytest.raises(ValueError, match=r"^eps must be a number from 0 on, or None for the usual, got -1\.$"):
        check_number("eps", -1, at_least=0, note="or None for the usual")
    with pytest.raises(ValueError, match=r"^max_memory must be a whole number of bytes from 1 on, got 0\.$"):
        check_count("max_memory", 0, unit="bytes")


def test_a_count_is_whole_and_large_enough():
    with pytest.raises(TypeError, match="got 2.0"):
        check_count("n_layers", 2.0)
    with pytest.raises(ValueError, match="from 2 on, got 1"):
        check_count("n_layers", 1, at_least=2)
