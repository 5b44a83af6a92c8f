import pickle
import tracemalloc

import numpy as np
import pytest
from scipy import linalg
from scipy.stats import ortho_group
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from dacompare.domains import Domain
from dacompare.pipeline import make_adaptation_pipeline
from dacompare.shallow.kernels import kernel_matrix
from dacompare.shallow.linear_svm import linear_svm
from dacompare.shallow.transfer_component_analysis import TransferComponentAnalysis, transfer_component_analysis
from tests.estimator_battery import assert_passes_the_battery

KERNELS, CONVENTIONS = ("rbf", "linear"), ("journal", "draft")


@pytest.fixture
def domains(rng):
    return rng.normal(size=(60, 5)), rng.normal(0.7, 1.3, size=(40, 5))


def problem(X_source, X_target, kernel, gamma, mu, convention):
    """Return K, KHK and the right-hand matrix, as the papers write them, with all n × n matrices."""
    n_s, n_t = len(X_source), len(X_target)
    X, n = np.vstack([X_source, X_target]), n_s + n_t
    L = np.zeros((n, n))
    L[:n_s, :n_s], L[n_s:, n_s:], L[:n_s, n_s:], L[n_s:, :n_s] = n_s**-2.0, n_t**-2.0, -1 / n_s / n_t, -1 / n_s / n_t
    H, K = np.eye(n) - np.full((n, n), 1 / n), kernel_matrix(X, kernel=kernel, gamma=gamma)
    right = K @ L @ K + mu * np.eye(n) if convention == "journal" else np.eye(n) + mu * K @ L @ K
    return K, K @ H @ K, right


def weights_of_rows(aligner, X):
    """Return W with one row per training row, also where the linear kernel keeps XᵀW only."""
    return aligner.map_.weights if aligner.kernel == "rbf" else np.linalg.lstsq(X.T, aligner.map_.weights)[0]


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("mu", [0.01, 1.0, 100.0])
def test_components_solve_the_defining_equation(domains, kernel, convention, mu):
    X = np.vstack(domains)
    aligner = TransferComponentAnalysis(4, kernel=kernel, mu=mu, mu_convention=convention, whiten=True)
    aligner.fit(domains[0], X_target=domains[1])
    K, left, right = problem(*domains, kernel, aligner.gamma_, mu, convention)
    W = weights_of_rows(aligner, X)
    residual = np.linalg.norm(left @ W - right @ W * aligner.eigenvalues_, axis=0) / np.linalg.norm(left @ W, axis=0)
    assert residual.max() < 1e-10
    np.testing.assert_allclose(W.T @ left @ W, len(X) * np.eye(4), atol=1e-6)
    largest = linalg.eigh(left, right, eigvals_only=True)[::-1][:4]
    np.testing.assert_allclose(aligner.eigenvalues_, largest, rtol=1e-7)
    Z = np.vstack([aligner.transform(domains[0], domain="source"), aligner.transform(domains[1])])
    np.testing.assert_allclose(Z, K @ W - (K @ W).mean(axis=0), atol=1e-9)


def test_an_eigendecomposition_of_the_product_with_an_inverse_is_not_the_solution(domains):
    """A known mistake: eigh reads one triangle of a matrix that is not symmetric. The test above would see it."""
    _, left, right = problem(*domains, "rbf", 0.1, 1.0, "journal")
    values, W = linalg.eigh(np.linalg.solve(right, left), subset_by_index=[99, 99])
    assert np.linalg.norm(left @ W - right @ W * values) / np.linalg.norm(left @ W) > 1e-3


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_draft_is_the_journal_at_the_inverse_of_mu(domains, kernel):
    journal = transfer_component_analysis(*domains, 3, kernel=kernel, mu=0.2)
    draft = transfer_component_analysis(*domains, 3, kernel=kernel, mu=5.0, mu_convention="draft")
    for one, other in zip(journal, draft, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-8)


