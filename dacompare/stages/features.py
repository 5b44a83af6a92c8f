"""Hold the features of one network, or the pixels, for the four parts of a transfer."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dacompare.domains import Domain, Transfer

PARTS = ("source", "source_test", "target", "target_test")


@dataclass(frozen=True)
class Features:
    """Feature rows of each part of a transfer; None where the transfer has no such part.

    Parameters
    ----------
    source, target : array of shape (n, n_features)
        Training rows.
    source_test, target_test : array of shape (n, n_features) or None
        Held-out rows.
    genuine : array of shape (n, n_features) or None
        Other rows of the target's kind, to be scored on only; they are not saved.
    """

    source: NDArray[Any]
    target: NDArray[Any]
    source_test: NDArray[Any] | None = None
    target_test: NDArray[Any] | None = None
    genuine: NDArray[Any] | None = None

    @property
    def target_evaluation(self) -> NDArray[Any]:
        """The target rows on which accuracy is measured: the test rows, or all in a transductive transfer."""
        return self.target if self.target_test is None else self.target_test

    @property
    def source_evaluation(self) -> NDArray[Any]:
        """The source rows on which distances are measured: the test rows, or all where there are none."""
        return self.source if self.source_test is None else self.source_test

    def map(self, source_map: Callable[[Any], Any], target_map: Callable[[Any], Any]) -> "Features":
        """Apply one function to the source parts and another to the target parts."""
        return Features(
            source_map(self.source),
            target_map(self.target),
            None if self.source_test is None else source_map(self.source_test),
            None if self.target_test is None else target_map(self.target_test),
            None if self.genuine is None else target_map(self.genuine),
        )

    def save(self, path: Path) -> None:
        """Write one pickle-free npz file."""
        parts = {name: getattr(self, name) for name in PARTS if getattr(self, name) is not None}
        np.savez(path, **parts)

    @classmethod
    def load(cls, path: Path) -> "Features":
        """Read what :meth:`save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            return cls(**{name: file[name] for name in PARTS if name in file})


def transfer_parts(transfer: Transfer) -> dict[str, Domain]:
    """Return the parts of a transfer that are there, by name."""
    parts = {name: getattr(transfer, name) for name in PARTS}
    return {name: part for name, part in parts.items() if part is not None}


def pixel_features(transfer: Transfer) -> Features:
    """Return the raw input as feature rows."""
    return Features(**{name: pixel_rows(part) for name, part in transfer_parts(transfer).items()})


def pixel_rows(domain: Domain) -> NDArray[np.float32]:
    """Return the raw input of one domain as feature rows: pixels / 255, or the vectors themselves."""
    return flattened(domain.X)


def flattened(X: Any) -> NDArray[np.float32]:
    """Return images of bytes as rows of numbers from 0 to 1, and vectors as they are.

    Examples
    --------
    >>> flattened(np.full((1, 2, 1, 1), 255, np.uint8)).tolist(), flattened(np.full((1, 2), 255, np.uint8)).tolist()
    ([[1.0, 1.0]], [[255.0, 255.0]])
    """
    images = np.asarray(X)
    is_bytes = images.ndim > 2 and images.dtype == np.uint8
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255.0 if is_bytes else 1.0)


def on_features(transfer: Transfer, features: Features) -> Transfer:
    """Return a transfer whose rows are features instead of the input, with the same labels and groups."""
    parts = {
        name: Domain(getattr(features, name), part.y, groups=part.groups, name=part.name, class_names=part.class_names)
        for name, part in transfer_parts(transfer).items()
    }
    with warnings.catch_warnings():  # that a unit is dead is the network's business
        warnings.simplefilter("ignore")
        return replace(transfer, **parts)  # type: ignore[arg-type]


def scaled(features: Features, how: str, *, by: str = "source") -> Features:
    """Bring features to a common size before a linear SVM sees them.

    Parameters
    ----------
    features : Features
    how : {"rms", "none", "zscore-per-domain"}
        "rms" divides everything by one number, the root mean square row norm of the source training rows: no
        direction is stretched, and both domains get the same map. "zscore-per-domain" is itself an adaptation.
    by : {"source", "target"}
        Whose training rows give that number: those that the SVM learns from.
    """
    if how == "none":
        return features
    if how == "rms":
        from dacompare.shallow.row_norm_scaler import rms_row_norm

        norm = rms_row_norm(getattr(features, by))
        return features.map(lambda X: X / norm, lambda X: X / norm)
    from sklearn.preprocessing import StandardScaler

    source = StandardScaler().fit(features.source)
    target = StandardScaler().fit(features.target)
    return features.map(source.transform, target.transform)


def unscaled(X: NDArray[Any], features: Features, how: str) -> NDArray[Any]:
    """Return target rows as they were before :func:`scaled` brought them to the common size.

    Parameters
    ----------
    X : array of shape (n, n_features)
        Scaled rows, or mixtures of some.
    features : Features
        What was scaled.
    how : {"rms", "none", "zscore-per-domain"}

    Examples
    --------
    >>> features = Features(np.array([[3.0, 4.0]]), np.array([[5.0, 6.0], [6.0, 8.0]]))
    >>> unscaled(scaled(features, "rms").target, features, "rms").round(9).tolist()
    [[5.0, 6.0], [6.0, 8.0]]
    """
    if how == "none":
        return X
    if how == "rms":
        from dacompare.shallow.row_norm_scaler import rms_row_norm

        return X * rms_row_norm(features.source)
    from sklearn.preprocessing import StandardScaler

    return StandardScaler().fit(features.target).inverse_transform(X)
