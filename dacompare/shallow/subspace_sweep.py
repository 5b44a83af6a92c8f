"""Retrain a linear SVM after subspace alignment at every dimension, and pick one without target labels."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.metrics import accuracy_score
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from dacompare.domains.checks import check_same_columns
from dacompare.domains.cross_validation import warn_of_cut_target, warn_of_target_map
from dacompare.domains.unwrapping import groups_of, rows_for
from dacompare.names import check_name
from dacompare.selection.validators import VALIDATORS
from dacompare.shallow.dimensions import (
    SOLVERS,
    Classifier,
    Projected,
    dimension_list,
    dimension_range,
    project_domains,
    train_dimensions,
    unaligned,
)
from dacompare.shallow.held_out import hold_out
from dacompare.shallow.newton_svm import append_constant
from dacompare.shallow.rows import DomainName, check_domain, check_given, check_target
from dacompare.shallow.source_rows import check_labelled_source
from dacompare.shallow.subspace_alignment import MIN_BLOCK, Floats, SubspaceAlignment

SWEEP_VALIDATORS = ("source-accuracy", "reverse-svm", "entropy")
SWEEP_CHOICES = (*SWEEP_VALIDATORS, "bnm")  # what scores a dimension in about the time of one more SVM


def subspace_sweep(
    X_source: Any,
    y_source: ArrayLike,
    X_target: Any,
    dimensions: Sequence[int],
    *,
    C: float = 1.0,
    solver: str = "auto",
    n_jobs: int | None = None,
    random_state: int | None = 0,
) -> NDArray[Any]:
    """Return what a linear SVM says about the target after subspace alignment, at each dimension.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features) or Domain
    y_source : array-like of shape (n_source,)
    X_target : array-like of shape (n_target, n_features) or Domain
    dimensions : sequence of int
        Each from 1 to what both domains have.
    C : float
        Of every SVM.
    solver : {"liblinear", "newton", "auto"}
        As in `SubspaceSweep`.
    n_jobs : int or None
        Dimensions side by side; the result does not depend on it.
    random_state : int or None
        Of every SVM.

    Returns
    -------
    ndarray of shape (n_dimensions, n_target)
        Predicted labels. Costs are those of :class:`SubspaceSweep`.

    References
    ----------
    Ganin & Lempitsky 2015, section 4: the subspace dimensionality is taken from {2, …, 60}.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(60, 5)), np.arange(60) % 2
    >>> subspace_sweep(X, y, X[:40] + 1, [1, 2, 3]).shape
    (3, 40)
    """
    wanted = dimension_list(dimensions)
    check_given(X_target)
    source, labels = check_labelled_source(SubspaceSweep(), X_source, y_source)
    aligner = SubspaceAlignment(max(wanted)).set_output(transform="default").fit(X_source, X_target=X_target)
    target = aligner.transform(X_target)
    projected = Projected(append_constant(unaligned(aligner, source), 1.0), labels, target)
    svms = train_dimensions(projected, aligner.alignment_, wanted, (), C, n_jobs, random_state, solver)[0]
    return np.stack([svm.predict(target[:, :d]) for svm, d in zip(svms, wanted, strict=True)])


class SubspaceSweep(ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Subspace alignment and a linear SVM at every dimension, one of them picked without target labels.

    Both domains are decomposed once; every dimension takes the first columns. Where no held-out source rows
    are given, a share of the source is set aside until the dimension is picked; then everything is trained on all
    rows. A single dimension needs no pick, and sets nothing aside. Costs two decompositions, O(n d² + d³), and an SVM
    per dimension, of which Newton's takes O(n k²) a step at k dimensions.

    Parameters
    ----------
    n_components : (int, int) or int
        Smallest and largest dimension, both included; clipped to what the features allow. A single number
        is a sweep of one.
    validator : {"reverse-svm", "source-accuracy", "entropy", "bnm"}
        Picks the dimension; of equals the smallest.
    validators : sequence of str
        Also scored at every dimension.
    C : float
        Of every SVM.
    test_size : float
        Share of the source set aside by class where ``fit`` gets no ``X_source_test``, in (0, 1). Groups of a `Domain`
        stay whole.
    solver : {"liblinear", "newton", "auto"}
        What trains the SVMs. "newton" finds the same minimum in a fraction of the time where rows are many and
        dimensions few; "auto" takes it up to 500 dimensions.
    n_jobs : int or None
        Dimensions side by side; results do not depend on it.
    random_state : int or None
        Of the split and of every SVM.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    dimensions_ : ndarray of int
        Dimensions in the sweep.
    n_components_limit_ : int
        What the features allow: the smaller rank of the two centred domains.
    clipped_ : bool
        Whether the range asked for went beyond that.
    aligner_ : SubspaceAlignment
        At the largest dimension; smaller ones use the leading part of its components and its alignment.
    classifiers_ : list of LinearSVC or NewtonSVC
        One per dimension.
    validator_scores_ : dict of str -> ndarray of shape (n_dimensions,)
    best_n_components_ : int
        Picked by `validator`.
    n_features_in_ : int

    References
    ----------
    Ganin & Lempitsky 2015, section 4; Fernando et al. 2013. There the dimension with the highest target
    accuracy is taken: see ``oracle_n_components``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(100, 5)), np.arange(100) % 2
    >>> X[:, 0] += 4 * y
    >>> sweep = SubspaceSweep((1, 60)).fit(X, y, X_target=X[:50] + 1)
    >>> sweep.dimensions_.tolist(), sweep.clipped_
    ([1, 2, 3, 4, 5], True)
    >>> sweep.score(X[50:] + 1, y[50:]) > 0.9
    True
    """

    # Read by scikit-learn's metadata routing: no user has to call set_fit_request.
    __metadata_request__fit = {"X_target": True, "X_source_test": False, "y_source_test": False}
    __metadata_request__transform = {"domain": True, "n_components": False}
    __metadata_request__predict = {"domain": True, "n_components": False}
    __metadata_request__decision_function = {"domain": True, "n_components": False}

    def __init__(
        self,
        n_components: tuple[int, int] | int = (2, 60),
        *,
        validator: str = "reverse-svm",
        validators: Sequence[str] = SWEEP_VALIDATORS,
        C: float = 1.0,
        test_size: float = 0.2,
        solver: str = "auto",
        n_jobs: int | None = None,
        random_state: int | None = 0,
    ) -> None:
        self.n_components = n_components
        self.validator = validator
        self.validators = validators
        self.C = C
        self.test_size = test_size
        self.solver = solver
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        *,
        X_target: Any = None,
        X_source_test: Any = None,
        y_source_test: ArrayLike | None = None,
    ) -> "SubspaceSweep":
        """Decompose both domains, train an SVM per dimension, score each, pick one.

        Parameters
        ----------
        X : array-like of shape (n_source, n_features) or Domain
            Source rows.
        y : array-like of shape (n_source,)
            Their labels.
        X_target : array-like of shape (n_target, n_features) or Domain, optional
            Target rows; None aligns the source with itself.
        X_source_test, y_source_test : array-likes, optional
            Source rows for the validators.
        """
        check_name("solver", self.solver, SOLVERS)
        low, high = dimension_range(self.n_components)
        names = self._check_validators()
        rows, labels = check_labelled_source(self, X, y)
        check_same_columns(X, X_target)
        check_same_columns(X, X_source_test, target="X_source_test")
        warn_of_cut_target(X, X_target)
        target = None if X_target is None else check_target(X_target, self.n_features_in_)
        alone = X_source_test is None and y_source_test is None
        if alone and low == high:  # nothing to pick, so nothing is set aside
            train, test, names = (rows, labels), None, ()
        else:
            train, test = hold_out(
                rows, labels, X_source_test, y_source_test,
                groups=groups_of(X), test_size=self.test_size, random_state=self.random_state,
            )  # fmt: skip
        self.classes_ = np.unique(labels)
        whole = SubspaceAlignment().set_output(transform="default").fit(train[0], X_target=target)
        self.n_components_limit_ = whole.n_components_
        self.clipped_ = high > self.n_components_limit_
        high = min(high, self.n_components_limit_)
        self.dimensions_ = np.arange(min(low, high), high + 1)
        self.aligner_ = whole.truncate(high)
        again, projected = alone and test is not None, project_domains(self.aligner_, train, test, target, names)
        del train, test  # copies of all source rows, where some were set aside
        self.validator_scores_ = self._train(projected, names)
        self._pick()
        if again:  # the pick is made: the rows set aside teach as well
            del projected
            self.aligner_ = SubspaceAlignment(high).set_output(transform="default").fit(rows, X_target=target)
            self._train(project_domains(self.aligner_, (rows, labels), None, target, ()), ())
        return self

    def fit_transform(self, X: Any, y: ArrayLike, **domains: Any) -> Floats:
        """Learn from both domains, and return the aligned source at the dimension picked."""
        return self.fit(X, y, **domains).transform(X, domain="source")

    def transform(self, X: Any, *, domain: DomainName = "target", n_components: int | None = None) -> Floats:
        """Return rows of either domain in the common space, shape (n, n_components).

        Parameters
        ----------
        X : array-like of shape (n, n_features) or Domain
        domain : {"target", "source"}
            Which domain the rows come from.
        n_components : int or None
            One of ``dimensions_``; None for the one picked.
        """
        return self._aligned(X, domain, n_components)

    def predict(self, X: Any, *, domain: DomainName = "target", n_components: int | None = None) -> NDArray[Any]:
        """Return the label of each row, shape (n,); parameters as in ``transform``."""
        return self._classifier(n_components).predict(self._aligned(X, domain, n_components))

    def decision_function(self, X: Any, *, domain: DomainName = "target", n_components: int | None = None) -> Floats:
        """Return the SVM's scores, shape (n, n_classes), or (n,) for two classes."""
        return self._classifier(n_components).decision_function(self._aligned(X, domain, n_components))

    def score(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None, *, domain: DomainName = "target"
    ) -> float:
        """Return the accuracy at the dimension picked, in [0, 1]."""
        return accuracy_score(y, self.predict(X, domain=domain), sample_weight=sample_weight)

    def predict_all(self, X: Any, *, domain: DomainName = "target") -> NDArray[Any]:
        """Return the label of each row at every dimension, shape (n_dimensions, n)."""
        rows = self._checked(X, domain)
        said = np.empty((len(self.dimensions_), len(rows)), self.classes_.dtype)
        for part in gen_batches(len(rows), MIN_BLOCK):  # projected, all rows would take as much memory again
            Z = self._project(rows[part], domain)
            for i, (d, svm) in enumerate(zip(self.dimensions_.tolist(), self.classifiers_, strict=True)):
                said[i, part] = svm.predict(self._reduce(Z, domain, d))
        return said

    def accuracy_curve(self, X: Any, y: ArrayLike, *, domain: DomainName = "target") -> Floats:
        """Return the accuracy at every dimension, shape (n_dimensions,)."""
        said, labels = self.predict_all(X, domain=domain), np.asarray(y)
        if labels.shape != said.shape[1:]:
            raise ValueError(f"y must hold a label for each of the {said.shape[1]} rows, got shape {labels.shape}.")
        if (labels.dtype.kind in "OSU") != (said.dtype.kind in "OSU"):
            raise ValueError(f"y must hold labels of the type that fit got, {said.dtype}, got {labels.dtype}.")
        return (said == labels).mean(axis=1)

    def oracle_n_components(self, X: Any, y: ArrayLike) -> int:
        """Return the dimension with the highest accuracy on target rows; of equals the smallest.

        It uses labels of the target test set, as the paper does: for an oracle row only, never ranked.
        """
        return int(self.dimensions_[np.argmax(self.accuracy_curve(X, y))])

    def _train(self, projected: Projected, names: tuple[str, ...]) -> dict[str, Floats]:
        """Train the SVMs; return what validators say of them."""
        how = (names, self.C, self.n_jobs, self.random_state, self.solver)
        self.classifiers_, scores = train_dimensions(projected, self.aligner_.alignment_, self.dimensions_, *how)
        return scores

    def _pick(self) -> None:
        if not self.validator_scores_:
            self.best_n_components_ = int(self.dimensions_[0])
            return
        sign = 1 if VALIDATORS[self.validator].higher_is_better else -1
        self.best_n_components_ = int(self.dimensions_[np.nanargmax(sign * self.validator_scores_[self.validator])])

    def _check_validators(self) -> tuple[str, ...]:
        if isinstance(self.validators, str):
            raise TypeError(f"validators must be a list of names, got {self.validators!r}.")
        for name in (self.validator, *self.validators):
            check_name("validator", name, SWEEP_CHOICES)
        return tuple(dict.fromkeys((self.validator, *self.validators)))

    def _aligned(self, X: Any, domain: str, n_components: int | None) -> Floats:
        d = self._dimension(n_components)
        warn_of_target_map(domain)
        return self._reduce(self._project(self._checked(X, domain), domain), domain, d)

    def _checked(self, X: Any, domain: str) -> Floats:
        check_is_fitted(self)
        check_domain(domain)
        return validate_data(self, rows_for(self, X), dtype=np.float64, reset=False)

    def _project(self, rows: Floats, domain: str) -> Floats:
        with threadpool_limits(1):
            return self.aligner_.transform(rows) if domain == "target" else unaligned(self.aligner_, rows)

    def _reduce(self, Z: Floats, domain: str, d: int) -> Floats:
        return Z[:, :d] if domain == "target" else Z[:, :d] @ self.aligner_.alignment_[:d, :d]

    def _dimension(self, n_components: int | None) -> int:
        check_is_fitted(self)
        d = self.best_n_components_ if n_components is None else n_components
        if d not in self.dimensions_:
            first, last = self.dimensions_[[0, -1]]
            raise ValueError(f"n_components must be one of the sweep's dimensions, {first} to {last}, got {d!r}.")
        return int(d)

    @property
    def _n_features_out(self) -> int:
        return self.best_n_components_

    def _classifier(self, n_components: int | None) -> Classifier:
        d = self._dimension(n_components)
        return self.classifiers_[d - int(self.dimensions_[0])]