def test_a_smaller_mu_brings_the_means_together(domains):
    gaps = []
    for mu in (1e3, 1.0, 1e-3, 1e-6):
        Z_source, Z_target = transfer_component_analysis(*domains, 3, mu=mu)
        gaps.append(np.linalg.norm(Z_source.mean(axis=0) - Z_target.mean(axis=0)))
    assert gaps[0] > gaps[1] > 100 * gaps[2] > 1e4 * gaps[3]


def test_components_have_variance_one_or_the_share_of_their_eigenvalue(domains):
    white = TransferComponentAnalysis(3, whiten=True).fit(domains[0], X_target=domains[1])
    plain = TransferComponentAnalysis(3).fit(domains[0], X_target=domains[1])
    X = np.vstack(domains)
    np.testing.assert_allclose(white.transform(X).var(axis=0), 1, rtol=1e-8)
    shares = white.eigenvalues_ / white.eigenvalues_[0]
    np.testing.assert_allclose(plain.transform(X).var(axis=0), shares, rtol=1e-8)
    np.testing.assert_allclose(plain.transform(X), white.transform(X) * np.sqrt(shares), rtol=1e-8, atol=1e-12)


def shifted_domains(rng, n=150):
    """Return domains whose first feature tells the classes apart, and whose second tells the source apart."""
    y_source, y_target = rng.integers(0, 2, n), rng.integers(0, 2, n)
    noise = 0.3 * rng.normal(size=(2, n, 2))
    # In the source, the second feature goes along with the class and has less noise: a classifier will use it.
    X_source = np.stack([2.0 * y_source, 4.0 * y_source], axis=1) + noise[0]
    X_target = np.stack([2.0 * y_target, np.full(n, 9.0)], axis=1) + noise[1]
    return X_source, y_source, X_target, y_target


def test_it_helps_where_a_direction_differs_that_the_classes_do_not_need(rng):
    X_source, y_source, X_target, y_target = shifted_domains(rng)
    plain = linear_svm().fit(X_source, y_source).score(X_target, y_target)
    Z_source, Z_target = transfer_component_analysis(X_source, X_target, 1, kernel="linear", mu=1e-3)
    assert plain < 0.65
    assert linear_svm().fit(Z_source, y_source).score(Z_target, y_target) > 0.95


def test_it_hurts_where_the_domains_differ_in_the_shares_of_their_classes_alone(rng):
    """What tells the classes apart then tells the domains apart, and is what the components leave out."""
    y_source, y_target = np.arange(300) % 2, (np.arange(300) % 10 == 0).astype(int)
    X_source, X_target = (
        np.stack([4.0 * y + rng.normal(size=300), 6 * rng.normal(size=300)], axis=1) for y in (y_source, y_target)
    )
    plain = linear_svm().fit(X_source, y_source).score(X_target, y_target)
    Z_source, Z_target = transfer_component_analysis(X_source, X_target, 1, kernel="linear", mu=1e-3)
    assert plain > 0.93
    assert linear_svm().fit(Z_source, y_source).score(Z_target, y_target) < 0.7


def test_labels_have_no_part_in_it(domains):
    one = TransferComponentAnalysis(2).fit(domains[0], np.arange(60) % 2, X_target=domains[1])
    other = TransferComponentAnalysis(2).fit(domains[0], ["cat", "dog"] * 30, X_target=domains[1])
    assert one.map_.weights.tobytes() == other.map_.weights.tobytes()


def test_new_rows_go_where_equal_training_rows_went_one_by_one_too(domains):
    aligner = TransferComponentAnalysis(3).fit(domains[0], X_target=domains[1])
    whole = aligner.transform(domains[1])
    np.testing.assert_allclose(np.vstack([aligner.transform(row[None]) for row in domains[1]]), whole, atol=1e-10)


