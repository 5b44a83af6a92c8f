"""Make a results dict that is plausible, clearly invented, and as large or as hostile as a test wants it."""

import base64
import io

import numpy as np
from PIL import Image

METHODS = {
    "source-only": ("Source only", "deep", 0.46, False),
    "sa": ("Subspace alignment", "shallow", 0.49, False),
    "sa-oracle": ("Subspace alignment, oracle", "shallow", 0.52, True),
    "dann": ("DANN", "deep", 0.63, False),
    "train-on-target": ("Train on target", "bound", 0.91, False),
}
T95 = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45}
VALIDATORS = {"source-accuracy": True, "paper": False, "reverse-svm": True, "entropy": False}


def sample_results(
    *,
    seeds=5,
    methods=tuple(METHODS),
    classes=10,
    labelled=True,
    images=True,
    points=1000,
    steps=50,
    extra_rows=0,
    hostile="",
    overrides=(),
    partial=False,
):
    """Return a dict of schema "dacompare/1"; `hostile` is put into every text that a user can choose."""
    rng = np.random.default_rng(7)
    seeds = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    names = (
        [f"{hostile}{k}" for k in range(classes)] if classes <= 10 else [f"{hostile}sign {k}" for k in range(classes)]
    )
    table = {name: METHODS[name] for name in methods}
    for i in range(extra_rows):
        table[f"variant-{i}"] = (f"Invented variant {i}", "shallow", 0.40 + 0.003 * i, False)
    if not labelled:
        table = {name: entry for name, entry in table.items() if not entry[3]}
    rows = [_row(name, entry, seed, rng, labelled, classes, hostile) for name, entry in table.items() for seed in seeds]
    data = {
        "schema": "dacompare/1",
        "created": "2026-01-02T03:04:05+00:00",
        "partial": partial,
        "overrides": list(overrides),
        "recipe": _recipe(seeds, list(methods), hostile),
        "recipe_hash": "0123456789abcdef",
        "command": f"dacompare run invented{hostile}",
        "environment": _environment(hostile),
        "task": _task(names, labelled, images, hostile),
        "rows": rows,
        "summary": _summary(table, rows, labelled, hostile),
        "sweep": [_sweep(seed, rng, labelled) for seed in seeds] if "sa" in table else [],
        "selection": _selection(seeds, labelled),
        "validators": [
            {"name": n, "higher_is_better": up, "spearman": {"value": 0.71, "n": 310} if labelled else None, "note": ""}
            for n, up in VALIDATORS.items()
        ],
        "agreement": [_agreement(seed, [name for name in table if table[name][1] != "bound"]) for seed in seeds],
        "changes": _changes(seeds, table) if labelled else [],
        "divergence": [_distance(f, v, seed, rng) for f, v in _APART.items() for seed in seeds],
        "bound": [],
        "history": [_history(m, seed, rng, steps, labelled) for m in ("source-only", "dann") for seed in seeds],
        "embedding": [_embedding(m, seeds[0], rng, points, classes, labelled) for m in ("source-only", "dann")],
        "examples": _examples(rng, labelled, hostile, classes) if images else None,
        "disputed": None if labelled else _disputed(rng, table, classes, images),
        "verdict": _verdict(labelled, hostile),
    }
    return _rounded(data)


_APART = {"pixels": 1.97, "source-only": 1.62, "sa": 1.41, "dann": 0.34}


def _row(name, entry, seed, rng, labelled, classes, hostile):
    label, kind, level, oracle = entry
    bound = kind == "bound"
    accuracy = float(level + rng.normal(0, 0.012))
    confusion = _confusion(accuracy, classes)
    n = int(confusion.sum())
    accuracy = float(np.trace(confusion) / n)
    half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / n)
    status = "skipped" if bound and not labelled else "ok"
    scores = {n: {"value": float(rng.uniform(0.4, 0.9)), "seconds": 0.2, "reason": None} for n in VALIDATORS}
    if kind == "shallow":
        scores["paper"] = {"value": None, "seconds": 0.0, "reason": f"needs a source test set{hostile}"}
    return {
        "method": name, "label": label + hostile, "kind": kind,
        "features": "source-only" if kind == "shallow" else None,
        "seed": seed, "oracle": oracle, "status": status,
        "reason": f"needs target labels, and there are none{hostile}" if status == "skipped" else None,
        "params": {"n_components": 20 + seed} if kind == "shallow" else {},
        "source_accuracy": None if bound else 0.97, "target_accuracy": accuracy if labelled else None,
        "network_target_accuracy": accuracy + 0.004 if labelled and kind != "shallow" else None,
        "genuine_accuracy": None, "test_ci95": [accuracy - half, accuracy + half] if labelled else None,
        "gap_covered": None, "confusion": confusion.tolist() if labelled else None,
        "predicted_counts": confusion.sum(axis=0).tolist(), "domain_error": 0.3,
        "fit_seconds": 84.2 if kind != "shallow" else 6.5, "predict_seconds": 0.4,
        "steps": 2000 if kind != "shallow" else None,
        "warnings": [f"the domain classifier hardly learned{hostile}"] if name == "dann" and seed == 0 else [],
        "validators": {} if bound else scores,
    }  # fmt: skip


