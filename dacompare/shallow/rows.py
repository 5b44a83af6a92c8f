"""Check target rows, and hand the name of a domain to the steps that take one."""

import inspect
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_array

from dacompare.domains.unwrapping import unwrap
from dacompare.names import check_name

DomainName = Literal["source", "target"]
DOMAIN_NAMES = ("source", "target")


def check_target(X_target: Any, n_features: int, *, least: int = 2, source: str = "X") -> NDArray[np.float64]:
    """Return at least so many target rows as float64, or say why they cannot stand beside a source of these features.

    Parameters
    ----------
    X_target : array-like of shape (n_target, n_features) or Domain
    n_features : int
        Of the source.
    least : int
    source : str
        What the caller calls the source, for the message.

    Raises
    ------
    TypeError, ValueError
        For what is no array of rows, NaN or infinity, too few rows, or another number of features.

    Examples
    --------
    >>> check_target([[1, 2, 3], [4, 5, 6]], 2)
    Traceback (most recent call last):
        ...
    ValueError: X_target has 3 features, but X has 2; both domains must have the same features.
    """
    try:
        target = check_array(unwrap(X_target), dtype=np.float64, ensure_min_samples=0, input_name="X_target")
    except (TypeError, ValueError) as error:
        if "X_target" in str(error):
            raise
        # scikit-learn names the argument where values are not finite, and nowhere else.
        raise type(error)(f"X_target: {error}") from error
    if len(target) < least:
        raise ValueError(f"X_target must have at least {least} rows to adapt to, got {len(target)}.")
    if target.shape[1] != n_features:
        raise ValueError(
            f"X_target has {target.shape[1]} features, but {source} has {n_features}; both domains must have"
            " the same features."
        )
    return target


def check_labels_of_source(y: Any, n_source: int) -> None:
    """Say so where what stands in the place of the labels is something else, such as the target rows.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> check_labels_of_source([[0.0, 1.0], [2.0, 3.0]], 2)
    Traceback (most recent call last):
        ...
    ValueError: y must hold one label for each of the 2 source rows, got shape (2, 2); target rows go into
    fit(X, y, X_target=...).
    """
    shape = np.asarray(y).shape if y is not None else (n_source,)
    if shape not in ((n_source,), (n_source, 1)):
        raise ValueError(
            f"y must hold one label for each of the {n_source} source rows, got shape {shape}; target rows go into"
            " fit(X, y, X_target=...)."
        )


def check_domain(domain: object) -> str:
    """Return ``"source"`` or ``"target"``, or say that nothing else names a domain.

    Raises
    ------
    ValueError
        For any other value.

    Examples
    --------
    >>> check_domain("source")
    'source'
    """
    return check_name("domain", domain, DOMAIN_NAMES)


def takes_domain(method: Callable[..., Any]) -> bool:
    """Return whether a method has a parameter of the name ``domain``.

    Examples
    --------
    >>> from sklearn.preprocessing import StandardScaler
    >>> takes_domain(StandardScaler().transform)
    False
    """
    return "domain" in inspect.signature(method).parameters


def apply_in_domain(method: Callable[..., Any], X: Any, domain: str) -> Any:
    """Call a method with ``domain=`` where it takes one; others treat both domains alike.

    Examples
    --------
    >>> apply_in_domain(lambda X, domain: (X, domain), 1, "source"), apply_in_domain(abs, -1, "source")
    ((1, 'source'), 1)
    """
    return method(X, domain=domain) if takes_domain(method) else method(X)
