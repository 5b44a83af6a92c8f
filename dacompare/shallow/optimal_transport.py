"""Move the source onto the target at the least total cost."""

import warnings
from importlib import import_module
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import OneToOneFeatureMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import euclidean_distances
from sklearn.utils import check_random_state

from dacompare.checks import check_count, check_number
from dacompare.names import check_name
from dacompare.shallow.aligner import Aligner, Floats, align
from dacompare.shallow.memory import DEFAULT_MEMORY, check_memory

Method = Literal["linear", "emd", "sinkhorn"]
DEFAULT_REG = {"linear": 1e-4, "sinkhorn": 0.05, "emd": 0.0}

# Matrices that POT holds at the same time: measured on 2,000 and 3,000 rows a domain, and rounded up.
COPIES = {"linear": 8, "emd": 6, "sinkhorn": 9}


def optimal_transport(
    X_source: ArrayLike,
    X_target: ArrayLike,
    *,
    method: Method = "linear",
    reg: float | None = None,
    **parameters: Any,
) -> tuple[Floats, Floats]:
    """Return the source rows moved onto the target, and the target rows as they are.

    Every row of a domain weighs the same, and moving a row costs the squared distance: the plan P ≥ 0, whose rows sum
    to 1/n_s and columns to 1/n_t, minimises Σ P_ij ‖x_i − x'_j‖², with an entropy Σ P_ij log P_ij times a weight for
    "sinkhorn", and row i moves to n_s Σ_j P_ij x'_j. "linear" moves x to A (x − m_s) + m_t with
    A = C_s^−½ (C_s^½ C_t C_s^½)^½ C_s^−½, from the means m and covariances C of the domains. Costs are those of
    :class:`OptimalTransport`.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features)
    X_target : array-like of shape (n_target, n_features)
    method : {"linear", "emd", "sinkhorn"}
        "linear" is the best affine map between two normal distributions; "emd" the exact plan, by which a source
        row moves to the mean of the target rows that it is sent to; "sinkhorn" the plan smoothed by an entropy.
    reg : float, optional
        As in :class:`OptimalTransport`.
    **parameters
        Others of that class: `max_rows`, `max_memory`, `random_state`.

    Returns
    -------
    Z_source : ndarray of shape (n_source, n_features)
    Z_target : ndarray of shape (n_target, n_features)

    Raises
    ------
    ImportError
        Where POT is not installed.
    MemoryError
        Where the plan does not fit into `max_memory`: `max_rows` is the way out.

    References
    ----------
    Courty, Flamary, Tuia & Rakotomamonjy 2017, Optimal transport for domain adaptation, equations 8 (the plan), 9 (with
    the entropy) and 15 (where rows move to); for the linear map Knott & Smith 1984, On the optimal mapping of
    distributions, and Peyré & Cuturi 2019, Computational optimal transport, remark 2.31.

    Examples
    --------
    >>> Z_source, _ = optimal_transport([[0.0], [1.0]], [[7.0], [5.0]], method="emd")  # doctest: +SKIP
    >>> Z_source.ravel().tolist()  # doctest: +SKIP
    [5.0, 7.0]
    """
    return align(OptimalTransport(method, reg=reg, **parameters), X_source, X_target)


