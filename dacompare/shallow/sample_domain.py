"""Use an adapter that is told each row's domain, as those of skada are, where an aligner is asked for."""

from typing import Any

import numpy as np
from sklearn.base import clone

from dacompare.shallow.aligner import Aligner, Floats

# Sources have positive numbers, targets negative ones; a label of -1 is masked.
SOURCE, TARGET, MASKED = 1, -2, -1


class SampleDomainAdapter(Aligner):
    """Make an aligner of an adapter with ``fit(X, y, sample_domain=...)`` and ``transform(X, sample_domain=...)``.

    That is the convention of skada: both domains in one array, and beside it a number for each row that says where it
    comes from. With this around it, any of its adapters that transform features is a row of a comparison. Those that
    weight rows are not.

    Parameters
    ----------
    adapter : estimator
        Cloned before it is fitted.

    Attributes
    ----------
    adapter_ : estimator
        The fitted clone.
    n_features_in_ : int

    Raises
    ------
    TypeError
        Where the adapter does not return an array of one row for each row that it got.

    References
    ----------
    Gnassounou et al. 2024, "SKADA-Bench: benchmarking unsupervised domain adaptation methods", and the documentation
    of skada.

    Examples
    --------
    In a comparison, with skada installed::

        from skada import CORALAdapter
        METHODS["skada-coral"] = Method(
            "CORAL of skada", "shallow", lambda row, seed: SampleDomainAdapter(CORALAdapter()), adapts=True)
        compare(transfer, methods=["source-only", "skada-coral"])
    """

    def __init__(self, adapter: Any = None) -> None:
        self.adapter = adapter

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        for name in ("fit", "transform"):
            if not callable(getattr(self.adapter, name, None)):
                raise TypeError(
                    f"adapter must be an estimator with fit and transform that take sample_domain, got {self.adapter!r}"
                )
        self.adapter_ = clone(self.adapter)
        codes = np.zeros(len(X), dtype=np.int64) if y is None else np.unique(np.asarray(y), return_inverse=True)[1]
        labels = np.concatenate([codes, np.full(len(X_target), MASKED)])
        domains = np.repeat([SOURCE, TARGET], [len(X), len(X_target)])
        self.adapter_.fit(np.vstack([X, X_target]), labels, sample_domain=domains)
        self.n_features_out_ = self._map(X[:1], "source").shape[1]

    def _map(self, X: Floats, domain: str) -> Floats:
        number = SOURCE if domain == "source" else TARGET
        options = {"allow_source": True} if domain == "source" else {}
        Z = self.adapter_.transform(X, sample_domain=np.full(len(X), number), **options)
        if getattr(Z, "shape", (0,))[:1] != (len(X),) or Z.ndim != 2:
            kind = type(self.adapter).__name__
            raise TypeError(f"{kind}.transform must return one row of features for each row, got {type(Z).__name__}.")
        return np.asarray(Z, dtype=np.float64)

    @property
    def _n_features_out(self) -> int:
        return self.n_features_out_