def _confusion(accuracy, classes, per_class=100):
    right = round(accuracy * per_class)
    matrix = np.zeros((classes, classes), int)
    for k in range(classes):
        matrix[k, k] = right
        matrix[k, (k + 3) % classes] += (per_class - right) // 2
        matrix[k, (k + 7) % classes] += per_class - right - (per_class - right) // 2
    return matrix


def _summary(table, rows, labelled, hostile):
    entries = []
    accuracies = {m: [r["target_accuracy"] for r in rows if r["method"] == m] for m in table}
    for name, (label, kind, _, oracle) in table.items():
        own = accuracies[name] if labelled else []
        base, top = accuracies.get("source-only", []), accuracies.get("train-on-target", [])
        versus = gap = None
        if labelled and name != "source-only" and base:
            difference = [a - b for a, b in zip(own, base, strict=True)]
            p = 0.03125 if len(own) > 5 and kind != "bound" and not oracle else None
            wins = sum(d > 0 for d in difference)
            versus = {"difference": np.mean(difference), "ci95": _interval(difference),
                      "ci95_joint": None if kind == "bound" or oracle else _interval(difference, 1.5), "wins": wins,
                      "n": len(own), "p_value": p, "p_holm": p and 2 * p}  # fmt: skip
            if top and kind != "bound":
                value = float(np.mean(difference) / (np.mean(top) - np.mean(base)))
                gap = {"value": value, "ci95": [value - 0.05, value + 0.05] if len(own) > 4 else None, "reason": None}
        networks = [r["network_target_accuracy"] for r in rows if r["method"] == name]
        entries.append({
            "method": name, "label": label + hostile, "kind": kind, "oracle": oracle,
            "n_seeds": len(own), "n_missing": 0,
            "mean": np.mean(own) if own else None, "sd": np.std(own, ddof=1) if len(own) > 1 else None,
            "ci95": _interval(own) if own else None, "network_mean": None if None in networks else np.mean(networks),
            "gap_covered": gap, "vs_source_only": versus,
            "published": _published(hostile) if name == "dann" else [],
        })  # fmt: skip
    return entries


def _published(hostile):
    note = f"Printed gap does not follow from the printed accuracies.{hostile}"
    return [{"accuracy": 0.7666, "gap_covered": 0.529, "where": f"An invented paper, Table 1{hostile}", "note": note}]


def _interval(values, times=1.0):
    if len(values) < 2:
        return None
    half = times * T95.get(len(values), 2.3) * np.std(values, ddof=1) / np.sqrt(len(values))
    return [np.mean(values) - half, np.mean(values) + half]


def _sweep(seed, rng, labelled):
    n = np.arange(2, 61)
    curve = 0.49 - 0.16 * np.exp(-n / 6) - 0.0012 * np.maximum(0, n - 25) + 0.02 * rng.normal(size=59).cumsum() / 6
    scores = 0.80 - 0.2 * np.exp(-n / 8) + 0.004 * rng.normal(size=59)
    return {
        "method": "sa", "seed": seed, "n_components": n.tolist(),
        "target_accuracy": curve.tolist() if labelled else None,
        "source_accuracy": (0.97 - 0.3 * np.exp(-n / 4)).tolist(), "validators": {"reverse-svm": scores.tolist()},
        "picks": {"reverse-svm": int(n[scores.argmax()])}, "oracle": int(n[curve.argmax()]) if labelled else None,
    }  # fmt: skip


