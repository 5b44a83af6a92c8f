"""Check one domain's arrays at the door: name the argument, show the value, say what would work."""

from collections.abc import Sequence
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from dacompare.checks import check_known_labels, check_name_order


def check_X(X: ArrayLike, argument: str = "X") -> np.ndarray:
    """Return the rows of a domain as an array of features or of images, or say what is wrong with them.

    Parameters
    ----------
    X : array-like of shape (n, n_features), (n, height, width) or (n, height, width, channels)
        Feature vectors of finite numbers, or images (channels last, 1 or 3 of them) that are uint8 or
        floats in [0, 1].
    argument : str
        What the caller calls the array; every message begins with it.

    Returns
    -------
    ndarray
        The same numbers, not copied where `X` is an array already.

    Raises
    ------
    TypeError
        For anything but numbers: object dtype, strings, sparse matrices.
    ValueError
        For other shapes, empty arrays, NaN or infinity, pixels outside their range.

    Examples
    --------
    >>> check_X([[1.0, 2.0], [3.0, float("nan")]], "X_source")
    Traceback (most recent call last):
        ...
    ValueError: X_source holds 1 NaN and 0 infinite values, the first at index (1, 1); drop such rows, or
    fill them, for instance with sklearn.impute.SimpleImputer.
    """
    array = _numbers(X, argument)
    _check_shape(array, argument)
    if array.dtype.kind == "f":
        _check_finite(array, argument)
    _check_size(array, argument)
    if array.ndim > 2:
        _check_pixels(array, argument)
    return array


def check_y(y: ArrayLike | None, n_rows: int, argument: str = "y") -> np.ndarray | None:
    """Return labels as an array of shape (n_rows,), or None where there are none.

    Labels may be integers, booleans, floats or strings; there is no value that stands for "unlabelled".

    Raises
    ------
    TypeError
        For labels of mixed or unusual types.
    ValueError
        For a wrong shape or length, or NaN.

    Examples
    --------
    >>> check_y(["cat", "dog"], 2)
    array(['cat', 'dog'], dtype='<U3')
    >>> check_y([0, 1, 1], 2)
    Traceback (most recent call last):
        ...
    ValueError: y must have one entry per row of X, 2 in all, got 3.
    """
    if y is None:
        return None
    return check_known_labels(argument, _vector(y, n_rows, argument))


def check_groups(groups: ArrayLike | None, n_rows: int, argument: str = "groups") -> np.ndarray | None:
    """Return group identities as an array of shape (n_rows,), or None where there are none.

    Raises
    ------
    TypeError
        For identities of mixed or unusual types.
    ValueError
        For a wrong shape or length, or NaN.

    Examples
    --------
    >>> check_groups([7, 7, 8], 3)
    array([7, 7, 8])
    """
    if groups is None:
        return None
    identities = _vector(groups, n_rows, argument)
    if identities.dtype.kind == "f" and not np.isfinite(identities).all():
        raise ValueError(f"{argument} holds NaN or infinity; give rows that belong to nothing a number of their own.")
    return identities


def columns_of(X: object) -> tuple[str, ...] | None:
    """Return the names of the columns of a data frame or a `Domain`, None where there are none or they are no text."""
    names = getattr(X, "feature_names", None)
    names = getattr(X, "columns", None) if names is None else names
    found = () if names is None else tuple(names)
    return found if found and all(isinstance(name, str) for name in found) else None


