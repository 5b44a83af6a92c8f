"""Toys for skada's test functions, made by its makers: the package leaves its own fixtures out."""

import pytest

pytest.register_assert_rewrite("skada.tests")


def _blobs(centers, random_state):
    # Not imported above: pytest reads this file where skada is not installed, too.
    from skada.datasets import make_shifted_blobs

    # 70: of so many rows, the draw in skada's test of MixVal pairs none with itself, as that test supposes.
    return make_shifted_blobs(
        70, centers=centers, shift=0.15, cluster_std=0.06, random_state=random_state, return_dataset=True
    )


@pytest.fixture
def da_blobs_dataset():
    """Return two classes, and the same rows moved a little, as the domains "s" and "t"."""
    return _blobs([(0, 0), (1, 1)], 0)


@pytest.fixture
def da_dataset(da_blobs_dataset):
    """Return two sources, "s" and "s2", and two targets, "t" and "t2"."""
    return da_blobs_dataset.merge(_blobs([(2, 0), (-1, 2)], 1), names_mapping={"s": "s2", "t": "t2"})


@pytest.fixture
def da_reg_dataset():
    """Return a regression with another conditional distribution in the target."""
    from skada.datasets import make_shifted_datasets

    return make_shifted_datasets(
        n_samples_source=10,
        n_samples_target=12,
        shift="conditional_shift",
        mean=0.5,
        noise=0.2,
        label="regression",
        random_state=0,
        return_dataset=True,
    )
