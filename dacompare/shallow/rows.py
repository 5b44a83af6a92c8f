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
        For None, what is no array of rows, NaN or infinity, too few rows, or another number of features.

    Examples
    --------
    >>> check_target([[1, 2, 3], [4, 5, 6]], 2)
    Traceback (most recent call last):
        ...
    ValueError: X_target has 3 features, but X has 2; both domains must have the same features.
    """
    check_given(X_target)
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


def check_given(X_target: Any) -> None:
    """Refuse None in the place of target rows, where there is no source-only form to fall back on.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> check_given(None)
    Traceback (most recent call last):
        ...
    ValueError: X_target must hold the target rows, got None; only the fit of an estimator can do without them.
    """
    if X_target is None:
        raise ValueError(
            "X_target must hold the target rows, got None; only the fit of an estimator can do without them."
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


def knows_domain(estimator: Any) -> bool:
    """Return whether an estimator can be told which domain rows come from.

    Examples
    --------
    >>> from sklearn.preprocessing import StandardScaler
    >>> from dacompare.shallow import DomainScaling
    >>> knows_domain(DomainScaling()), knows_domain(StandardScaler())
    (True, False)
    """
    methods = (getattr(estimator, name, None) for name in ("transform", "predict"))
    return any(method is not None and takes_domain(method) for method in methods)


def maps_by_domain(estimator: Any) -> list[str]:
    """Return the names of those estimators within another, however deep, that have a map for each domain.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from dacompare.shallow import DomainScaling
    >>> maps_by_domain(make_pipeline(StandardScaler(), DomainScaling()))
    ['domainscaling']
    """
    parts: dict[str, Any] = getattr(estimator, "get_params", dict)()
    return [
        name
        for name, part in parts.items()
        if hasattr(part, "fit") and hasattr(part, "transform") and takes_domain(part.transform)
    ]
