"""Hold one domain: its rows, and labels, groups and names where it has them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from dacompare.domains.checks import check_class_names, check_feature_names, check_groups, check_X, check_y, columns_of


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Domain:
    """One domain: rows that were collected in one way, with labels or without.

    It keeps read-only views: the caller's arrays are neither copied nor changed. It has neither length, nor
    shape, nor `__array__` on purpose: scikit-learn's cross-validation cuts every fit argument that is as
    long as X, and a target domain must reach each fold whole.

    Parameters
    ----------
    X : array-like of shape (n, n_features), (n, height, width) or (n, height, width, channels)
        Feature vectors, or images that are uint8 or floats in [0, 1], grey or with 3 channels.
    y : array-like of shape (n,), optional
        Labels of any type. None: the domain is unlabelled; no label value stands for that.
    groups : array-like of shape (n,), optional
        An identity shared over rows and over domains (the photo, the track, the MNIST index). Random splits
        keep all rows of a group on one side.
    name : str
        What reports call the domain.
    feature_names : sequence of str, optional
        One name per column; taken from the columns where `X` is a data frame.
    class_names : sequence of str, optional
        Names of the sorted labels, or of the integers 0, 1, ... where some classes have no row.

    Raises
    ------
    TypeError, ValueError
        Naming the array that cannot be used, and what would work.

    Examples
    --------
    >>> Domain([[0.1, 0.2], [0.3, 0.4]], ["cat", "dog"], name="old camera")
    Domain('old camera', 2 rows × 2 features, 2 classes)
    >>> Domain(np.zeros((5, 28, 28), np.uint8))
    Domain('', 5 images 28×28, unlabelled)
    """

    X: np.ndarray
    y: np.ndarray | None
    groups: np.ndarray | None
    name: str
    feature_names: tuple[str, ...] | None
    class_names: tuple[str, ...] | None

    def __init__(
        self,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        groups: ArrayLike | None = None,
        name: str = "",
        feature_names: Sequence[str] | None = None,
        class_names: Sequence[str] | None = None,
    ) -> None:
        rows = check_X(X)
        labels = check_y(y, len(rows))
        columns = columns_of(X) if feature_names is None else feature_names
        fields = {
            "X": rows,
            "y": labels,
            "groups": check_groups(groups, len(rows)),
            "name": str(name),
            "feature_names": check_feature_names(columns, rows),
            "class_names": check_class_names(class_names, labels),
        }
        self.__setstate__(fields)

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Pickle forgets that an array was read-only, so views are sealed on the way in, new or unpickled.
        for field, value in state.items():
            object.__setattr__(self, field, _sealed(value) if isinstance(value, np.ndarray) else value)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.X.shape[0])

    @property
    def row_shape(self) -> tuple[int, ...]:
        """Shape of one row: (n_features,), (height, width) or (height, width, channels)."""
        return tuple(self.X.shape[1:])

    @property
    def kind(self) -> Literal["image", "features"]:
        """Whether rows are images (3 or 4 axes) or feature vectors (2 axes)."""
        return "features" if self.X.ndim == 2 else "image"

    def take(self, rows: ArrayLike | slice) -> "Domain":
        """Return a domain of some of the rows, in the order given.

        Parameters
        ----------
        rows : array-like of int or bool, or slice
            Row numbers, or a mask over all rows.

        Examples
        --------
        >>> Domain([[1.0], [2.0], [3.0]], [0, 1, 0]).take([2, 0]).X.ravel()
        array([3., 1.])
        """
        index = rows if isinstance(rows, slice) else np.asarray(rows)
        if isinstance(index, np.ndarray) and not index.size:
            raise ValueError("rows must name at least one row, got none; a domain cannot be empty.")
        y = None if self.y is None else self.y[index]
        groups = None if self.groups is None else self.groups[index]
        return replace(self, X=self.X[index], y=y, groups=groups, class_names=self._names_of(y))

    def without_labels(self) -> "Domain":
        """Return the same rows with `y=None`.

        Examples
        --------
        >>> Domain([[1.0], [2.0]], [0, 1]).without_labels().y is None
        True
        """
        return replace(self, y=None)

    def _names_of(self, y: np.ndarray | None) -> tuple[str, ...] | None:
        if self.class_names is None or self.y is None or y is None:
            return self.class_names
        classes = np.unique(self.y).tolist()
        if len(classes) != len(self.class_names) or classes == list(range(len(classes))):
            return self.class_names
        # These names go by the order of the labels: names of labels that are gone must go too.
        kept = set(y.tolist())
        return tuple(name for label, name in zip(classes, self.class_names, strict=True) if label in kept)

    def __repr__(self) -> str:
        size = "×".join(map(str, self.row_shape))
        rows = f"{self.n_rows:,} images {size}" if self.kind == "image" else f"{self.n_rows:,} rows × {size} features"
        labels = "unlabelled" if self.y is None else f"{len(np.unique(self.y))} classes"
        return f"Domain({self.name!r}, {rows}, {labels}{'' if self.groups is None else ', grouped'})"


def _sealed(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view