def _selection(seeds, labelled):
    table = []
    for seed in seeds:
        for name in VALIDATORS:
            pick = "dann" if name == "reverse-svm" or seed % 2 else "source-only"
            known = (
                (0.63 if pick == "dann" else 0.46, 0.63, 0.46, 0.0 if pick == "dann" else 0.17)
                if labelled
                else [None] * 4
            )
            keys = ("pick_accuracy", "oracle_accuracy", "source_only_accuracy", "cost")
            table.append(
                {
                    "validator": name,
                    "scope": "methods",
                    "seed": seed,
                    "pick": pick,
                    **dict(zip(keys, known, strict=True)),
                }
            )
        known = (0.48, 0.51, 0.46, 0.03) if labelled else [None] * 4
        table.append({"validator": "reverse-svm", "scope": "n_components", "seed": seed, "pick": 30 + seed,
                      **dict(zip(keys, known, strict=True))})  # fmt: skip
    return table


def _agreement(seed, names):
    matrix = [[1.0 if a == b else 0.6 + 0.01 * abs(i - j) for j, b in enumerate(names)] for i, a in enumerate(names)]
    return {"seed": seed, "methods": names, "matrix": matrix}


def _changes(seeds, table):
    names = [name for name in table if name != "source-only"]
    counts = {"fixed": 240, "broken": 70, "both_right": 390, "both_wrong": 300}
    return [{"method": name, "seed": seed, **counts} for seed in seeds for name in names]


def _distance(features, level, seed, rng):
    value = level + float(rng.normal(0, 0.03))
    return {
        "features": features, "layer": "input" if features == "pixels" else "last_hidden", "seed": seed,
        "measure": "proxy-a-distance", "value": value, "domain_error": 0.5 - value / 4,
        "ci95": [value - 0.08, value + 0.08],
        "control_source": float(rng.normal(0, 0.03)), "control_target": float(rng.normal(0, 0.03)),
        "n_per_domain": 1000, "n_features": 784 if features == "pixels" else 100, "details": {"C": 0.1},
    }  # fmt: skip


def _history(method, seed, rng, n, labelled):
    step = np.linspace(0, 2000, n).round().astype(int)
    p = step / 2000
    dann = method == "dann"
    noise = rng.normal(0, 0.012, (5, n))
    domain = 0.25 + 0.4 * p + noise[1] if dann else 0.2 * np.exp(-4 * p) + 0.05 + abs(noise[1])
    on_target = (0.62 if dann else 0.46) - 0.4 * np.exp(-5 * p) + noise[4]
    return {
        "method": method, "seed": seed, "step": step.tolist(),
        "label_loss": (2.3 * np.exp(-9 * p) + 0.03 + 0.1 * dann + abs(noise[0])).tolist(),
        "domain_loss": domain.tolist() if dann else [None] * n,
        "train_domain_accuracy": (0.95 - 0.3 * p + noise[2]).tolist() if dann else [None] * n,
        "adaptation_factor": (2 / (1 + np.exp(-10 * p)) - 1).tolist() if dann else [None] * n,
        "learning_rate": (0.01 / (1 + 10 * p) ** 0.75).tolist(),
        "source_test_accuracy": (0.97 - 0.87 * np.exp(-9 * p) + noise[3] / 3).tolist(),
        "target_test_accuracy": on_target.tolist() if labelled else [None] * n,
        "held_out_domain_accuracy": [None] * n,
    }  # fmt: skip


def _embedding(features, seed, rng, n, classes, labelled):
    dann = features == "dann"
    label = rng.integers(classes, size=2 * n)
    domain = np.repeat([0, 1], n)
    angle = 2 * np.pi * label / classes
    centre = np.column_stack([np.cos(angle), np.sin(angle)]) * 45
    shift = (domain * (4 if dann else 38))[:, None] * np.array([0.6, -0.8])
    spread = np.where(domain, 8 if dann else 14, 5)[:, None]
    xy = centre * np.where(domain & (not dann), 0.35, 1)[:, None] + shift + spread * rng.normal(size=(2 * n, 2))
    return {
        "features": features, "layer": "extractor", "seed": seed,
        "x": xy[:, 0].round(2).tolist(), "y": xy[:, 1].round(2).tolist(),
        "domain": domain.tolist(), "label": label.tolist() if labelled else None, "perplexity": 30.0, "kl": 1.2,
        "proxy_a_distance": _APART[features],
    }  # fmt: skip


