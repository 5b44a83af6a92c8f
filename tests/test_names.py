import pytest

from dacompare.names import check_name, nearest


def test_a_known_name_passes():
    assert check_name("layer", "b", ["a", "b"]) == "b"


def test_an_unknown_name_is_refused_with_all_that_are_known_and_the_nearest():
    with pytest.raises(
        ValueError, match="layer must be one of 'extractor', 'last_hidden', got 'extracter', did you mean"
    ):
        check_name("layer", "extracter", ["last_hidden", "extractor"])


@pytest.mark.parametrize("value", [None, 3, ["a"], b"a"])
def test_what_is_no_string_has_no_near_name(value):
    assert nearest(value, ["a"]) == ""
    with pytest.raises(ValueError, match="must be one of 'a', got"):
        check_name("x", value, ["a"])
