"""Try learning rates and clipped gradients on Amazon reviews by what the *source* alone says: no target label is read.

``python benchmarks/amazon_settings.py words --json FILE`` trains the networks of the recipe `amazon-reviews` on four
pairs; ``msda`` on the features of marginalised denoising (one seed: a training takes half a minute).
"""

import argparse
import json
import warnings
from pathlib import Path
from statistics import fmean

import torch

from dacompare import MarginalisedDenoising
from dacompare.deep.health import UnstableTrainingWarning
from dacompare.domains.amazon_reviews import load_amazon_reviews
from dacompare.methods import METHODS
from dacompare.recipe import load_recipes

PAIRS = (("books", "dvd"), ("dvd", "electronics"), ("electronics", "kitchen"), ("kitchen", "books"))
CUTS = ((0.01, 5.0), (0.01, 1.0))  # learning rate, length at which gradients are cut
SETTINGS = {
    "words": ((0.01, 0.0), (0.003, 0.0), (0.001, 0.0), *CUTS),
    "msda": ((0.01, 0.0), (0.003, 0.0), (0.001, 0.0), (0.0001, 0.0), *CUTS),
}
SEEDS = {"words": (0, 1, 2), "msda": (0,)}


def measure(kind: str, source: str, target: str) -> list[dict]:
    """Train DANN under each setting and say whether it diverged, and how it does on source reviews held out."""
    labelled, unlabelled = load_amazon_reviews(part=source), load_amazon_reviews(part=target)
    X, y, X_target = labelled.train.X, labelled.train.y, unlabelled.train.X
    held_out = labelled.test
    assert held_out is not None, "reviews come with an official test set"
    X_test = held_out.X
    if kind == "msda":
        denoising = MarginalisedDenoising(dtype="float32").fit(X, y, X_target=X_target)
        X, X_test = (denoising.transform(rows, domain="source") for rows in (X, X_test))
        X_target = denoising.transform(X_target)
    recipe, found = load_recipes("amazon-reviews")[0], []
    for rate, cut in SETTINGS[kind]:
        for seed in SEEDS[kind]:
            training = {**recipe.training, "learning_rate": rate, "clip_gradient": cut}
            dann = METHODS["dann"].build(recipe.network, training, seed)
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                dann.fit(X, y, X_target=X_target)
            one = {"pair": f"{source}-{target}", "rate": rate, "cut": cut, "seed": seed}
            one["diverged"] = any(issubclass(warning.category, UnstableTrainingWarning) for warning in said)
            found.append({**one, "source_accuracy": round(float(dann.score(X_test, held_out.y)), 4)})
            print(json.dumps(found[-1]), flush=True)
    return found


def table(found: list[dict]) -> list[str]:
    """Return a line a setting: trainings, how many diverged, mean accuracy on source reviews held out."""
    settings: dict[tuple, list[dict]] = {}
    for one in found:
        settings.setdefault((one["rate"], one["cut"]), []).append(one)
    return [
        f"| {rate:g} | {f'{cut:g}' if cut else '–'} | {sum(one['diverged'] for one in own)} of {len(own)} | "
        f"{100 * fmean(one['source_accuracy'] for one in own):.1f} |"
        for (rate, cut), own in settings.items()
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(SETTINGS))
    parser.add_argument("--json", type=Path, required=True)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    trained = [one for pair in PAIRS for one in measure(asked.kind, *pair)]
    asked.json.write_text(json.dumps(trained, indent=1) + "\n", encoding="utf-8")
    print("\n".join(table(trained)))
