"""Bring domains to one form: the classes that are asked for, labels of one type, columns of one scale, channels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from dacompare.domains.domain import Domain
from dacompare.domains.loaded import LoadedDomain
from dacompare.domains.scales import unit_variance_of

Label = str | int | float


def only_classes(loaded: LoadedDomain, classes: Sequence[Label]) -> LoadedDomain:
    """Keep the rows of some classes, of the official test set, too; the first of its files counts the others.

    Parameters
    ----------
    loaded : LoadedDomain
        With labels.
    classes : sequence of str, int or float
        The labels to keep.

    Raises
    ------
    ValueError
        Where there are no labels, or where a label has no row in either part.

    Examples
    --------
    >>> only_classes(LoadedDomain(Domain([[1.0], [2.0]], ["cat", "dog"])), ["dog"]).train.X
    array([[2.]])
    """
    parts = [part for part in (loaded.train, loaded.test) if part is not None and part.y is not None]
    if not parts:
        raise ValueError(
            f"classes = {list(classes)!r} asks for rows by label, and {loaded.train.name!r} has no labels."
        )
    present = {label for part in parts for label in part.y.tolist()}  # type: ignore[union-attr]
    if missing := [label for label in classes if label not in present]:
        raise ValueError(
            f"classes names {missing[0]!r}, which no row of {loaded.train.name!r} has; its labels are"
            f" {', '.join(map(repr, sorted(present, key=str)[:20]))}."
        )
    kept = _changed(loaded, lambda part: part if part.y is None else part.take(_is_in(part.y, classes)))
    first, *others = kept.files or (None,)
    if first is None:
        return kept
    return replace(kept, files=(replace(first, left_out=first.left_out + _n_rows(loaded) - _n_rows(kept)), *others))


def same_labels(loaded: Mapping[str, LoadedDomain]) -> dict[str, LoadedDomain]:
    """Turn numbers into text where the labels of one domain are numbers and those of the other are text.

    A number becomes the name of its class where its domain has such names, else what one writes for it: folders that
    are called 0 to 9 go with labels 0 to 9.

    Parameters
    ----------
    loaded : mapping of str to LoadedDomain
        The two domains.

    Examples
    --------
    >>> digits, folders = Domain([[1.0]], [7]), Domain([[1.0]], ["7"])
    >>> same_labels({"source": LoadedDomain(digits), "target": LoadedDomain(folders)})["source"].train.y
    array(['7'], dtype='<U1')
    """
    kinds = {_is_text(part) for domain in loaded.values() for part in (domain.train, domain.test) if _has_labels(part)}
    return {side: _changed(domain, _as_text) for side, domain in loaded.items()} if len(kinds) > 1 else dict(loaded)


def standardised(loaded: Mapping[str, LoadedDomain]) -> dict[str, LoadedDomain]:
    """Subtract from each column its mean in the source, and divide it by its standard deviation in the source.

    One map for both domains, so that what tells them apart stays. Columns that are constant in the source are only
    shifted.

    Raises
    ------
    ValueError
        For images.

    Examples
    --------
    >>> domains = {"source": LoadedDomain(Domain([[0.0], [2.0]], [0, 1])), "target": LoadedDomain(Domain([[5.0]]))}
    >>> standardised(domains)["target"].train.X
    array([[4.]])
    """
    X = loaded["source"].train.X
    if X.ndim != 2:
        raise ValueError(
            "[source] unit_variance = true is for columns of features; networks centre images by themselves."
        )
    if any(domain.train.X.shape[1:] != X.shape[1:] for domain in loaded.values()):
        return dict(loaded)  # refused in words a little later

    scale = unit_variance_of(X)
    return {side: _changed(domain, lambda part: replace(part, X=scale(part.X))) for side, domain in loaded.items()}


def _changed(loaded: LoadedDomain, change: Callable[[Domain], Domain]) -> LoadedDomain:
    return replace(loaded, train=change(loaded.train), test=None if loaded.test is None else change(loaded.test))


def _n_rows(loaded: LoadedDomain) -> int:
    return loaded.train.n_rows + (0 if loaded.test is None else loaded.test.n_rows)


def _is_in(y: np.ndarray, classes: Sequence[Label]) -> np.ndarray:
    wanted = set(classes)
    return np.array([label in wanted for label in y.tolist()], dtype=bool)


def _has_labels(part: Domain | None) -> bool:
    return part is not None and part.y is not None


def _is_text(part: Domain | None) -> bool:
    return part is not None and part.y is not None and part.y.dtype.kind == "U"


def _as_text(part: Domain) -> Domain:
    if part.y is None or part.y.dtype.kind == "U":
        return part
    return replace(part, y=np.array([text_of(label, part) for label in part.y.tolist()]), class_names=None)


def text_of(label: Label, part: Domain) -> str:
    """Return the text that a label that is a number stands for: the name of its class, or the number itself."""
    labels = np.unique(part.y).tolist() if part.y is not None else []
    names = part.class_names
    if names is None:
        return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)
    return names[labels.index(label)] if len(names) == len(labels) else names[int(label)]


def same_channels(domains: Mapping[str, Domain]) -> dict[str, Domain]:
    """Repeat grey images to three channels where other domains are in colour.

    Examples
    --------
    >>> grey, colour = Domain(np.zeros((1, 8, 8), np.uint8)), Domain(np.zeros((1, 8, 8, 3), np.uint8))
    >>> same_channels({"source": grey, "target": colour})["source"].row_shape
    (8, 8, 3)
    """
    images = [domain for domain in domains.values() if domain.kind == "image"]
    # 0: no channel axis at all, as most grey images come.
    most = max((domain.row_shape[2] if len(domain.row_shape) == 3 else 0 for domain in images), default=0)
    return {name: _with_channels(domain, most) for name, domain in domains.items()}


def _with_channels(domain: Domain, channels: int) -> Domain:
    if domain.kind == "features" or domain.row_shape[2:] == ((channels,) if channels else ()):
        return domain
    grey = domain.X if domain.X.ndim == 4 else domain.X[..., None]
    return replace(domain, X=np.repeat(grey, channels, axis=3))
