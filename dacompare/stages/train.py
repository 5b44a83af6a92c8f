"""Train one network of one seed, and keep its weights, curves, features and predictions."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from threadpoolctl import threadpool_limits

from dacompare.domains import Domain, Transfer
from dacompare.methods import METHODS
from dacompare.stages.features import Features, on_features, transfer_parts
from dacompare.stages.folder import checkpoint_path, is_finished, require, said, write_json, writing

VERSION = 3
MONITOR_ROWS = 250
N_FOLDS = 5


def train_row(
    folder: Path, transfer: Transfer, settings: Mapping[str, Any], seed: int, adapted: Path | None = None
) -> Path:
    """Train the network of a deep row, unless `folder` holds it already.

    Writes ``network.safetensors``/``.json``, ``features.npz`` (last hidden layer), ``predictions.npz`` (the
    network's own head) and ``row.json``.

    Parameters
    ----------
    folder : Path
        From :func:`~dacompare.stages.folder.stage_folder`.
    transfer : Transfer
        The data; of a row that adapts, target rows go in without labels.
    settings : mapping
        "method", "network" and "training", as a recipe has them.
    seed : int
        Fixes the initialisation and the order of the rows.
    adapted : Path or None
        Where the features of a shallow row lie that the network takes for its input.
    """
    if is_finished(folder):
        return folder
    require(adapted)
    if adapted is not None:
        transfer = on_features(transfer, Features.load(adapted / "features.npz"))
    method = METHODS[settings["method"]]
    estimator = method.build(settings["network"], settings["training"], seed)
    checkpoint = checkpoint_of(folder, settings)
    started = time.perf_counter()
    with threadpool_limits(1), said() as sentences:
        if method.kind == "bound":
            # On the target's labels: mean subtraction is then of the target as well.
            estimator.fit(transfer.target.X, transfer.target.y, checkpoint=checkpoint)
        else:
            monitor = _monitor(transfer, seed)
            data = (transfer.source.X, transfer.source.y)
            estimator.fit(*data, X_target=transfer.target.X, monitor=monitor, checkpoint=checkpoint)
    seconds = checkpoint.seconds_before + time.perf_counter() - started
    with writing(folder) as draft:
        _write(draft, estimator, transfer, seconds, sentences)
    checkpoint.path.unlink(missing_ok=True)
    return folder


def cross_fit_bound(folder: Path, transfer: Transfer, settings: Mapping[str, Any], seed: int) -> Path:
    """Train on four fifths of the target and keep the features of the last fifth, five times.

    The bound of a transductive transfer, which has no target test set: no row is predicted by a network or an SVM
    that has seen its label. Writes ``fold-<k>.npz`` with "train", "test" (features), "rows", "train_rows" and
    "predictions".
    """
    if is_finished(folder):
        return folder
    build = METHODS[settings["method"]].build
    target = transfer.target
    assert target.y is not None, "a bound needs target labels; the recipe check has seen to that"
    started = time.perf_counter()
    with threadpool_limits(1), writing(folder) as draft:
        sentences: list[str] = []
        for fold, (train_rows, rows) in enumerate(_folds(target, seed)):
            estimator = build(settings["network"], settings["training"], seed)
            with said() as own:
                estimator.fit(target.X[train_rows], target.y[train_rows])
            sentences += [sentence for sentence in own if sentence not in sentences]
            np.savez(
                draft / f"fold-{fold}.npz",
                train=estimator.transform(target.X[train_rows]),
                test=estimator.transform(target.X[rows]),
                rows=rows,
                train_rows=train_rows,
                predictions=transfer.positions(estimator.predict(target.X[rows])),
            )
        seconds = time.perf_counter() - started
        facts = {"fit_seconds": seconds, "warnings": sentences, "history": {}, "steps": estimator.n_steps_}
        write_json(draft / "row.json", facts)
    return folder


def checkpoint_of(folder: Path, settings: Mapping[str, Any]) -> Any:
    """Return the checkpoint of a training, beside its stage's folder."""
    from dacompare.deep import Checkpoint

    return Checkpoint(checkpoint_path(folder), every=settings["training"]["checkpoint_every"])


def _folds(target: Domain, seed: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    if target.groups is None:
        splitter = StratifiedKFold(N_FOLDS, shuffle=True, random_state=seed)
        return list(splitter.split(np.zeros(target.n_rows), target.y))
    grouped = StratifiedGroupKFold(N_FOLDS, shuffle=True, random_state=seed)
    return list(grouped.split(np.zeros(target.n_rows), target.y, target.groups))


def _monitor(transfer: Transfer, seed: int) -> Callable[[int, Any], dict[str, Any]]:
    """Watch test accuracies on a few rows. What it sees is drawn on the page and read by nothing else."""
    rng = np.random.default_rng(seed)
    source = None if transfer.source_test is None else _some(transfer.source_test, rng)
    target = _some(transfer.target_evaluation, rng)

    def monitor(step: int, estimator: Any) -> dict[str, Any]:
        seen: dict[str, Any] = {
            "source_test_accuracy": None if source is None else estimator.score(source.X, source.y),
            "target_test_accuracy": None if target.y is None else estimator.score(target.X, target.y),
        }
        if hasattr(estimator, "domain_proba") and source is not None:
            right = (
                (estimator.domain_proba(source.X) < 0.5).mean(),
                (estimator.domain_proba(target.X) >= 0.5).mean(),
            )
            seen["held_out_domain_accuracy"] = float(sum(right) / 2)
        return seen

    return monitor


def _some(domain: Domain, rng: np.random.Generator) -> Domain:
    rows = rng.permutation(domain.n_rows)[:MONITOR_ROWS]
    return domain.take(np.sort(rows))


def _write(draft: Path, estimator: Any, transfer: Transfer, seconds: float, complaints: list[str]) -> None:
    estimator.save(draft / "network")
    parts = {name: estimator.features_and_scores(part.X) for name, part in transfer_parts(transfer).items()}
    Features(**{name: features for name, (features, _) in parts.items()}).save(draft / "features.npz")
    labels = {name: estimator.classes_[scores.argmax(axis=1)] for name, (_, scores) in parts.items()}
    predictions: dict[str, Any] = {name: transfer.positions(own) for name, own in labels.items()}
    # Probabilities on unlabelled target rows: what validators ask for where the network's own head counts.
    predictions["target_probabilities"] = softmax(parts["target"][1], axis=1)
    np.savez(draft / "predictions.npz", **predictions)
    write_json(
        draft / "row.json",
        {
            "fit_seconds": seconds,
            "steps": estimator.n_steps_,
            "warnings": complaints,
            "history": estimator.history_,
        },
    )
