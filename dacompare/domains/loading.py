"""Load the two domains that a recipe names, split them, and put them together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from dacompare.domains.agreement import check_labels, check_same_rows
from dacompare.domains.catalogue import DOMAINS
from dacompare.domains.domain import Domain
from dacompare.domains.harmonising import only_classes, same_labels, standardised
from dacompare.domains.loaded import LoadedDomain
from dacompare.domains.options import check_options, check_split
from dacompare.domains.preparation import look_at
from dacompare.domains.splits import split_rows, split_rows_beside, subsample_rows
from dacompare.domains.transfer import Transfer

# Each random choice has a stream of its own, so that one more choice moves no other.
STREAMS = {"split source": 0, "split target": 1, "source": 2, "source_test": 3, "target": 4, "target_test": 5}
DRAWN = ("fonts", "fontsm")
"""Domains that are drawn from nothing: two of them are made side by side."""
DEFAULT_SHARE = 0.2
Parts = tuple[Domain, Domain | None]


@dataclass(frozen=True, eq=False)
class LoadedTransfer:
    """A transfer, and where its data comes from.

    Parameters
    ----------
    transfer : Transfer
        The four domains.
    files : list of dict
        name, sha256 and bytes of everything that was read or generated; each once.
    generator : dict or None
        Generator settings by side, "source" and "target"; None where nothing was generated.
    genuine : Domain or None
        Labelled rows that networks are also scored on, and nothing else: what others have published, where the
        target was generated.
    """

    transfer: Transfer
    files: list[dict[str, Any]]
    generator: dict[str, Any] | None
    genuine: Domain | None = None


def load_transfer(
    source: Mapping[str, Any],
    target: Mapping[str, Any],
    split: Mapping[str, Any] | None = None,
    *,
    genuine: Mapping[str, Any] | None = None,
    title: str = "",
    slug: str = "",
    base: str | Path | None = None,
    n_jobs: int = 1,
) -> LoadedTransfer:
    """Load a transfer from the tables of a recipe.

    Where a share is asked for, all rows of the domain are split anew, official test rows included; `false`
    leaves the official test rows out; the transductive protocol takes all target rows. Where the domains
    share groups, as MNIST and MNIST-M do, a group that one side trains on is trained on by the other.

    Parameters
    ----------
    source, target : mapping
        `domain`, a key of DOMAINS, and the loader's options; also `classes`, in `target` `labelled`, in `source`
        `unit_variance`.
    split : mapping, optional
        protocol, source_test, target_test, by_group, split_seed, max_rows; see `check_split`. With
        `max_rows`, training sets keep that many rows at most, and test sets half as many.
    genuine : mapping, optional
        `domain` and its options: other rows to score on, its official test rows where there are any.
    title, slug : str
        As in `Transfer`.
    base : path, optional
        Folder that a relative `path` or `…_path` option starts from.
    n_jobs : int
        From 2 on, two domains that are drawn from nothing are made side by side.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError
        Naming the option or the file, and what would work.

    Examples
    --------
    >>> rows = {"rows": 60, "test_rows": 20}
    >>> load_transfer({"domain": "fonts", **rows}, {"domain": "fontsm", **rows}).transfer
    Transfer('fonts → fontsm', inductive, 10 classes: source 60 + 20 test, target 60 + 20 test rows)
    """
    rule = check_split(split)
    loaded = _load_both({"source": source, "target": target}, base, n_jobs)
    loaded = same_labels(loaded)
    on_one_scale = bool(source.get("unit_variance", False))
    looked = look_at(loaded["source"].train, loaded["target"].train, unit_variance=on_one_scale)
    if on_one_scale:
        loaded = standardised(loaded)
    if not rule["by_group"]:
        loaded = {side: _without_groups(domain) for side, domain in loaded.items()}
    (source_train, source_test), (target_train, target_test) = _split(loaded["source"], loaded["target"], rule)
    transfer = Transfer(
        source=_subsampled(source_train, "source", rule),
        target=_subsampled(target_train, "target", rule),
        source_test=source_test and _subsampled(source_test, "source_test", rule),
        target_test=target_test and _subsampled(target_test, "target_test", rule),
        protocol=rule["protocol"],
        title=title,
        slug=slug,
        preparation=looked,
    )
    beside = None if genuine is None else _load(genuine, check_options("genuine", genuine), base)
    origins = [*loaded.values(), *([] if beside is None else [beside])]
    files = {file: None for domain in origins for file in domain.files}
    generators = {side: domain.generator for side, domain in loaded.items() if domain.generator is not None}
    rows = None if beside is None else _check_genuine(beside.test or beside.train, transfer)
    return LoadedTransfer(transfer, [file.to_dict() for file in files], generators or None, rows)


def _load_both(
    tables: Mapping[str, Mapping[str, Any]], base: str | Path | None, n_jobs: int
) -> dict[str, LoadedDomain]:
    options = {side: check_options(side, table) for side, table in tables.items()}  # before any process is started
    # Drawing takes seconds, and needs nothing of this process. What is read may depend on its environment.
    drawn = all(t["domain"] in DRAWN and t.get("photos", "sklearn") == "sklearn" for t in tables.values())
    parallel = Parallel(n_jobs=min(n_jobs, len(tables)) if drawn else 1)
    loaded = parallel(delayed(_load)(tables[side], options[side], base) for side in tables)
    return dict(zip(tables, loaded, strict=True))


def _load(table: Mapping[str, Any], options: dict[str, Any], base: str | Path | None) -> LoadedDomain:
    if base is not None:
        paths = {k: v for k, v in options.items() if v and (k == "path" or k.endswith("_path"))}
        options |= {k: str(Path(base) / Path(v).expanduser()) for k, v in paths.items()}
    loaded = DOMAINS[table["domain"]](**options)
    if "classes" in table:
        loaded = only_classes(loaded, table["classes"])
    if table.get("labelled", True):
        return loaded
    test = None if loaded.test is None else loaded.test.without_labels()
    return replace(loaded, train=loaded.train.without_labels(), test=test)


def _check_genuine(genuine: Domain, transfer: Transfer) -> Domain:
    """Check that the rows beside a transfer are of its kind, have labels, and were never trained on."""
    check_same_rows({"target": transfer.target, "genuine": genuine})
    check_labels({"source": transfer.source, "genuine": genuine})
    if genuine.y is None:
        raise ValueError("genuine must have labels, got y=None: accuracy on it is all that it is for.")
    for name in ("source", "target"):
        groups = getattr(transfer, name).groups
        if groups is not None and genuine.groups is not None:
            shared = np.intersect1d(groups, genuine.groups)
            if len(shared):
                raise ValueError(
                    f"genuine has {len(shared)} groups that the {name} is trained on, such as {shared[0]!r}; score on"
                    " rows that no network has seen."
                )
    return genuine


def _without_groups(loaded: LoadedDomain) -> LoadedDomain:
    test = None if loaded.test is None else replace(loaded.test, groups=None)
    return replace(loaded, train=replace(loaded.train, groups=None), test=test)


def _split(source: LoadedDomain, target: LoadedDomain, rule: Mapping[str, Any]) -> tuple[Parts, Parts]:
    seeds = [
        np.random.SeedSequence(rule["split_seed"], spawn_key=(STREAMS[f"split {side}"],))
        for side in ("source", "target")
    ]
    if rule["protocol"] == "transductive":
        return _split_one("source", source, rule["source_test"], seeds[0], None), (_all_rows(target), None)
    # A side with an official test set cannot yield: it goes first, and the other follows it.
    if _is_official("target", target, rule["target_test"]):
        target_parts = _split_one("target", target, rule["target_test"], seeds[1], None)
        return _split_one("source", source, rule["source_test"], seeds[0], target_parts), target_parts
    source_parts = _split_one("source", source, rule["source_test"], seeds[0], None)
    return source_parts, _split_one("target", target, rule["target_test"], seeds[1], source_parts)


def _is_official(side: str, loaded: LoadedDomain, test: str | float | None) -> bool:
    if test == "official" and loaded.test is None:
        raise ValueError(
            f"[split] {side}_test is 'official', but {loaded.train.name!r} has no official test set; leave it"
            f" out, or give a share such as {DEFAULT_SHARE}."
        )
    return test == "official" or (test is None and loaded.test is not None)


def _split_one(
    side: str,
    loaded: LoadedDomain,
    test: str | float | None,
    seed: np.random.SeedSequence,
    other: Parts | None,
) -> Parts:
    if test is False or _is_official(side, loaded, test):
        return loaded.train, None if test is False else loaded.test
    pool = _all_rows(loaded)
    share = DEFAULT_SHARE if test is None else float(test)
    shared = _shared_groups(pool, other)
    y = pool.y if side == "source" else None  # as in _subsampled
    if pool.groups is None or other is None or not any(shared):
        train_rows, test_rows = split_rows(y, pool.groups, share, seed, n_rows=pool.n_rows)
    else:
        train_rows, test_rows = split_rows_beside(
            y, pool.groups, share, seed, train_groups=shared[0], test_groups=shared[1]
        )
    return pool.take(train_rows), pool.take(test_rows)


def _shared_groups(pool: Domain, other: Parts | None) -> tuple[set[object], set[object]]:
    mine = set() if pool.groups is None else set(pool.groups.tolist())
    train, test = ({} if d is None or d.groups is None else d.groups.tolist() for d in other or (None, None))
    return mine & set(train), mine & set(test)


def _all_rows(loaded: LoadedDomain) -> Domain:
    train, test = loaded.train, loaded.test
    if test is None:
        return train
    return replace(
        train,
        X=np.concatenate([train.X, test.X]),
        y=_joined(train.y, test.y),
        groups=_joined(train.groups, test.groups),
    )


def _joined(first: np.ndarray | None, second: np.ndarray | None) -> np.ndarray | None:
    return None if first is None or second is None else np.concatenate([first, second])


def _subsampled(domain: Domain, name: str, rule: Mapping[str, Any]) -> Domain:
    if not rule["max_rows"]:
        return domain
    most = max(1, rule["max_rows"] // 2) if name.endswith("test") else rule["max_rows"]
    seed = np.random.SeedSequence(rule["split_seed"], spawn_key=(STREAMS[name],))
    # What adaptation sees must not be balanced by labels that a user without them could not use.
    y = None if name == "target" else domain.y
    return domain.take(subsample_rows(y, most, seed, n_rows=domain.n_rows))
