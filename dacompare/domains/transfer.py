"""Put a source and a target together as one transfer task, with their test sets and one protocol."""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import ArrayLike

from dacompare.domains.agreement import (
    check_groups_apart,
    check_labels,
    check_same_rows,
    check_split,
    warn_constant_features,
)
from dacompare.domains.checks import check_groups, check_X, check_y
from dacompare.domains.domain import Domain
from dacompare.domains.harmonising import same_channels
from dacompare.domains.preparation import AS_THEY_CAME, Preparation, look_at
from dacompare.domains.sample_domain import join_domains, split_domains
from dacompare.domains.scales import on_one_scale
from dacompare.domains.splits import split_rows
from dacompare.names import check_name

PROTOCOLS = ("inductive", "transductive")


@dataclass(frozen=True, eq=False, repr=False)
class Transfer:
    """One transfer task: learn from the labelled source, be judged on the target.

    Everything that can be wrong between the domains is checked here, once. Where one domain is in colour,
    grey images of the others are repeated to three channels.

    Parameters
    ----------
    source : Domain
        Labelled rows to train on.
    target : Domain
        Rows to adapt to; their labels, if any, are read by the upper bound and the few-label rows only.
    source_test : Domain, optional
        Labelled source rows that no method trains on; validators need them.
    target_test : Domain, optional
        Target rows that no method sees before it is judged; needed by the inductive protocol.
    protocol : {"inductive", "transductive"}
        Inductive: adapt on `target`, test on `target_test`. Transductive: adapt and test on all of `target`.
    title : str
        What reports call the task; by default "source name → target name".
    slug : str
        Name for files, of a-z, 0-9 and "-"; by default made from the title.
    preparation : Preparation, optional
        What was done to the rows before, and found in them; `from_arrays` and `load_transfer` say it.

    Raises
    ------
    TypeError, ValueError
        Naming the domains that do not belong together, and what would work.

    Warns
    -----
    UserWarning
        Of constant features, and of groups shared by the source and the target test set.

    Examples
    --------
    >>> source = Domain([[0.0], [1.0], [2.0]], [0, 1, 1], name="old")
    >>> target = Domain([[0.5], [1.5]], name="new")
    >>> transfer = Transfer(source, target, protocol="transductive")
    >>> transfer
    Transfer('old → new', transductive, 2 classes: source 3, target 2 rows, unlabelled target)
    >>> transfer.target_evaluation is transfer.target
    True
    """

    source: Domain
    target: Domain
    source_test: Domain | None = None
    target_test: Domain | None = None
    protocol: str = "inductive"
    title: str = ""
    slug: str = ""
    preparation: Preparation = AS_THEY_CAME

    def __post_init__(self) -> None:
        domains = self.domains
        for name, domain in domains.items():
            if not isinstance(domain, Domain):
                raise TypeError(
                    f"{name} must be a Domain, got {type(domain).__name__}; use Transfer.from_arrays for arrays."
                )
        _check_protocol(self.protocol, self.target_test)
        domains = same_channels(domains)
        check_same_rows(domains)
        check_labels(domains)
        check_groups_apart(domains)
        warn_constant_features({name: domains[name] for name in ("source", "target")})
        title = self.title or " → ".join(filter(None, (self.source.name, self.target.name)))
        for field, value in {**domains, "title": title, "slug": _checked_slug(self.slug, title)}.items():
            object.__setattr__(self, field, value)

    @classmethod
    def from_arrays(
        cls,
        X_source: ArrayLike,
        y_source: ArrayLike,
        X_target: ArrayLike,
        y_target: ArrayLike | None = None,
        *,
        X_target_test: ArrayLike | None = None,
        y_target_test: ArrayLike | None = None,
        groups_source: ArrayLike | None = None,
        groups_target: ArrayLike | None = None,
        class_names: Sequence[str] | None = None,
        unit_variance: bool = False,
        test_size: float | None = 0.2,
        random_state: int = 0,
        title: str = "",
        slug: str = "",
    ) -> "Transfer":
        """Build a transfer from arrays: the source is split, the target is used as it comes.

        Parameters
        ----------
        X_source, y_source : array-like
            Labelled source rows: features (n, n_features) or images (n, height, width[, channels]).
        X_target, y_target : array-like
            Target rows, and their labels if there are any. They never reach a method that adapts.
        X_target_test, y_target_test : array-like, optional
            Other target rows to test on: the protocol is then inductive, else transductive.
        groups_source, groups_target : array-like, optional
            One identity per row; the source split never cuts a group in two.
        class_names : sequence of str, optional
            Names of the sorted source labels.
        unit_variance : bool
            Whether each column is brought to mean 0 and standard deviation 1 of the source, in all domains alike.
        test_size : float or None
            Share of the source rows that is kept for testing, by class and group; None: no source test set.
        random_state : int
            Seed of that split.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> X, y = rng.normal(size=(50, 3)), np.arange(50) % 2
        >>> Transfer.from_arrays(X, y, X + 1)
        Transfer('source → target', transductive, 2 classes: source 40 + 10 test, target 50 rows,
        unlabelled target)
        """
        if X_target_test is None and y_target_test is not None:
            raise ValueError("y_target_test was given without X_target_test; give both, or neither.")
        if X_target_test is not None and y_target is not None and y_target_test is None:
            warnings.warn(
                "y_target was given without y_target_test: no accuracy can be measured on X_target_test, so the target"
                " counts as unlabelled.",
                UserWarning,
                stacklevel=2,
            )
        source = _domain("source", X_source, y_source, groups_source, class_names)
        target = _domain("target", X_target, y_target, groups_target)
        target_test = None
        if X_target_test is not None:
            target_test = _domain("target_test", X_target_test, y_target_test, None)
            target_test = replace(target_test, name="target")
        looked = look_at(source, target, unit_variance=unit_variance)
        scaled = on_one_scale(source, unit_variance)
        source, target, target_test = scaled(source), scaled(target), target_test and scaled(target_test)
        source_test = None
        check_labels({"source": source})  # before rows are shared out by class, which would blame their number
        if test_size is not None:
            train, test = split_rows(source.y, source.groups, test_size, random_state, n_rows=source.n_rows)
            check_split(source.y, train, test_size, by_groups=source.groups is not None)
            source, source_test = source.take(train), source.take(test)
        protocol = "transductive" if target_test is None else "inductive"
        return cls(source, target, source_test, target_test, protocol, title, slug, looked)

    @classmethod
    def from_sample_domain(
        cls,
        X: ArrayLike,
        y: ArrayLike,
        sample_domain: ArrayLike,
        *,
        labelled: bool = True,
        test_size: float | None = 0.2,
        random_state: int = 0,
        title: str = "",
        slug: str = "",
    ) -> "Transfer":
        """Build a transductive transfer from skada's stacked form.

        Parameters
        ----------
        X, y : array-like
            Source and target rows in one array, and their labels.
        sample_domain : array-like of shape (n,)
            One number for the source, not negative, and one for the target, negative (skada: 1 and -2).
        labelled : bool
            False: whatever `y` holds for target rows is dropped, masks included.
        test_size, random_state, title, slug
            As in `from_arrays`.

        Raises
        ------
        ValueError
            Where several sources or targets are given, or where labels are -1 or NaN: in this form they mean
            "masked", and nothing tells a masked label from a class that is called -1.

        Examples
        --------
        >>> X = np.arange(8.0).reshape(8, 1)
        >>> y, sample_domain = [0, 1, 0, 1, 0, 1, 0, 1], [1, 1, 1, 1, -2, -2, -2, -2]
        >>> Transfer.from_sample_domain(X, y, sample_domain, test_size=0.5)
        Transfer('source → target', transductive, 2 classes: source 2 + 2 test, target 4 rows)
        """
        X_source, y_source, X_target, y_target = split_domains(X, y, sample_domain, labelled=labelled)
        return cls.from_arrays(
            X_source,
            y_source,
            X_target,
            y_target,
            test_size=test_size,
            random_state=random_state,
            title=title,
            slug=slug,
        )

    def to_sample_domain(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return source and target (not their test sets) in skada's stacked form.

        Returns
        -------
        X : ndarray
            Source rows, then target rows.
        y : ndarray
            Their labels; those of an unlabelled target are masked, -1 (NaN where labels are floats).
        sample_domain : ndarray of int
            1 for source rows, -2 for target rows.

        Examples
        --------
        >>> transfer = Transfer.from_arrays([[0.0], [1.0]], [0, 1], [[2.0]], test_size=None)
        >>> transfer.to_sample_domain()[1:]
        (array([ 0,  1, -1]), array([ 1,  1, -2]))
        """
        return join_domains(self.source, self.target)

    @property
    def domains(self) -> dict[str, Domain]:
        """The two to four domains by field name, in order; absent test sets are left out."""
        named = {f.name: getattr(self, f.name) for f in fields(self)[:4]}
        return {name: domain for name, domain in named.items() if domain is not None}

    @property
    def target_evaluation(self) -> Domain:
        """The target rows that accuracy is measured on."""
        return self.target if self.target_test is None else self.target_test

    @property
    def has_target_labels(self) -> bool:
        """Whether the rows of `target_evaluation` have labels."""
        return self.target_evaluation.y is not None

    @property
    def can_train_on_target(self) -> bool:
        """Whether both the target's training rows and the rows it is judged on have labels, as a bound needs."""
        return self.target.y is not None and self.target_evaluation.y is not None

    @property
    def kind(self) -> str:
        """Whether rows are images or feature vectors: "image" or "features"."""
        return self.source.kind

    @property
    def classes(self) -> np.ndarray:
        """Sorted labels of the source, shape (n_classes,)."""
        return np.unique(_labels(self.source))

    def positions(self, labels: ArrayLike) -> np.ndarray:
        """Return where each label stands in `classes`, shape (n,)."""
        return np.searchsorted(self.classes, labels)

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name per entry of `classes`: the source's own, or else the labels themselves."""
        labels, names = self.classes.tolist(), self.source.class_names
        if names is None:
            return tuple(map(str, labels))
        return names if len(names) == len(labels) else tuple(names[int(label)] for label in labels)

    def __repr__(self) -> str:
        sizes = [
            f"{name} {train.n_rows:,}" + (f" + {test.n_rows:,} test" if test is not None else "")
            for name, train, test in (
                ("source", self.source, self.source_test),
                ("target", self.target, self.target_test),
            )
        ]
        labels = "" if self.has_target_labels else ", unlabelled target"
        task = f"{self.title!r}, {self.protocol}, {len(self.classes)} classes"
        return f"Transfer({task}: {', '.join(sizes)} rows{labels})"


def _labels(domain: Domain) -> np.ndarray:
    if domain.y is None:  # unreachable after the checks of a Transfer; it tells the type checker so
        raise ValueError("source must have labels, got y=None.")
    return domain.y


def _check_protocol(protocol: str, target_test: Domain | None) -> None:
    check_name("protocol", protocol, PROTOCOLS)
    if protocol == "inductive" and target_test is None:
        raise ValueError(
            "target_test must be given with protocol='inductive', got None; use protocol='transductive' to"
            " adapt to all target rows and test on them."
        )
    if protocol == "transductive" and target_test is not None:
        raise ValueError(
            f"target_test must be None with protocol='transductive', got {target_test!r}; that protocol tests"
            " on `target` itself: use protocol='inductive'."
        )


def _checked_slug(slug: str, title: str) -> str:
    for name, value in (("slug", slug), ("title", title)):
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a string, got {value!r}.")
    if slug and not re.fullmatch(r"[a-z0-9]+(-+[a-z0-9]+)*", slug):
        raise ValueError(f"slug must be made of a-z, 0-9 and '-', got {slug!r}; it becomes a file name.")
    return slug or re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _domain(
    name: str,
    X: ArrayLike,
    y: ArrayLike | None,
    groups: ArrayLike | None,
    class_names: Sequence[str] | None = None,
) -> Domain:
    # Checked under the caller's own names first, so that the message says X_source and not X.
    rows = check_X(X, f"X_{name}")
    check_y(y, len(rows), f"y_{name}")
    check_groups(groups, len(rows), f"groups_{name}")
    return Domain(X, y, groups=groups, name=name, class_names=class_names)