class OptimalTransport(OneToOneFeatureMixin, Aligner):
    """Move the source onto the target at the least total cost, through the package POT.

    Only source rows move. Transport assumes that the classes have the same shares in both domains: where they have
    not, mass of one class has to land on rows of another. POT is optional: ``pip install POT``.

    For n_s source and n_t target rows of d features, "linear" costs O((n_s + n_t) d² + d³) time and O(d²) memory. "emd"
    and "sinkhorn", where `max_rows` is the most that n_s and n_t can be, hold six and nine n_s x n_t matrices, and take
    O(n_s n_t d) time for the distances and as much to move the source. A step of "sinkhorn" costs O(n_s n_t), and "emd"
    grows a little faster than n²: 3,000 rows a domain take 2 s and 0.4 GB by "emd", 4 s and 0.6 GB by "sinkhorn". New
    source rows are moved as POT moves them: by the affine map, O(d²) a row, or along with the nearest source row of the
    fit, O(n_s d) a row beside O(n_s n_t d) for every 2,048 rows.

    Parameters
    ----------
    method : {"linear", "emd", "sinkhorn"}
        "linear" is the best affine map between two normal distributions; "emd" the exact plan, by which a source
        row moves to the mean of the target rows that it is sent to (equal source rows may be sent to different
        ones); "sinkhorn" the plan smoothed by an entropy.
    reg : float or None
        Above 0, and free of the features' scale. "linear": added to the diagonal of both covariances, as a share
        of the mean variance (None: 1e-4; much less is no number where there are fewer rows than features).
        "sinkhorn": weight of the entropy, as a share of the median squared distance between the domains (None:
        0.05); large values draw all rows to the mean of the target, small ones need many iterations. "emd" has
        none, and ignores it.
    max_iter : int
        Steps of "sinkhorn" at most; running out of them raises a ConvergenceWarning. The others do not look at it.
    max_rows : int or None
        Where a domain has more rows, "emd" and "sinkhorn" plan with so many, drawn at random; the other rows of
        the source move along. None plans with all.
    max_memory : int
        Bytes for the matrices.
    random_state : int, RandomState or None
        Draws the rows.

    Attributes
    ----------
    transport_ : ot.da.BaseTransport or None
        What POT fitted, to rows less `centre_`; None without a target: the source then stays where it is.
    centre_ : ndarray of shape (n_features,)
        Mean of the source rows.
    n_iter_ : int
        Steps of "sinkhorn"; 1 for the others.
    n_features_in_ : int

    Raises
    ------
    ImportError
        Where POT is not installed and there is a target.
    ValueError
        Where a parameter is out of range, or POT's result is not finite.
    MemoryError
        Where there are too many rows for `max_memory`.

    References
    ----------
    Courty, Flamary, Tuia & Rakotomamonjy 2017, Optimal transport for domain adaptation, equations 8, 9 and 15;
    Ferradans et al. 2014, Regularized discrete optimal transport, for new rows; Flamary et al. 2021, POT: Python
    optimal transport.

    Examples
    --------
    >>> aligner = OptimalTransport("emd").fit([[0.0], [1.0]], X_target=[[7.0], [5.0]])  # doctest: +SKIP
    >>> aligner.transform([[1.1]], domain="source").round(3).tolist()  # doctest: +SKIP
    [[7.1]]
    """

    def __init__(
        self,
        method: Method = "linear",
        *,
        reg: float | None = None,
        max_iter: int = 1000,
        max_rows: int | None = None,
        max_memory: int = DEFAULT_MEMORY,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.method = method
        self.reg = reg
        self.max_iter = max_iter
        self.max_rows = max_rows
        self.max_memory = max_memory
        self.random_state = random_state

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        reg = self._check_parameters()
        # A smoothed plan from the source to itself would still move rows; without a target nothing may.
        self.n_iter_, self.transport_ = 1, None
        # A plan does not see where both domains lie together, and distances lose their digits by it.
        self.centre_ = X.mean(axis=0)
        if X_target is not X:
            drawn = self._draw(X, X_target)
            self.transport_ = self._plan(drawn[0] - self.centre_, drawn[1] - self.centre_, reg)

    def _map(self, X: Floats, domain: str) -> Floats:
        if domain == "target" or self.transport_ is None:
            return X.copy()
        # POT's plan is applied anew to each batch; its default of 128 rows makes that slow.
        return self.transport_.transform(Xs=X - self.centre_, batch_size=2048) + self.centre_

    def _plan(self, X: Floats, X_target: Floats, reg: float) -> Any:
        self._check_memory(X, X_target)
        transport = self._build(reg * _unit(self.method, X, X_target))
        try:
            # For its log, of which only the number of steps is read, POT takes exponentials of what may be large.
            with warnings.catch_warnings(record=True) as said, np.errstate(over="ignore"):
                warnings.simplefilter("always")
                transport.fit(Xs=X, Xt=X_target)
        except (ValueError, np.linalg.LinAlgError) as error:
            raise ValueError(self._complaint()) from error
        if not np.isfinite(transport.A_ if self.method == "linear" else transport.coupling_).all():
            raise ValueError(self._complaint())
        self._pass_on(said)
        if self.method == "sinkhorn":
            self.n_iter_ = max(int(transport.log_["niter"]), 1)
            transport.log_ = None
        # The distances are as large as the plan, and are not looked at again.
        transport.cost_ = None
        return transport

    def _pass_on(self, said: list[warnings.WarningMessage]) -> None:
        """Warn of what POT warns of, in terms of the parameters here."""
        for one in said:
            if "did not converge" in str(one.message):
                way_out = f"raise max_iter (now {self.max_iter}) or reg"
                warnings.warn(f"the Sinkhorn plan has not converged; {way_out}", ConvergenceWarning, stacklevel=5)
            else:
                warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)

    def _complaint(self) -> str:
        return f"POT finds no finite {self.method!r} transport with reg={self.reg!r}; pass a larger reg."

    def _build(self, reg: float) -> Any:
        da = _import_pot()
        if self.method == "linear":
            return da.LinearTransport(reg=reg)
        if self.method == "emd":
            # POT's default of 100,000 pivots is too few from about 2,000 rows on.
            return da.EMDTransport(max_iter=10_000_000)
        # The other map for new rows, "continuous", is 0 / 0 for rows that lie far from all target rows.
        return da.SinkhornTransport(reg_e=reg, max_iter=self.max_iter, log=True, out_of_sample_map="ferradans")

    def _draw(self, X: Floats, X_target: Floats) -> tuple[Floats, Floats]:
        if self.max_rows is None or self.method == "linear":
            return X, X_target
        rng = check_random_state(self.random_state)
        return _draw_rows(X, self.max_rows, rng), _draw_rows(X_target, self.max_rows, rng)

    def _check_parameters(self) -> float:
        check_name("method", self.method, DEFAULT_REG)
        check_count("max_iter", self.max_iter)
        if self.max_rows is not None:
            check_count("max_rows", self.max_rows, at_least=2)
        if self.reg is None or self.method == "emd":
            return DEFAULT_REG[self.method]
        return check_number("reg", self.reg, above=0)

    def _check_memory(self, X: Floats, X_target: Floats) -> None:
        linear = self.method == "linear"
        check_memory(
            *((X.shape[1], X.shape[1]) if linear else (len(X), len(X_target))),
            copies=COPIES[self.method], max_memory=self.max_memory, name=f"{self.method} transport",
            way_out="reduce the features first" if linear else "pass max_rows={fits}, or method='linear'",
        )  # fmt: skip


def _unit(method: str, X: Floats, X_target: Floats) -> float:
    """Return what `reg` is a share of; 1 where the rows do not differ at all, since any number serves there."""
    if method == "linear":
        return float(X.var(axis=0).mean() + X_target.var(axis=0).mean()) / 2 or 1.0
    if method == "emd":
        return 1.0
    costs = euclidean_distances(X, X_target, squared=True)
    # More than half of the distances are 0 where most rows are the same row.
    return float(np.median(costs)) or float(costs.mean()) or 1.0


def _draw_rows(X: Floats, max_rows: int, rng: np.random.RandomState) -> Floats:
    return X if len(X) <= max_rows else X[np.sort(rng.choice(len(X), max_rows, replace=False))]


def _import_pot() -> Any:
    try:
        return import_module("ot.da")
    except ModuleNotFoundError as error:
        if error.name not in ("ot", "ot.da"):
            raise
        raise ImportError("OptimalTransport needs the package POT, which is not installed: pip install POT") from error
