"""Weigh several kernels by what each brings to a linear SVM that sees them all."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dacompare.checks import check_count, check_number
from dacompare.shallow.linear_svm import in_row_space, linear_svm
from dacompare.shallow.row_norm_scaler import rms_row_norm

Floats = NDArray[np.float64]


def kernel_weights(
    blocks: Sequence[Floats], y: ArrayLike, *, C: float = 1.0, max_iter: int = 30, tol: float = 1e-3
) -> Floats:
    """Return the convex combination of kernels in which a linear SVM does best.

    Kernel q is Z_q Z_qᵀ, given by its features Z_q. Weights w ≥ 0 with Σ w = 1, and an SVM with the weights v_q and
    a bias b of each class, minimise ½ Σ_q ‖v_q‖² / w_q + ½ b² + C Σ loss(Σ_q Z_q v_q + b), summed over the classes,
    each against the rest. That is convex in both together. Given w it is one SVM on the features √w_q Z_q; given the
    SVM, w_q = ‖v_q‖ / Σ ‖v‖. Each half-step lowers the objective. Costs `max_iter` SVMs, and O(n² d) once for n rows.

    Parameters
    ----------
    blocks : sequence of ndarrays of shape (n, d_q)
        Features of the same rows under each kernel. Together they are scaled by one number to rows of length 1, in root
        mean square, so that C means the same for any.
    y : array-like of shape (n,)
        Labels, of two classes at least.
    C : float
        Weight of the training errors; above 0.
    max_iter : int
        Half-steps of each kind, at most.
    tol : float
        Stop once no weight moves by more than this.

    Returns
    -------
    ndarray of shape (n_kernels,)
        Weights, with sum 1. All the same where no kernel says anything of the labels.

    Raises
    ------
    ValueError
        Without a kernel, where all features are zero, or with fewer than two classes.

    References
    ----------
    Rakotomamonjy, Bach, Canu & Grandvalet 2008, SimpleMKL, for the objective; Xu, Jin, Yang, King & Lyu 2010, Simple
    and efficient multiple kernel learning by group lasso, for the weights in closed form.

    Examples
    --------
    >>> y = np.repeat([0, 1], 20)
    >>> says_all, says_nothing = 2.0 * y[:, None] - 1, np.tile([1.0, -1.0], 20)[:, None]
    >>> kernel_weights([says_all, says_nothing], y).round(2).tolist()
    [1.0, 0.0]
    """
    if not len(blocks):
        raise ValueError("blocks must hold the features of one kernel at least, got none.")
    check_number("C", C, above=0)
    check_number("tol", tol, at_least=0)
    weights: Floats = np.full(len(blocks), 1 / len(blocks))
    scale = rms_row_norm(np.hstack(blocks)) / np.sqrt(len(blocks))
    # Rotated into the space of the rows, which no SVM can tell, and which is all that it needs of many columns.
    parts = [in_row_space(block / scale)[0] for block in blocks]
    for _ in range(check_count("max_iter", max_iter)):
        norms = _block_norms(parts, weights, y, C)
        if not norms.sum() > 0:
            return weights
        before, weights = weights, norms / norms.sum()
        if np.abs(weights - before).max() <= tol:
            break
    return weights


def _block_norms(parts: Sequence[Floats], weights: Floats, y: ArrayLike, C: float) -> Floats:
    """Return ‖v_q‖ of the SVM for these weights, over all classes."""
    roots = np.sqrt(weights)
    svm = linear_svm(C).fit(np.hstack([root * part for root, part in zip(roots, parts, strict=True)]), y)
    ends = np.cumsum([part.shape[1] for part in parts])
    found = np.split(svm.coef_, ends[:-1], axis=1)
    return np.array([root * np.linalg.norm(part) for root, part in zip(roots, found, strict=True)])
