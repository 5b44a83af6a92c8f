"""Train a row the other way round: from the target with its predicted labels back to the source."""

import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from dacompare.domains import Transfer
from dacompare.methods import METHODS
from dacompare.selection.candidate import Refit
from dacompare.shallow import shared_classifier
from dacompare.stages.features import Features, scaled
from dacompare.stages.folder import checkpoint_path, is_finished, require, said, write_json, writing
from dacompare.stages.judge import THE_WAY_BACK, Positions
from dacompare.stages.regularisation import svm_C
from dacompare.stages.train import checkpoint_of

VERSION = 1
STREAM = 30
"""Stream of the networks that go back, apart from those of the way there."""

Train = Callable[[Features, NDArray[Any]], NDArray[Any]]
"""(features of the way back, labels of its source) -> labels of its target test rows."""


def exchanged(features: Features, scaling: str) -> Features:
    """Return the features of the way back: the target is its source, the source its target, to be judged on test rows.

    Parameters
    ----------
    features : Features
        Of the way there, scaled or not: they are scaled anew, by the rows that are now the source.
    scaling : {"rms", "none", "zscore-per-domain"}

    Examples
    --------
    >>> rows = np.ones((1, 2))
    >>> back = exchanged(Features(rows, 2 * rows, 3 * rows), "none")
    >>> back.source.tolist(), back.target.tolist(), back.target_test.tolist()
    ([[2.0, 2.0]], [[1.0, 1.0]], [[3.0, 3.0]])
    """
    return scaled(Features(features.target, features.source, target_test=features.source_test), scaling)


def shallow_refit(train: Train, transfer: Transfer, features: Features, protocol: Mapping[str, Any]) -> Refit:
    """Return what trains a shallow row the other way round, for :class:`~dacompare.stages.judge.Answers`.

    Only what the row itself does is done again: features of a network stay as they are, though that network has
    learned from source labels.

    Parameters
    ----------
    train : callable
        Trains the row anew, and says what it says of target test rows.
    transfer : Transfer
    features : Features
        What the row starts from, not what it made of them.
    protocol : mapping
        The recipe's table; "scaling" is done anew.
    """

    def refit(_: Any, pseudo_labels: Positions, *rows: Any) -> Positions:
        with said() as sentences:
            try:
                back = exchanged(features, protocol["scaling"])
                labels = transfer.positions(train(back, transfer.classes[pseudo_labels]))
            except ValueError:
                raise
            except Exception as error:  # the row has its result, and keeps it, whatever its method trips over
                raise ValueError(f"{type(error).__name__}: {error}") from error
        for sentence in sentences:
            warnings.warn(f"{THE_WAY_BACK}: {sentence}", stacklevel=2)
        return labels

    return refit


def reverse_network(
    folder: Path,
    transfer: Transfer,
    trained: Path,
    settings: Mapping[str, Any],
    protocol: Mapping[str, Any],
    seed: int,
    made_by: str | None = None,
) -> Path:
    """Train the network of a deep row the other way round, unless `folder` holds it already.

    The same settings and steps, on target training rows with the labels that the row predicts, adapting to source
    training rows without labels; then the head that counts, with the C of the way there. Weights are drawn and rows
    ordered by a stream of this way's own, so that nothing is found back for having started from the same place.

    Writes ``predictions.npz`` ("pseudo_labels", and what the way back says about "source_test", both as class
    positions) and ``row.json`` ("reason" where it could not be trained, "seconds", "warnings").

    Parameters
    ----------
    trained : Path
        Where the network of the way there lies.
    settings : mapping
        As in :func:`~dacompare.stages.train.train_row`.
    protocol : mapping
        The recipe's table.
    made_by : str or None
        The shallow row whose features the network takes. It would have to go back as well, so there is no value: with
        its features as they are, a row that destroyed them would find back to the source unharmed.
    """
    if is_finished(folder):
        return folder
    require(trained)
    reason, answers = None, np.empty(0, np.int64)
    checkpoint = checkpoint_of(folder, settings)
    with threadpool_limits(1), said() as sentences:
        pseudo_labels, svm = _way_there(transfer, trained, protocol, seed)
        started = time.perf_counter()
        try:
            if made_by:
                raise ValueError(f"its input is what {made_by} made, the way there only")
            answers = _way_back(transfer, pseudo_labels, settings, protocol["scaling"], svm, seed, checkpoint)
        except (ValueError, FloatingPointError) as error:  # too few rows, or a training that diverged: a result, too
            reason = str(error)
    seconds = checkpoint.seconds_before + time.perf_counter() - started
    with writing(folder) as draft:
        np.savez(draft / "predictions.npz", pseudo_labels=pseudo_labels, source_test=answers)
        write_json(draft / "row.json", {"reason": reason, "seconds": seconds, "warnings": sentences})
    checkpoint_path(folder).unlink(missing_ok=True)
    return folder


def reverse_seed(seed: int) -> int:
    """Return the seed of the network that goes back.

    Examples
    --------
    >>> reverse_seed(0) != 0
    True
    """
    return int(np.random.SeedSequence(seed, spawn_key=(STREAM,)).generate_state(1)[0])


def _way_there(
    transfer: Transfer, trained: Path, protocol: Mapping[str, Any], seed: int
) -> tuple[Positions, Any | None]:
    """Return what the row says about the target's training rows, and its classifier; None for the network's own."""
    if protocol["head"] == "network":
        with np.load(trained / "predictions.npz") as own:
            return own["target"], None
    features, y = scaled(Features.load(trained / "features.npz"), protocol["scaling"]), transfer.source.y
    C = svm_C(protocol, features.source, y, seed)
    svm = shared_classifier(protocol["classifier"], C, seed).fit(features.source, y)
    return transfer.positions(svm.predict(features.target)), svm


def _way_back(
    transfer: Transfer,
    pseudo_labels: Positions,
    settings: Mapping[str, Any],
    scaling: str,
    svm: Any | None,
    seed: int,
    checkpoint: Any,
) -> Positions:
    """Return what is said about the source test rows by a row that learned from labels of the target."""
    assert transfer.source_test is not None, "only planned where there are source test rows"
    source, target, source_test = transfer.source.X, transfer.target.X, transfer.source_test.X
    if (pseudo_labels == pseudo_labels[0]).all():  # no network learns one class
        return np.full(len(source_test), pseudo_labels[0])
    labels = transfer.classes[pseudo_labels]
    estimator = METHODS[settings["method"]].build(settings["network"], settings["training"], reverse_seed(seed))
    estimator.fit(target, labels, X_target=source, checkpoint=checkpoint)
    if svm is None:
        return transfer.positions(estimator.predict(source_test))
    hidden = Features(*(estimator.transform(X) for X in (source, target, source_test)))
    back = exchanged(hidden, scaling)
    return transfer.positions(clone(svm).fit(back.source, labels).predict(back.target_test))
