"""Let scikit-learn's searches choose as the paper does: by the source test error and by how well the domains mix."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dacompare.domains import Domain
from dacompare.domains.unwrapping import rows_for
from dacompare.selection.scorer import measured, validator_scorer
from dacompare.selection.validators import rank_values

SOURCE, DOMAIN = "source-accuracy", "domain-error"


def paper_scoring(*, X_target: Any) -> dict[str, Callable[[Any, Any, Any], float]]:
    """Return the two scorers that the paper's criterion ranks by, for ``scoring`` beside ``refit=paper_refit``.

    Parameters
    ----------
    X_target : array-like of shape (n_target, ...) or Domain
        Target rows to tell the held-out source rows from; what fit gets does not reach a scorer.

    Returns
    -------
    dict
        "source-accuracy", as :func:`~dacompare.validator_scorer` gives it, and "domain-error", the error of a linear
        classifier that tells held-out source rows from target rows by the estimator's features: 0 far, about ½ mixed.
        The latter trains some 16 SVMs a fold, on 5,000 rows of each domain at most.

    Raises
    ------
    ValueError
        Where `X_target` is None.

    References
    ----------
    Ganin & Lempitsky 2015, section 4.

    Examples
    --------
    >>> from sklearn.svm import LinearSVC
    >>> X, y = np.arange(8.0)[:, None], np.repeat([0, 1], 4)
    >>> model = LinearSVC().fit(X, y)
    >>> {name: score(model, X, y) for name, score in paper_scoring(X_target=X + 100).items()}
    {'source-accuracy': 1.0, 'domain-error': 0.0}
    """
    if X_target is None:
        raise ValueError(
            "paper_scoring needs target rows: write paper_scoring(X_target=…); what fit gets does not reach a scorer."
        )
    return {SOURCE: validator_scorer(SOURCE), DOMAIN: DomainErrorScorer(X_target)}


def paper_refit(cv_results: Mapping[str, Any]) -> int:
    """Return which parameters a search is to train with: those of the least mean rank by the paper's two measurements.

    The means over the folds of source accuracy and of domain error are ranked, as :func:`rank_values` does, and of
    equals the first is taken. The choice has no score of its own: use the search's ``predict``, not its ``score``.

    Parameters
    ----------
    cv_results : mapping of str -> array
        The ``cv_results_`` of a search with ``scoring=paper_scoring(X_target=...)``, which may have further scorers.

    Returns
    -------
    int
        Position of the parameters in ``cv_results["params"]``.

    Raises
    ------
    ValueError
        Without one of the two measurements, and where no parameters have both.

    References
    ----------
    Ganin & Lempitsky 2015, section 4: parameters are chosen "observing the test error on the source domain
    and the domain classifier error".

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.svm import LinearSVC
    >>> from dacompare import Domain, SubspaceAlignment, make_adaptation_pipeline
    >>> rng = np.random.default_rng(0)
    >>> y = np.arange(60) % 2
    >>> X = rng.normal(size=(60, 4)) + 3 * y[:, None]
    >>> target = Domain(X + rng.normal(size=(60, 4)))
    >>> pipeline = make_adaptation_pipeline(SubspaceAlignment(), LinearSVC())
    >>> grid = {"subspacealignment__n_components": [1, 2]}
    >>> search = GridSearchCV(pipeline, grid, scoring=paper_scoring(X_target=target), refit=paper_refit, cv=3)
    >>> search.fit(X, y, X_target=target).best_params_["subspacealignment__n_components"] in (1, 2)
    True
    """
    missing = [key for key in (f"mean_test_{SOURCE}", f"mean_test_{DOMAIN}") if key not in cv_results]
    if missing:
        raise ValueError(
            f"cv_results has no {missing[0]!r}; give the search scoring=paper_scoring(X_target=…) beside"
            " refit=paper_refit."
        )
    values = (np.asarray(cv_results[f"mean_test_{name}"], np.float64).tolist() for name in (SOURCE, DOMAIN))
    ranks = rank_values(*values)
    known = [(rank, position) for position, rank in enumerate(ranks) if rank is not None]
    if not known:
        raise ValueError(
            f"none of the {len(ranks)} settings has both a source accuracy and a domain error; error_score='raise'"
            " makes the search say why."
        )
    return min(known)[1]


class DomainErrorScorer:
    """Score an estimator by how hard its features make it to tell the domains apart; a callable that can be pickled.

    Parameters
    ----------
    X_target : array-like or Domain
        Groups of a `Domain` stay on one side, as in :func:`~dacompare.proxy_a_distance`.
    """

    def __init__(self, X_target: Any) -> None:
        self.X_target = X_target

    def __call__(self, estimator: Any, X: ArrayLike, y: ArrayLike) -> float:
        """Return the held-out error of a domain classifier, in [0, 1]; greater is better."""
        from dacompare.divergence import domain_error  # imported here: who wants no distance loads none

        needs = ("source_test_features", "target_features")
        candidate = measured(estimator, X, np.asarray(y), rows_for(estimator, self.X_target), needs)
        groups = self.X_target.groups if isinstance(self.X_target, Domain) else None
        return domain_error(candidate.source_test_features, candidate.target_features, groups_target=groups)

    def __repr__(self) -> str:
        return "DomainErrorScorer(X_target=...)"
