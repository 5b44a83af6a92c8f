"""Decide how the labels of two places go together: which classes are shared, and what to do with the others."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dacompare.domains.harmonising import Label
from dacompare.domains.inspected import Choice, Decision, Inspected, named, one_line


def decide_labels(source: Inspected, target: Inspected, test: Inspected | None, unlabelled: bool) -> Decision:
    """Decide whether the target's labels can be used, and which classes are compared.

    Parameters
    ----------
    source, target : Inspected
    test : Inspected or None
        Official test rows of the target.
    unlabelled : bool
        True: what looks like labels of the target is none.
    """
    problems = tuple(_source_problems(source))
    counts = _joined(target.labels, None if test is None else test.labels)
    if counts is None or problems:
        return Decision(problems=problems)
    if unlabelled:
        return Decision(target=(Choice("labelled", False, "As asked for: what looks like labels is none."),))
    if len(counts) == 1 and target.domain == "svmlight":
        (only,) = counts
        why = f"All rows have the label {one_line(only)}, which is taken for a placeholder."
        return Decision(
            target=(Choice("labelled", False, why),), notes=(f"The target's labels: {why[0].lower()}{why[1:]}",)
        )
    as_text = _comparable(source, target)
    known = {as_text(source, label): label for label in source.labels or ()}
    own = {as_text(target, label): label for label in counts}
    shared, new = [t for t in own if t in known], [t for t in own if t not in known]
    missing, twins = [t for t in known if t not in own], _twins([*known, *own])
    if not shared:
        return Decision(problems=(_nothing_shared(known, own, twins),))
    part = Decision(is_labelled=True, notes=tuple(_label_notes(missing, twins)))
    if new:
        n = sum(counts[own[text]] for text in new)
        why = f"The source has no {named(new)}: {n:,} target rows, which no method could get right, are left out."
        part.target = (Choice("classes", [own[text] for text in shared], why),)
        part.notes += (f"{why[:-1]} (classes = … in [target]).",)
    if missing:
        why = "The target has fewer classes than the source; with this line, the source has only those of the target:"
        part.source = (Choice("classes", [known[text] for text in shared], why, is_used=False),)
    return part


def _source_problems(source: Inspected) -> Iterable[str]:
    if source.labels is None:
        how = "put the images of each class into a folder of their own" if source.is_image else "give it labels"
        yield f"The source {source.path} has no labels, and nothing can be learned from it: {how}."
    elif len(source.labels) < 2:
        yield f"The source has one class only, {named(source.labels)}; at least two are needed."
    elif max(source.labels.values()) < 2:
        n = len(source.labels)
        yield (
            f"No class of the source has two rows, so that nothing is left to test on: its {n} rows have {n} different"
            " labels. Give more rows; or, if the labels are measurements, sort them into classes first."
        )


def _joined(*counts: Mapping[Label, int] | None) -> dict[Label, int] | None:
    known = [each for each in counts if each is not None]
    joined: dict[Label, int] = {}
    for each in known:
        for label, n in each.items():
            joined[label] = joined.get(label, 0) + n
    return joined if known else None


def _comparable(source: Inspected, target: Inspected) -> Callable[[Inspected, Label], Any]:
    """Return what makes the labels of both sides comparable, as loading does: text where one side has text."""
    if source.has_text_labels == target.has_text_labels:
        return lambda side, label: label
    return lambda side, label: side.texts.get(label, str(label))


def _twins(names: Iterable[Any]) -> list[tuple[str, str]]:
    """Return pairs of names that differ only in case or in spaces around them."""
    first: dict[str, str] = {}
    twins = []
    for name in dict.fromkeys(name for name in names if isinstance(name, str)):
        other = first.setdefault(name.strip().casefold(), name)
        if other != name:
            twins.append((other, name))
    return twins


def _nothing_shared(known: Iterable[Any], own: Iterable[Any], twins: list[tuple[str, str]]) -> str:
    text = f"The two domains share no class: the source has {named(known)}, the target {named(own)}."
    if twins:
        return f"{text} {_say_twins(twins)} Name them alike."
    return f"{text} Name them alike; or, if the target's are no classes, add --unlabelled."


def _say_twins(twins: list[tuple[str, str]]) -> str:
    shown = "; ".join(f"{one_line(a)} and {one_line(b)}" for a, b in twins[:3])
    return f"These names differ in case or spaces alone, and count as different classes: {shown}."


def _label_notes(missing: list[Any], twins: list[tuple[str, str]]) -> Iterable[str]:
    if twins:
        yield _say_twins(twins)
    if missing:
        yield (
            f"The target has no row of {named(missing)}. Methods that bring all of the source and all of the target"
            " together may suffer from that."
        )
