"""Rows of invented comparisons, for the tests of the summary and of the verdict."""

KINDS = {"source-only": "deep", "dann": "deep", "sa": "shallow", "sa-oracle": "shallow", "train-on-target": "bound"}
LABELS = {
    "source-only": "Source only",
    "dann": "DANN",
    "sa": "Subspace alignment",
    "sa-oracle": "Subspace alignment, oracle",
    "train-on-target": "Train on target",
}
BASE = [0.40, 0.41, 0.39, 0.40, 0.40]


def rows_of(**accuracies):
    """Return rows for accuracies such as ``dann=[.5, None]``; None is a row that failed."""
    rows = []
    for name, values in accuracies.items():
        method = name.replace("_", "-")
        for seed, value in enumerate(values):
            rows.append(
                {
                    "method": method, "label": LABELS[method], "kind": KINDS[method], "seed": seed,
                    "oracle": method.endswith("-oracle"), "status": "failed" if value is None else "ok",
                    "target_accuracy": value, "network_target_accuracy": None, "validators": {},
                }
            )  # fmt: skip
    return rows


def shifted(*differences):
    return [base + d for base, d in zip(BASE, differences, strict=True)]