def test_the_order_of_rows_and_of_domains_does_not_matter(domains, rng):
    new = rng.normal(size=(7, 5))
    expected = TransferComponentAnalysis(3).fit(domains[0], X_target=domains[1]).transform(new)
    order = rng.permutation(60)
    shuffled = TransferComponentAnalysis(3).fit(domains[0][order], X_target=domains[1][::-1])
    np.testing.assert_allclose(shuffled.transform(new), expected, atol=1e-8)
    swapped = TransferComponentAnalysis(3).fit(domains[1], X_target=domains[0])
    np.testing.assert_allclose(swapped.transform(new), expected, atol=1e-8)


def test_the_axes_of_the_features_do_not_matter_to_distances(domains):
    turn = ortho_group.rvs(5, random_state=0)
    expected = transfer_component_analysis(*domains, 3)[1]
    turned = transfer_component_analysis(domains[0] @ turn + 3, domains[1] @ turn + 3, 3)[1]
    np.testing.assert_allclose(turned, expected, atol=1e-8)


def test_all_rows_as_landmarks_give_the_exact_components(domains):
    exact = TransferComponentAnalysis(3).fit(domains[0], X_target=domains[1])
    nystroem = TransferComponentAnalysis(3, n_landmarks=1000).fit(domains[0], X_target=domains[1])
    np.testing.assert_allclose(nystroem.eigenvalues_, exact.eigenvalues_, rtol=1e-6)
    # Signs are those of the largest weights, and these differ: the landmarks are in another order.
    Z = np.hstack([aligner.transform(domains[1]) for aligner in (exact, nystroem)])
    np.testing.assert_allclose(np.abs(np.corrcoef(Z.T)[:3, 3:].diagonal()), 1, atol=1e-6)


def test_landmarks_make_no_matrix_of_all_pairs(rng):
    X = rng.normal(size=(1500, 4))
    tracemalloc.start()
    aligner = TransferComponentAnalysis(3, gamma=0.2, n_landmarks=40).fit(X, X_target=X[:1000] + 1)
    landmarks = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert aligner.map_.rows.shape == (40, 4)
    assert landmarks < 5.5 * 2500 * 40 * 8 < 2500**2 * 8


