"""Train and judge a linear SVM at each dimension of an aligned space."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any, TypeAlias

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.svm import LinearSVC
from sklearn.utils.validation import check_consistent_length
from threadpoolctl import threadpool_limits

from dacompare.names import check_name
from dacompare.selection.temperature import fit_known_temperature, svm_probabilities
from dacompare.selection.validators import VALIDATORS, Candidate, score_candidate
from dacompare.shallow.linear_svm import linear_svm
from dacompare.shallow.newton_svm import NewtonSVC, append_constant, check_hessians, positives
from dacompare.shallow.squared_hinge import ActiveGram, SquaredHinge, minimise
from dacompare.shallow.subspace_alignment import SubspaceAlignment, project

Floats = NDArray[np.float64]
Classifier: TypeAlias = LinearSVC | NewtonSVC

SOLVERS = ("liblinear", "newton", "auto")
# Beyond, a Hessian of n d² costs more than the many cheap steps of LIBLINEAR.
NEWTON_DIMENSIONS = 500
# Neighbours that begin where the last one ended. A fixed number: the bits must not depend on n_jobs.
NEIGHBOURS = 10


@dataclass(frozen=True)
class Projected:
    """Rows on all principal directions of their own domain; the first d columns are those of dimension d.

    Parameters
    ----------
    rows : ndarray of shape (n_source, 1 + n_directions)
        (X_s − μ_s) P_s, not yet aligned, with a constant one in front: see
        :func:`~dacompare.shallow.newton_svm.append_constant`.
    y : ndarray of shape (n_source,)
        Labels of the source.
    target : ndarray of shape (n_target, n_directions)
        (X_t − μ_t) P_t.
    source_test, y_test : ndarrays, optional
        Held-out source rows and labels, for validators only.
    """

    rows: Floats
    y: NDArray[Any]
    target: Floats
    source_test: Floats | None = None
    y_test: NDArray[Any] | None = None

    @property
    def source(self) -> Floats:
        """The source without the constant: a view, as a second copy would be half the memory."""
        return self.rows[:, 1:]


def dimension_range(n_components: Any) -> tuple[int, int]:
    """Return the smallest and the largest dimension of a sweep, which are the same where one number is asked for.

    Raises
    ------
    ValueError
        For anything but a whole number above 0, or two of them in order.

    Examples
    --------
    >>> dimension_range((2, 60)), dimension_range(20)
    ((2, 60), (20, 20))
    """
    wanted = tuple(n_components) if isinstance(n_components, list | tuple) else (n_components, n_components)
    whole = all(isinstance(n, Integral) and not isinstance(n, bool) for n in wanted)
    if not whole or len(wanted) != 2 or not 1 <= wanted[0] <= wanted[1]:
        raise ValueError(
            "n_components must be the smallest and largest dimension, such as (2, 60), or a single one, such as 20,"
            f" from 1 on, got {n_components!r}."
        )
    return wanted[0], wanted[1]


def dimension_list(dimensions: Any) -> list[int]:
    """Return the dimensions that somebody lists, in that order.

    Raises
    ------
    ValueError
        For anything but a list of whole numbers above 0.

    Examples
    --------
    >>> dimension_list(range(2, 5)), dimension_list(np.array([5, 3]))
    ([2, 3, 4], [5, 3])
    """
    wanted = np.asarray(dimensions)
    if wanted.ndim != 1 or wanted.dtype.kind not in "iu" or not len(wanted) or wanted.min() < 1:
        given = wanted.tolist() if wanted.ndim else dimensions
        raise ValueError(
            f"dimensions must be whole numbers from 1 on, at least one, got {given!r}; pass a list, such as [2, 5]."
        )
    return [int(d) for d in wanted]


def unaligned(aligner: SubspaceAlignment, X: Any) -> Floats:
    """Return source rows on their principal directions, (X_s − μ_s) P_s, before the alignment.

    Examples
    --------
    >>> aligner = SubspaceAlignment().fit([[0.0, 1.0], [0.0, 5.0]])
    >>> unaligned(aligner, [[7.0, 4.0]]).round(6).tolist()
    [[1.0]]
    """
    return project(np.asarray(X, np.float64), aligner.source_mean_, aligner.source_components_)


def project_domains(
    aligner: SubspaceAlignment,
    train: tuple[Floats, NDArray[Any]],
    test: tuple[Floats, NDArray[Any]] | None,
    X_target: Floats | None,
    validators: Sequence[str],
) -> Projected:
    """Return labelled rows to train and to test on, and the target, on the principal directions of their domain.

    Of the target a single row is taken where no validators look at it; None stands for the source.

    Examples
    --------
    >>> X, y = np.array([[0.0, 1.0], [0.0, 5.0]]), np.array([0, 1])
    >>> project_domains(SubspaceAlignment().fit(X), (X, y), None, None, ()).target.round(6).tolist()
    [[-2.0]]
    """
    target = train[0] if X_target is None else X_target
    with threadpool_limits(1):
        rows = append_constant(unaligned(aligner, train[0]), 1.0)  # first: it takes two copies for a moment
        held_out, y_test = (None, None) if test is None else (unaligned(aligner, test[0]), test[1])
        return Projected(rows, train[1], aligner.transform(target if validators else target[:1]), held_out, y_test)


def train_dimensions(
    projected: Projected,
    alignment: Floats,
    dimensions: Sequence[int] | NDArray[np.int64],
    validators: Sequence[str],
    C: float,
    n_jobs: int | None,
    random_state: int | None,
    solver: str = "liblinear",
) -> tuple[list[Classifier], dict[str, Floats]]:
    """Train a linear SVM at each dimension, and score it by each validator.

    Parameters
    ----------
    projected : Projected
    alignment : ndarray of shape (n_directions, n_directions)
        P_sᵀ P_t; its corner aligns fewer directions.
    dimensions : sequence of int
        Each from 1 to n_directions.
    validators : sequence of str
        Keys of `VALIDATORS` that score a candidate by itself.
    C, random_state
        Of every SVM.
    n_jobs : int or None
        Dimensions side by side; the result does not depend on it.
    solver : {"liblinear", "newton", "auto"}
        "newton" minimises the same objective, but goes on from one dimension to the next; "auto" takes it up to 500
        dimensions.

    Returns
    -------
    classifiers : list of LinearSVC or NewtonSVC
    scores : dict of str -> ndarray of shape (n_dimensions,)
        NaN where a validator has none: "entropy" and "bnm" need a held-out row of a class that the SVM knows.

    Examples
    --------
    >>> Z, y = np.array([[0.0, 1.0], [2.0, 0.0]]), np.array([0, 1])
    >>> rows = Projected(np.insert(Z, 0, 1.0, axis=1), y, Z)
    >>> svms, scores = train_dimensions(rows, np.eye(2), [1, 2], (), 1.0, None, 0)
    >>> [svm.n_features_in_ for svm in svms], scores
    ([1, 2], {})
    """
    wanted = [int(d) for d in dimensions]
    if choose_solver(solver, max(wanted)) == "newton":
        done = _newton(projected, alignment, wanted, validators, C, n_jobs)
    else:
        done = _liblinear(projected, alignment, wanted, validators, C, n_jobs, random_state)
    # A score that cannot be had, None, is NaN among the others.
    scores = {name: np.array([own[name] for _, own in done], np.float64) for name in validators}
    return [svm for svm, _ in done], scores


def choose_solver(solver: str, dimension: int) -> str:
    """Return "liblinear" or "newton", whichever "auto" stands for at this many dimensions.

    Raises
    ------
    ValueError
        For any other name.

    Examples
    --------
    >>> choose_solver("auto", 60), choose_solver("auto", 2048)
    ('newton', 'liblinear')
    """
    check_name("solver", solver, SOLVERS)
    if solver != "auto":
        return solver
    return "newton" if dimension <= NEWTON_DIMENSIONS else "liblinear"


Judged = tuple[Classifier, dict[str, float | None]]


def _liblinear(
    projected: Projected,
    alignment: Floats,
    dimensions: list[int],
    validators: Sequence[str],
    C: float,
    n_jobs: int | None,
    random_state: int | None,
) -> list[Judged]:
    # The longest first, so that no core waits for another at the end.
    order = sorted(range(len(dimensions)), key=lambda position: -dimensions[position])
    done = Parallel(n_jobs=n_jobs)(
        delayed(_train_one)(projected, alignment[:d, :d], validators, C, random_state)
        for d in (dimensions[position] for position in order)
    )
    return [judged for _, judged in sorted(zip(order, done, strict=True), key=lambda pair: pair[0])]


def _train_one(
    projected: Projected, alignment: Floats, validators: Sequence[str], C: float, random_state: int | None
) -> Judged:
    """Train and judge the SVM of one dimension."""
    # One BLAS thread: small matrices gain nothing from two, and the sums come out the same for any n_jobs.
    with threadpool_limits(1):
        svm = linear_svm(C, random_state).fit(projected.source[:, : len(alignment)] @ alignment, projected.y)
        return svm, _judge(svm, projected, alignment, validators)


def _newton(
    projected: Projected,
    alignment: Floats,
    dimensions: list[int],
    validators: Sequence[str],
    C: float,
    n_jobs: int | None,
) -> list[Judged]:
    """Train and judge runs of neighbouring dimensions side by side, in threads that share the rows."""
    NewtonSVC(C).check_parameters()
    check_consistent_length(projected.source, projected.y)
    classes, codes = np.unique(projected.y, return_inverse=True)
    rows = projected.rows[:, : 1 + max(dimensions)]
    hinge = SquaredHinge(rows, codes, positives(classes), float(C))
    check_hessians(len(hinge.positives), rows.shape[1])
    runs = [dimensions[start : start + NEIGHBOURS] for start in range(0, len(dimensions), NEIGHBOURS)]
    order = sorted(range(len(runs)), key=lambda position: -max(runs[position]))
    # Around the threads, not in them: the limit is one for the process, and the first to end would lift it.
    with threadpool_limits(1):
        done = Parallel(n_jobs=n_jobs, require="sharedmem")(
            delayed(_train_run)(hinge, classes, projected, alignment, runs[position], validators) for position in order
        )
    return [one for _, run in sorted(zip(order, done, strict=True), key=lambda pair: pair[0]) for one in run]


def _train_run(
    hinge: SquaredHinge,
    classes: NDArray[Any],
    projected: Projected,
    alignment: Floats,
    dimensions: list[int],
    validators: Sequence[str],
) -> list[Judged]:
    """Train and judge one dimension after the other, each from the rows that were inside the margin in the last.

    With U_d the source on d directions and M_d the corner of the alignment, a row's features are U_d M_d: those of
    different dimensions are not nested, but U_d is, and so are sums of its rows. The weights stay those of the
    aligned features, where the margin is measured.
    """
    width = max(dimensions) + 1
    gram = ActiveGram(replace(hinge, rows=hinge.rows[:, :width]))
    turn = np.eye(width)
    turn[1:, 1:] = alignment[: width - 1, : width - 1]
    done = []
    for d in dimensions:
        svm = NewtonSVC(hinge.C)
        found = minimise(gram, turn[: d + 1, : d + 1], tol=svm.tol, max_iter=svm.max_iter)
        svm.accept(classes, found)
        done.append((svm, _judge(svm, projected, alignment[:d, :d], validators)))
    return done


def _judge(
    svm: Classifier, projected: Projected, alignment: Floats, validators: Sequence[str]
) -> dict[str, float | None]:
    if not validators:
        return {}
    assert projected.source_test is not None, "validators always come with held-out rows"
    d = len(alignment)
    test, target = projected.source_test[:, :d] @ alignment, projected.target[:, :d]
    of_test, of_target = svm.decision_function(test), svm.decision_function(target)
    probabilities = None
    if any("target_probabilities" in VALIDATORS[name].needs for name in validators):
        temperature = fit_known_temperature(of_test, np.asarray(projected.y_test), classes=svm.classes_)
        probabilities = None if temperature is None else svm_probabilities(of_target, temperature)
    candidate = Candidate(
        y_source_test=projected.y_test,
        source_test_predictions=_labels(svm, of_test),
        source_test_features=test,
        target_features=target,
        target_predictions=_labels(svm, of_target),
        target_probabilities=probabilities,
    )
    del of_test, of_target
    return {name: score_candidate(name, candidate).value for name in validators}


def _labels(svm: Classifier, scores: Floats) -> NDArray[Any]:
    """Return what the SVM's ``predict`` says of rows whose scores are known."""
    return svm.classes_[(scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)]