def _examples(rng, labelled, hostile, classes):
    n = min(10, classes)
    labels = list(range(n))
    before, after = 1 % classes, 2 % classes

    def tiles(after_is_right):
        said = {"before": before, "after": after} if after_is_right else {"before": after, "after": before}
        base = {"true": after, "seed": 0, "method": "dann", **said}
        return [{"png_base64": _png(_picture(rng, 1, photo=True)), "index": 17 * i, **base} for i in range(12)]

    return {
        "source": {"png_base64": _png(_picture(rng, n, photo=False)), "columns": n, "labels": labels},
        "target": {
            "png_base64": _png(_picture(rng, n, photo=True)),
            "columns": n,
            "labels": labels if labelled else None,
        },
        "fixed": tiles(True) if labelled else None,
        "broken": tiles(False) if labelled else None,
    }


def _disputed(rng, table, classes, images):
    names = [name for name, entry in table.items() if entry[1] != "bound"]
    rows = [
        {
            "index": 31 * i,
            "said": [int(k) for k in rng.integers(classes, size=len(names))],
            "png_base64": _png(_picture(rng, 1, photo=True)) if images else None,
        }
        for i in range(12)
    ]
    return {"seed": 0, "methods": names, "rows": rows}


def _picture(rng, n, *, photo):
    """Return a strip of discs and rings, on black or on coloured noise."""
    side, strip = 28, []
    x, y = np.meshgrid(np.linspace(-1, 1, side), np.linspace(-1, 1, side))
    for k in range(n):
        shape = (np.hypot(x, y * (1 + k / 5)) < 0.7) & (np.hypot(x, y) > 0.07 * k)
        ground = (
            rng.uniform(0, 1, (side // 4, side // 4, 3)).repeat(4, axis=0).repeat(4, axis=1)
            if photo
            else np.zeros((side, side, 3))
        )
        strip.append(np.abs(ground - shape[..., None]))
    return (np.concatenate(strip, axis=1).repeat(2, axis=0).repeat(2, axis=1) * 255).astype(np.uint8)


def _png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")


def _task(names, labelled, images, hostile):
    counts = [100] * len(names)
    return {
        "slug": "invented", "title": f"Invented discs → discs on noise{hostile}", "source": f"discs{hostile}",
        "target": f"discs on noise{hostile}", "protocol": "inductive", "head": "svm", "target_labels": labelled,
        "classes": names, "kind": "image" if images else "features", "shape": [28, 28, 3] if images else [16],
        "n": {"source_train": 6000, "source_test": 1000, "target_train": 6000, "target_test": 1000},
        "class_counts": {"source": counts, "target": counts if labelled else None}, "groups": True, "few": None,
        "data": [{"name": f"invented{hostile}.npz", "sha256": "ab" * 32, "bytes": 11_594_722}],
        "generator": {"name": f"noise{hostile}", "data_seed": 0},
    }  # fmt: skip


def _recipe(seeds, methods, hostile):
    return {
        "schema": "dacompare-recipe/1", "slug": "invented", "title": f"Invented{hostile}", "seeds": seeds,
        "note": f"These figures are invented to test the page.{hostile}",
        "source": {"domain": "discs"}, "target": {"domain": "discs-on-noise", "data_seed": 0},
        "training": {"steps": 2000, "batch": 128, "learning_rate": 0.01},
        "protocol": {"head": "svm", "primary_validator": "reverse-svm", "validators": list(VALIDATORS)},
        "method": [{"name": name} for name in methods if not name.endswith("-oracle")],
    }  # fmt: skip


def _environment(hostile):
    return {
        "python": "3.11.9", "packages": {"torch": "2.13.0", "scikit-learn": "1.9.1", "numpy": "2.4.6"},
        "cpu": f"Invented CPU{hostile}", "cores": 2, "threads": 1, "n_jobs": 2, "device": "cpu", "gpu": None,
        "precision": "float32", "wall_seconds": 1312.0, "peak_memory_mb": 812.0, "commit": None,
    }  # fmt: skip


def _verdict(labelled, hostile):
    if not labelled:
        text = "Whether adaptation helps cannot be known here: the target has no labels."
        return {"text": text + hostile, "code": "unlabelled", "basis": ["task.target_labels"]}
    text = (
        "Adaptation helps: DANN reaches 63.0 % on the target, 17.0 points above source-only (95 % interval 15.6 to "
        "18.4, better in 5 of 5 seeds). That covers 38 % of the gap to training on target labels; subspace alignment "
        "also helps (+3.0 points, 1.2 to 4.8)."
    )
    return {"text": text + hostile, "code": "helps", "basis": ["summary[3].vs_source_only"]}


def _rounded(value):
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(f"{float(value):.6g}") + 0.0
    return int(value) if isinstance(value, np.integer) else value