def test_two_matrices_of_all_pairs_are_what_it_takes_and_what_is_counted(rng):
    X, n = rng.normal(size=(350, 4)), 700
    tracemalloc.start()
    TransferComponentAnalysis(3, max_memory=2 * 8 * n**2).fit(X, X_target=X + 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.15 * 8 * n**2
    with pytest.raises(MemoryError, match=r"TCA needs .* 700 x 700.*n_landmarks=279 "):
        TransferComponentAnalysis(3, max_memory=2 * 8 * n**2 - 1).fit(X, X_target=X + 1)
    TransferComponentAnalysis(3, n_landmarks=279, max_memory=2 * 8 * n**2 - 1).fit(X, X_target=X + 1)
    with pytest.raises(MemoryError, match="pass n_landmarks=2 "):
        TransferComponentAnalysis(2, n_landmarks=3, max_memory=2 * 5 * 8 * n).fit(X, X_target=X + 1)
    with pytest.raises(MemoryError, match="fit on fewer rows, or reduce the features first"):
        TransferComponentAnalysis(1, kernel="linear", max_memory=100).fit(X, X_target=X + 1)


def test_components_that_rounding_swallows_are_refused_with_the_way_out(rng):
    X, X_target = 1e4 * rng.normal(size=(60, 6)), 1e4 * (rng.normal(size=(50, 6)) + 1)
    with pytest.raises(ValueError, match="that rounding leaves; scale the features, or raise mu"):
        TransferComponentAnalysis(6, kernel="linear").fit(X, X_target=X_target)
    TransferComponentAnalysis(6, kernel="linear").fit(X / 1e4, X_target=X_target / 1e4)


def test_the_linear_kernel_takes_many_rows_and_many_features_in_its_stride(rng):
    tall, wide = rng.normal(size=(9000, 3)), rng.normal(size=(8, 3000))
    small = 8 * 9000 * 100
    assert (
        TransferComponentAnalysis(kernel="linear", max_memory=small).fit_transform(tall, X_target=tall + 1).shape[1]
        == 3
    )
    tracemalloc.start()
    aligner = TransferComponentAnalysis(kernel="linear").fit(wide, X_target=wide + 1)
    assert tracemalloc.get_traced_memory()[1] < 3000**2 * 8 / 10
    tracemalloc.stop()
    # 16 rows, of which the shifted ones add a single direction to the 7 of 8 centred rows.
    assert aligner.n_components_ == 8


def test_without_a_target_nothing_is_aligned(domains):
    aligner = TransferComponentAnalysis(3).fit(domains[0])
    same = TransferComponentAnalysis(3, mu=100.0).fit(domains[0])
    np.testing.assert_allclose(aligner.transform(domains[1]), same.transform(domains[1]), atol=1e-9)
    K = kernel_matrix(domains[0], gamma=aligner.gamma_)
    left = K @ (K - K.mean(axis=0))
    residual = left @ aligner.map_.weights - aligner.map_.weights * aligner.eigenvalues_
    np.testing.assert_allclose(residual, 0, atol=1e-8 * np.abs(left).max())


def test_a_target_that_is_the_source_gives_the_components_of_the_source_alone(domains):
    X = domains[0]
    alone = TransferComponentAnalysis(3).fit(X)
    twice = TransferComponentAnalysis(3, gamma=alone.gamma_).fit(X, X_target=X.copy())
    np.testing.assert_allclose(twice.transform(domains[1]), alone.transform(domains[1]), atol=1e-7)


def test_a_fit_gives_the_same_bytes_every_time_and_starts_afresh(domains):
    first, second = (TransferComponentAnalysis(3).fit(domains[0], X_target=domains[1]) for _ in range(2))
    assert first.map_.weights.tobytes() == second.map_.weights.tobytes()
    second.fit(domains[1][:, :3], X_target=domains[0][:, :3])
    assert second.transform(domains[0][:, :3]).shape == (60, 3)


def test_the_largest_weight_of_each_component_is_positive(domains):
    for settings in ({}, {"kernel": "linear"}, {"n_landmarks": 30}):
        W = TransferComponentAnalysis(3, **settings).fit(domains[0], X_target=domains[1]).map_.weights
        assert (W[np.abs(W).argmax(axis=0), np.arange(3)] > 0).all()


def test_the_rows_given_are_neither_changed_nor_held_on_to(domains):
    for settings in ({}, {"kernel": "linear"}):
        X, X_target = (part.copy() for part in domains)
        before = X.copy(), X_target.copy()
        aligner = TransferComponentAnalysis(2, **settings).fit(X)
        aligner.fit(X, X_target=X_target)
        np.testing.assert_array_equal(X, before[0])
        np.testing.assert_array_equal(X_target, before[1])
        alone = TransferComponentAnalysis(2, **settings).fit(X)
        expected = alone.transform(before[1])
        X[:] = 0
        np.testing.assert_array_equal(alone.transform(before[1]), expected)


def test_few_components_carry_variance_where_rows_repeat(rng):
    X = np.repeat(rng.normal(size=(3, 6)), 20, axis=0)
    aligner = TransferComponentAnalysis().fit(X, X_target=X[:40] * 2)
    assert aligner.n_components_ == 4  # five different rows
    with pytest.raises(ValueError, match="between 1 and 4, got 5: only so many components of these 100 rows carry"):
        TransferComponentAnalysis(5).fit(X, X_target=X[:40] * 2)


def test_few_rows_with_many_features_are_enough(rng):
    aligner = TransferComponentAnalysis().fit(rng.normal(size=(3, 50)), X_target=rng.normal(size=(2, 50)))
    assert aligner.n_components_ == 4
    with pytest.raises(ValueError, match="between 1 and 5, got 6: the kernel of 5 rows has rank 5 at most"):
        TransferComponentAnalysis(6).fit(rng.normal(size=(3, 50)), X_target=rng.normal(size=(2, 50)))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kernel": "poly"}, "kernel must be one of 'linear', 'rbf', got 'poly'"),
        ({"mu": 0.0}, "mu must be a number above 0, got 0.0"),
        ({"gamma": -1}, "gamma must be a number above 0"),
        ({"gamma": 1e-300}, "gamma=1e-300 is too small"),
        ({"mu_convention": "jornal"}, "did you mean 'journal'"),
        ({"n_landmarks": 0}, "n_landmarks must be a whole number from 1 on, got 0"),
        ({"max_memory": 0}, "max_memory must be a whole number of bytes from 1 on"),
        ({"n_components": 0}, "n_components must be between 1 and 100, got 0"),
    ],
)
def test_settings_that_mean_nothing_are_refused(domains, settings, message):
    with pytest.raises(ValueError, match=message):
        TransferComponentAnalysis(**settings).fit(domains[0], X_target=domains[1])