def first_difference(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the first place at which two rows of names, of one length and not the same, differ.

    Examples
    --------
    >>> first_difference(["a", "b"], ["a", "c"])
    1
    """
    return next(i for i, (one, other) in enumerate(zip(first, second, strict=True)) if one != other)


def check_same_columns(X: object, X_target: object, *, source: str = "X", target: str = "X_target") -> None:
    """Refuse two tables whose columns have other names, or stand in another order.

    Parameters
    ----------
    X, X_target : array-like, data frame or Domain
        Names are compared where both have them.
    source, target : str
        What the caller calls them, for the message.

    Raises
    ------
    ValueError
        With the first column that differs.

    Examples
    --------
    >>> check_same_columns(np.zeros((2, 1)), np.zeros((3, 1)))
    """
    first, second = columns_of(X), columns_of(X_target)
    if first is None or second is None or first == second:
        return
    if len(first) == len(second):
        i = first_difference(first, second)
        differ = f"column {i} is {second[i]!r} there and {first[i]!r} in {source}"
        raise ValueError(f"{target} must have the columns of {source} in the same order, but {differ}.")


def check_feature_names(names: Sequence[str] | None, X: np.ndarray) -> tuple[str, ...] | None:
    """Return one name per feature column as a tuple, or None where there are none.

    Raises
    ------
    ValueError
        For images, and where their number is not that of the columns.

    Examples
    --------
    >>> check_feature_names(["length", "width"], np.zeros((3, 2)))
    ('length', 'width')
    """
    if names is None:
        return None
    if X.ndim != 2:
        raise ValueError(f"feature_names go with feature vectors, but X holds images of shape {X.shape[1:]}.")
    if len(names) != X.shape[1]:
        raise ValueError(f"feature_names must have one name per column of X, {X.shape[1]}, got {len(names)}.")
    return tuple(map(str, names))


def check_class_names(names: Sequence[str] | None, y: np.ndarray | None) -> tuple[str, ...] | None:
    """Return the names of the classes as a tuple, or None where there are none.

    They name the sorted labels, or, where some classes have no row, the integers 0, 1, ... in order.

    Raises
    ------
    ValueError
        Where neither reading fits the labels.

    Examples
    --------
    >>> check_class_names(["zero", "one"], np.array([0, 0, 1]))
    ('zero', 'one')
    """
    if names is None:
        return None
    names = tuple(map(str, names))
    if y is not None:
        classes = np.unique(y)
        indices = classes.dtype.kind in "iu" and classes.min() >= 0 and classes.max() < len(names)
        if len(classes) != len(names) and not indices:
            raise ValueError(
                f"class_names must name the {len(classes)} sorted labels of y, or the integers from 0 to the"
                f" largest of them, got {len(names)} names."
            )
        check_name_order(names, classes)
    return names


def _numbers(X: ArrayLike, argument: str) -> np.ndarray:
    if hasattr(X, "toarray"):
        raise TypeError(f"{argument} is sparse ({type(X).__name__}); use {argument}.toarray().")
    if X is None or isinstance(X, str):
        raise TypeError(
            f"{argument} must be an array of rows, got {X!r}; load files first, with numpy.load for instance."
        )
    if np.ma.is_masked(X):
        raise ValueError(
            f"{argument} is a masked array with masked entries; fill them with .filled(), or drop the rows."
        )
    try:
        array = np.asarray(X)
    except ValueError as error:
        raise ValueError(f"{argument} must have rows of one length: {error}.") from error
    if array.dtype.kind == "O" and array.ndim > 1:  # a frame of floats and booleans, for instance
        return _of_objects(array, columns_of(X), argument)
    if array.dtype.kind not in "fiub":
        first = f", first value {array.flat[0]!r}" if array.size else ""
        raise TypeError(
            f"{argument} must hold numbers, got dtype {array.dtype}{first}; encode text columns as numbers,"
            f" or convert with {argument}.astype(float)."
        )
    return array


def _of_objects(array: np.ndarray, columns: tuple[str, ...] | None, argument: str) -> np.ndarray:
    """Return an array of objects that are all numbers as floats; name the first that is none, and its column."""
    wrong = next((i for i, value in enumerate(array.flat) if not isinstance(value, Real)), None)
    if wrong is None:
        try:
            return array.astype(np.float64)
        except OverflowError as error:
            raise ValueError(f"{argument} holds numbers too large for float64; rescale it.") from error
    place = tuple(map(int, np.unravel_index(wrong, array.shape)))
    where = f"column {columns[place[1]]!r}" if columns and array.ndim == 2 else f"index {place}"
    raise TypeError(
        f"{argument} must hold numbers, got {array.flat[wrong]!r} in {where}; encode text columns as numbers, and fill"
        " or drop what is missing."
    )


def _check_shape(array: np.ndarray, argument: str) -> None:
    if array.ndim not in (2, 3, 4):
        hint = f"; one feature is {argument}.reshape(-1, 1)" if array.ndim == 1 else ""
        raise ValueError(
            f"{argument} must be feature vectors (n, n_features) or images (n, height, width[, channels]),"
            f" got shape {array.shape}{hint}."
        )
    if 0 in array.shape:
        raise ValueError(f"{argument} is empty, shape {array.shape}; a domain needs at least one row and one feature.")
    if array.ndim == 4 and array.shape[3] not in (1, 3):
        hint = f"; use {argument}.transpose(0, 2, 3, 1)" if array.shape[1] in (1, 3) else ""
        raise ValueError(f"{argument} must have its 1 or 3 channels last, got shape {array.shape}{hint}.")


def _check_finite(array: np.ndarray, argument: str) -> None:
    bad = ~np.isfinite(array)
    if bad.any():
        first = tuple(map(int, np.unravel_index(int(np.argmax(bad)), array.shape)))
        n_nan = int(np.isnan(array).sum())
        raise ValueError(
            f"{argument} holds {n_nan} NaN and {int(bad.sum()) - n_nan} infinite values, the first at index"
            f" {first}; drop such rows, or fill them, for instance with sklearn.impute.SimpleImputer."
        )


def _check_size(array: np.ndarray, argument: str) -> None:
    if array.dtype.kind == "f" and np.abs(array).max() > np.finfo(np.float32).max:
        raise ValueError(f"{argument} holds values too large for float32, in which networks compute; rescale it.")


def _check_pixels(array: np.ndarray, argument: str) -> None:
    if array.dtype == np.uint8:
        return
    low, high = array.min(), array.max()
    if array.dtype.kind != "f":
        raise ValueError(
            f"{argument} holds images, which must be uint8 or floats in [0, 1], got dtype {array.dtype} with"
            f" values from {low} to {high}; use {argument}.astype(np.uint8) if they lie in 0..255."
        )
    if low < 0 or high > 1:
        raise ValueError(
            f"{argument} holds float images, whose pixels must lie in [0, 1], got {low:g} to {high:g}; divide"
            " by their range, or pass uint8. Means are subtracted later, by the networks."
        )


def _vector(values: ArrayLike, n_rows: int, argument: str) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1:
        own = f"{argument}.ravel()" if hasattr(values, "ravel") else f"numpy.ravel({argument})"  # a frame has none
        hint = f"; use {own}" if array.ndim == 2 and 1 in array.shape else ""
        raise ValueError(f"{argument} must have shape (n_rows,), got {array.shape}{hint}.")
    if len(array) != n_rows:
        raise ValueError(f"{argument} must have one entry per row of X, {n_rows} in all, got {len(array)}.")
    if array.dtype.kind == "O":
        types = {type(value) for value in array.tolist()}
        if len(types) == 1:
            array = np.array(array.tolist())
        else:
            types_named = ", ".join(sorted(kind.__name__ for kind in types))
            way_out = "convert them first"
            if any(value is None or value != value or type(value).__name__ == "NAType" for value in array.tolist()):
                way_out = "drop rows without a label; of a target, X_target_test takes those that have one"
            raise TypeError(f"{argument} must hold values of one type, got {types_named}; {way_out}.")
    if array.dtype.kind == "S":
        raise TypeError(f"{argument} holds bytes; make them text with {argument}.astype(str).")
    if array.dtype.kind not in "iubfU" or array.ndim != 1:
        raise TypeError(f"{argument} must hold integers, booleans, floats or strings, got dtype {array.dtype}.")
    return array
