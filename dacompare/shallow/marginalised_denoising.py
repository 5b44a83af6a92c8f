"""Describe rows by what the rest of each row says about it, learned on both domains in closed form."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from dacompare.checks import check_count, check_number
from dacompare.names import check_name
from dacompare.shallow.aligner import Aligner, Floats, align
from dacompare.shallow.memory import DEFAULT_MEMORY, check_memory


def marginalised_denoising(
    X_source: ArrayLike,
    X_target: ArrayLike,
    *,
    noise: float = 0.5,
    n_layers: int = 5,
    ridge: float = 1e-5,
    output: Literal["all", "last"] = "all",
    **parameters: Any,
) -> tuple[Floats, Floats]:
    """Return source and target rows beside their denoised layers.

    Each layer is h = tanh(W x + b), where W and b reconstruct clean rows from rows whose features were set to 0 at
    random, averaged over all ways to do so (:func:`denoising_map`). The next layer does the same to h. Costs are those
    of :class:`MarginalisedDenoising`.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features)
    X_target : array-like of shape (n_target, n_features)
    noise : float
        Probability that a feature is set to 0, from 0 to below 1.
    n_layers : int
        At least 1.
    ridge : float
        Added to the diagonal of the corrupted scatter (a sum over rows) of the features, not of the bias; 0 or more.
    output : {"all", "last"}
        The rows and all layers side by side, as in the paper, or the last layer alone.
    **parameters
        Others of :class:`MarginalisedDenoising`: `dtype`, `max_memory`.

    Returns
    -------
    Z_source : ndarray of shape (n_source, n_features_out)
    Z_target : ndarray of shape (n_target, n_features_out)
        With n_features · (n_layers + 1) columns, or n_features where `output` is "last".

    References
    ----------
    Chen, Xu, Weinberger & Sha 2012, Marginalized denoising autoencoders for domain adaptation, algorithm 1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> Z_source, Z_target = marginalised_denoising(rng.random((50, 4)), rng.random((40, 4)), n_layers=2)
    >>> Z_source.shape, Z_target.shape
    ((50, 12), (40, 12))
    """
    return align(
        MarginalisedDenoising(noise, n_layers=n_layers, ridge=ridge, output=output, **parameters), X_source, X_target
    )


def denoising_map(X: Floats, noise: float, ridge: float) -> tuple[Floats, Floats]:
    """Return the linear map that best reconstructs rows from their corrupted copies, in expectation.

    It minimises E Σ ‖x − Wᵀ x̃ − b‖² + ridge ‖W‖², where x̃ is x with every feature set to 0 with probability
    `noise`. The paper carries the bias as a feature that is always 1 and never corrupted; eliminated, that leaves
    W = [q² C + diag(q p s + ridge)]⁻¹ q C with p = noise, q = 1 − p, C the scatter of the centred rows and
    s = Σ x² of each feature. Cost O(n d² + d³).

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        float64 or float32, in which the map is computed, too; other numbers are taken as float64.
    noise : float
        From 0 to below 1.
    ridge : float
        0 or more.

    Returns
    -------
    weights : ndarray of shape (n_features, n_features)
        Applied to rows from the right.
    bias : ndarray of shape (n_features,)

    Raises
    ------
    ValueError
        Where the features are too dependent for this `ridge` and `noise`.

    References
    ----------
    Chen, Xu, Weinberger & Sha 2012, Marginalized denoising autoencoders for domain adaptation, equations 4–7.

    Examples
    --------
    >>> weights, bias = denoising_map(np.array([[1.0, 1.0], [3.0, 3.0]]), noise=0.5, ridge=0.0)
    >>> weights.round(3).tolist(), bias.round(3).tolist()  # one copy says as much as the other
    ([[0.286, 0.286], [0.286, 0.286]], [1.429, 1.429])
    """
    keep = 1 - noise
    X = X if X.dtype in (np.float32, np.float64) else X.astype(np.float64)  # squares of bytes do not fit into bytes
    mean = X.mean(axis=0)
    centred = X - mean
    scatter = centred.T @ centred
    corrupted = keep**2 * scatter
    corrupted.flat[:: len(mean) + 1] += keep * noise * np.einsum("ij,ij->j", X, X) + ridge
    scatter *= keep
    try:
        # Both are symmetric; transposed they lie in memory as LAPACK wants them, and are not copied.
        factor = linalg.cho_factor(corrupted.T, lower=True, overwrite_a=True)
    except linalg.LinAlgError as error:
        raise ValueError(
            f"ridge={ridge!r} and noise={noise!r} leave no unique map: some features are always 0 or follow from"
            " others; raise ridge."
        ) from error
    weights = linalg.cho_solve(factor, scatter.T, overwrite_b=True)
    return weights, mean - keep * mean @ weights


class MarginalisedDenoising(Aligner):
    """Describe rows by what the rest of each row says about it (mSDA).

    Features that go together in either domain reconstruct each other, so words of one domain come to stand for
    those of the other. Both domains take the same map, learned on both without labels. Made for sparse
    features of a small range, such as bags of words: tanh saturates on features far above 1.

    A layer costs O(n d² + d³) for d features: 8 s of one core at 4,000 x 5,000, and 4 s in float32.

    Parameters
    ----------
    noise : float
        Probability that a feature is set to 0, from 0 to below 1.
    n_layers : int
        At least 1.
    ridge : float
        Added to the diagonal of the corrupted scatter (a sum over rows) of the features, not of the bias; 0 or more.
    output : {"all", "last"}
        The rows and all layers side by side, as in the paper, or the last layer alone.
    dtype : {"float64", "float32"}
        In which the maps are computed and kept, and rows come out; "float32" takes half of the memory.
    max_memory : int
        Bytes for d x d matrices.

    Attributes
    ----------
    weights_ : list of n_layers ndarrays of shape (n_features, n_features)
        Applied to rows from the right.
    biases_ : list of n_layers ndarrays of shape (n_features,)
    n_features_in_ : int

    Raises
    ------
    ValueError
        Where a parameter is out of range, or the features are too dependent for `ridge`.
    MemoryError
        Where the features are too many for `max_memory`.

    References
    ----------
    Chen, Xu, Weinberger & Sha 2012, Marginalized denoising autoencoders for domain adaptation, algorithm 1; noise
    and depth as in Ganin et al. 2016, section 5.1.4.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.random((50, 4)), rng.random((40, 4))
    >>> MarginalisedDenoising(output="last").fit(X_source, X_target=X_target).transform(X_target).shape
    (40, 4)
    """

    def __init__(
        self,
        noise: float = 0.5,
        *,
        n_layers: int = 5,
        ridge: float = 1e-5,
        output: Literal["all", "last"] = "all",
        dtype: Literal["float64", "float32"] = "float64",
        max_memory: int = DEFAULT_MEMORY,
    ) -> None:
        self.noise = noise
        self.n_layers = n_layers
        self.ridge = ridge
        self.output = output
        self.dtype = dtype
        self.max_memory = max_memory

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        self._check_parameters(X.shape[1])
        layer = (X if X_target is X else np.vstack([X, X_target])).astype(self.dtype, copy=False)
        self.weights_: list[Floats] = []
        self.biases_: list[Floats] = []
        for _ in range(self.n_layers):
            weights, bias = denoising_map(layer, self.noise, self.ridge)
            self.weights_.append(weights)
            self.biases_.append(bias)
            layer = _squash(layer, weights, bias)

    def _map(self, X: Floats, domain: str) -> Floats:
        layers = [X.astype(self.dtype, copy=False)]
        for weights, bias in zip(self.weights_, self.biases_, strict=True):
            layers.append(_squash(layers[-1], weights, bias))
        return layers[-1] if self.output == "last" else np.hstack(layers)

    def _check_parameters(self, n_features: int) -> None:
        check_number("noise", self.noise, at_least=0, below=1)
        check_number("ridge", self.ridge, at_least=0)
        check_name("output", self.output, ("all", "last"))
        check_name("dtype", self.dtype, ("float64", "float32"))
        # Each layer keeps its map; three more matrices live while one is made.
        copies = check_count("n_layers", self.n_layers) + 3
        check_memory(
            n_features, n_features, copies=copies if self.dtype == "float64" else -(-copies // 2),
            max_memory=self.max_memory, name="mSDA",
            way_out="pass dtype='float32' or a smaller n_layers, keep only the most frequent features",
        )  # fmt: skip

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64"] if self.dtype == "float64" else []
        return tags

    @property
    def _n_features_out(self) -> int:
        return int(self.n_features_in_) * (1 if self.output == "last" else len(self.weights_) + 1)


def _squash(X: Floats, weights: Floats, bias: Floats) -> Floats:
    hidden = X @ weights
    hidden += bias
    return np.tanh(hidden, out=hidden)