@pytest.mark.parametrize("kernel", KERNELS)
def test_constant_features_are_refused_and_one_constant_feature_is_not(rng, kernel):
    with pytest.raises(ValueError, match="only constant features"):
        TransferComponentAnalysis(kernel=kernel).fit(np.full((9, 3), 0.1), X_target=np.full((5, 3), 0.1))
    X = np.hstack([rng.normal(size=(30, 2)), np.full((30, 1), 0.1)])
    Z = TransferComponentAnalysis(2, kernel=kernel).fit_transform(X, X_target=X[:20] + 1)
    assert np.isfinite(Z).all()


def test_hostile_rows_are_named(rng):
    X = rng.normal(size=(9, 3))
    with pytest.raises(ValueError, match="X_target has 2 features, but X has 3"):
        TransferComponentAnalysis().fit(X, X_target=X[:, :2])
    with pytest.raises(ValueError, match="X_target contains NaN"):
        TransferComponentAnalysis().fit(X, X_target=np.full((9, 3), np.nan))
    with pytest.raises(ValueError, match="minimum of 2 is required"):
        TransferComponentAnalysis().fit(X[:1], X_target=X)


def test_clone_pickle_names_and_domains(domains):
    aligner = TransferComponentAnalysis(2).fit(domains[0], X_target=Domain(domains[1]))
    again = pickle.loads(pickle.dumps(aligner))
    np.testing.assert_array_equal(again.transform(Domain(domains[1])), aligner.transform(domains[1]))
    assert clone(aligner).get_params()["n_components"] == 2
    assert aligner.get_feature_names_out().tolist() == ["transfercomponentanalysis0", "transfercomponentanalysis1"]


def test_pipelines_pass_the_target(rng):
    X_source, y_source, X_target, y_target = shifted_domains(rng)
    labels = np.array(["cat", "dog"])
    steps = (TransferComponentAnalysis(1, kernel="linear", mu=1e-3), LinearSVC())
    plain = make_pipeline(*steps).fit(X_source, labels[y_source], transfercomponentanalysis__X_target=X_target)
    assert (plain.predict(X_target) == labels[y_target]).mean() > 0.95
    adapting = make_adaptation_pipeline(*steps).fit(X_source, labels[y_source], X_target=X_target)
    np.testing.assert_array_equal(adapting.predict(X_target), plain.predict(X_target))


@pytest.mark.parametrize("settings", [{}, {"kernel": "linear"}, {"n_landmarks": 20, "whiten": True}])
def test_scikit_learns_own_battery(settings):
    assert_passes_the_battery(TransferComponentAnalysis(**settings))


def test_a_dimension_that_cannot_be_is_refused_before_the_kernel_is_made(rng):
    with pytest.raises(ValueError, match="n_components must be between 1 and 30, got 31"):
        TransferComponentAnalysis(31, max_memory=1).fit(rng.normal(size=(20, 3)), X_target=rng.normal(size=(10, 3)))
