import pytest

from dacompare.shallow.memory import check_memory

SETTINGS = {"name": "TCA", "way_out": "pass n_landmarks=500"}


def test_what_fits_passes():
    check_memory(100, 100, copies=2, max_memory=160_000, **SETTINGS)


def test_what_does_not_fit_is_refused_with_the_way_out():
    with pytest.raises(
        MemoryError, match=r"TCA needs 160,000 bytes for matrices of 100 x 100.*n_landmarks=500.*max_memory"
    ):
        check_memory(100, 100, copies=2, max_memory=159_999, **SETTINGS)


@pytest.mark.parametrize(("limit", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError), (True, TypeError)])
def test_a_limit_that_is_no_number_of_bytes_is_refused(limit, error):
    with pytest.raises(error, match=f"max_memory must be a whole number of bytes.*got {limit}"):
        check_memory(1, 1, max_memory=limit, **SETTINGS)


def test_sizes_are_told_in_a_unit_that_fits():
    with pytest.raises(MemoryError, match=r"needs 7\.6 MiB for .* but max_memory allows 3\.0 MiB"):
        check_memory(1000, 1000, **{**SETTINGS, "max_memory": 3 * 2**20})


def test_the_number_of_rows_that_fit_fits():
    settings = {"name": "TCA", "way_out": "pass max_rows={fits}", "copies": 3}
    with pytest.raises(MemoryError, match=r"pass max_rows=64, or raise max_memory\.$"):
        check_memory(100, 90, max_memory=100_000, **settings)
    check_memory(64, 64, max_memory=100_000, **settings)
    with pytest.raises(MemoryError, match=r"pass max_rows=2000, or"):
        check_memory(100_000, 100_000, max_memory=4 * 2**30, **settings)
