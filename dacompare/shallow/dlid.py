"""Describe rows by dictionaries learned along a path from the source to the target."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.decomposition import MiniBatchDictionaryLearning
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from dacompare.checks import check_count, check_number
from dacompare.shallow.aligner import Aligner, Floats, align
from dacompare.shallow.row_norm_scaler import rms_row_norm


def interpolated_path(
    X_source: ArrayLike,
    X_target: ArrayLike,
    *,
    n_steps: int = 5,
    n_atoms: int = 50,
    sparsity: float = 0.1,
    max_rows: int = 2000,
    random_state: int | np.random.RandomState | None = 0,
) -> tuple[Floats, Floats]:
    """Return the codes of source and target rows in all dictionaries of a path between the domains.

    Each step mixes the domains, from rows of the source alone to rows of the target alone, and learns a sparse
    dictionary D of its mixture. A row's code there is S(D z), where z is the centred and scaled row and S sets
    small entries to 0; the codes of all steps stand side by side. Costs are those of :class:`InterpolatedPath`.

    Parameters
    ----------
    X_source : array-like of shape (n_source, n_features)
    X_target : array-like of shape (n_target, n_features)
    n_steps : int
        Mixtures, both ends counted; at least 2.
    n_atoms : int
        Atoms of each dictionary.
    sparsity, max_rows, random_state
        As in :class:`InterpolatedPath`.

    Returns
    -------
    Z_source : ndarray of shape (n_source, n_steps * n_atoms)
    Z_target : ndarray of shape (n_target, n_steps * n_atoms)

    References
    ----------
    Chopra, Balakrishnan & Gopalan 2013, DLID: Deep learning for domain adaptation by interpolating between domains.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X_source, X_target = rng.normal(size=(50, 4)), rng.normal(size=(40, 4))
    >>> Z_source, Z_target = interpolated_path(X_source, X_target, n_steps=3, n_atoms=6, random_state=0)
    >>> Z_source.shape, Z_target.shape
    ((50, 18), (40, 18))
    """
    aligner = InterpolatedPath(
        n_steps, n_atoms=n_atoms, sparsity=sparsity, max_rows=max_rows, random_state=random_state
    )
    return align(aligner, X_source, X_target)


class InterpolatedPath(Aligner):
    """Describe rows by dictionaries learned along a path from the source to the target (after DLID).

    Both domains take the same map; labels play no part. What differs from the paper: its features come from
    predictive sparse decomposition on image patches with pooling, in deep layers. Here they come from
    scikit-learn's mini-batch dictionary learning on whole rows, in one layer, and the encoder is one step of soft
    thresholding, where the paper trains one. Results are those of this stand-in, not the paper's.

    For n rows of d features and k atoms, n being `max_rows` at most, learning costs O(n d k + n k²) time per step and
    pass, and O(d k) memory per step beside the rows: about 2 s at 2,000 x 100 with the defaults. Mapping costs O(n d k)
    time and O(n k) memory per step, for all rows.

    Parameters
    ----------
    n_steps : int
        Mixtures, both ends counted; at least 2. Five have target shares of 0, 1/4, 1/2, 3/4 and 1.
    n_atoms : int
        Atoms of each dictionary.
    sparsity : float
        Above 0: weight of the 1-norm while learning, and threshold of the codes. Rows have root mean square
        length 1 by then and atoms length 1 at most, so from 1 on nearly all codes are 0.
    max_rows : int
        Rows of a mixture at most; at least 2.
    random_state : int, RandomState or None
        Draws the mixtures and starts the dictionaries.

    Attributes
    ----------
    components_ : ndarray of shape (n_steps * n_atoms, n_features)
        Atoms, step by step from the source to the target.
    mixtures_ : ndarray of shape (n_steps, 2)
        How many rows of the source and of the target each step learned from.
    mean_ : ndarray of shape (n_features,)
        Of all rows of both domains.
    scale_ : float
        Root mean square length of the rows without that mean.
    n_features_in_ : int

    Raises
    ------
    ValueError
        Where a parameter is out of range, or no feature varies.

    References
    ----------
    Chopra, Balakrishnan & Gopalan 2013, DLID: Deep learning for domain adaptation by interpolating between domains.
    Mairal, Bach, Ponce & Sapiro 2009, Online dictionary learning for sparse coding, algorithm 1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> path = InterpolatedPath(3, n_atoms=6, random_state=0)
    >>> path.fit(rng.normal(size=(50, 4)), X_target=rng.normal(size=(40, 4))).mixtures_.tolist()
    [[50, 0], [40, 40], [0, 40]]
    """

    def __init__(
        self,
        n_steps: int = 5,
        *,
        n_atoms: int = 50,
        sparsity: float = 0.1,
        max_rows: int = 2000,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.n_steps = n_steps
        self.n_atoms = n_atoms
        self.sparsity = sparsity
        self.max_rows = max_rows
        self.random_state = random_state

    def _learn(self, X: Floats, X_target: Floats, y: Any) -> None:
        self._check_parameters()
        self._learn_scale(X if X_target is X else np.vstack([X, X_target]))
        source, target = self._scale(X), self._scale(X_target)
        rng = check_random_state(self.random_state)
        # One order for all steps: the next mixture gives up the last source rows for further target rows.
        source, target = source[rng.permutation(len(source))], target[rng.permutation(len(target))]
        shares = np.linspace(0, 1, self.n_steps)
        self.mixtures_ = np.array([_count(share, len(source), len(target), self.max_rows) for share in shares])
        mixtures = (np.vstack([source[:some], target[:others]]) for some, others in self.mixtures_)
        self.components_ = np.vstack([self._learn_dictionary(rows, rng) for rows in mixtures])

    def _map(self, X: Floats, domain: str) -> Floats:
        codes = self._scale(X) @ self.components_.T
        return np.sign(codes) * np.maximum(np.abs(codes) - self.sparsity, 0)

    def _learn_scale(self, rows: Floats) -> None:
        if (rows == rows[0]).all():
            raise ValueError("X and X_target have only constant features; there is nothing to learn a dictionary of.")
        self.mean_ = rows.mean(axis=0)
        self.scale_ = rms_row_norm(rows - self.mean_)

    def _scale(self, X: Floats) -> Floats:
        return (X - self.mean_) / self.scale_

    def _learn_dictionary(self, rows: Floats, rng: np.random.RandomState) -> Floats:
        learner = MiniBatchDictionaryLearning(
            self.n_atoms, alpha=self.sparsity, batch_size=256, max_iter=5, random_state=rng,
            # A tenth of the time of least angles, for the same dictionary.
            fit_algorithm="cd", transform_max_iter=100,
        )  # fmt: skip
        with warnings.catch_warnings():
            # Codes are a means here, and serve without their last digits.
            warnings.simplefilter("ignore", ConvergenceWarning)
            return learner.fit(rows).components_

    def _check_parameters(self) -> None:
        check_count("n_steps", self.n_steps, at_least=2)
        check_count("n_atoms", self.n_atoms)
        check_count("max_rows", self.max_rows, at_least=2)
        check_number("sparsity", self.sparsity, above=0)

    @property
    def _n_features_out(self) -> int:
        return len(self.components_)


def _count(share: float, n_source: int, n_target: int, max_rows: int) -> tuple[int, int]:
    """Return how many rows of each domain make the largest mixture with this share of the target."""
    total = min(
        max_rows, n_source / (1 - share) if share < 1 else np.inf, n_target / share if share > 0 else np.inf
    )  # fmt: skip
    return min(n_source, round((1 - share) * total)), min(n_target, round(share * total))
