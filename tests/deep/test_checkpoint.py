import multiprocessing
import time

import numpy as np
import pytest
import torch
from sklearn.datasets import make_blobs

from dacompare.deep import Checkpoint, DANNClassifier, SourceOnlyClassifier


class Stopped(Exception):
    pass


@pytest.fixture
def blobs():
    X, y = make_blobs(90, centers=3, random_state=0)
    return X, y, X[:70] + 0.5


@pytest.fixture
def images(rng):
    X = rng.integers(0, 256, (80, 16, 16, 3), dtype=np.uint8)
    return X, np.arange(80) % 3, rng.integers(0, 256, (70, 16, 16, 3), dtype=np.uint8)


def _dann(**changes):
    options = {"max_steps": 40, "monitor_every": 7, "random_state": 0, "network_options": {"dropout": 0.3}}
    return DANNClassifier(**{**options, **changes})


def _same(one, other):
    weights, others = one.network_.state_dict(), other.network_.state_dict()
    return all(torch.equal(weights[name], others[name]) for name in weights) and one.history_ == other.history_


def _stop_at(steps):
    def monitor(step, estimator):
        if step >= steps:
            raise Stopped
        return {}

    return monitor


@pytest.mark.parametrize("kind", ["blobs", "images"])
def test_a_training_that_was_stopped_ends_in_the_same_bits(kind, request, tmp_path):
    X, y, X_target = request.getfixturevalue(kind)
    whole = _dann().fit(X, y, X_target=X_target, monitor=lambda step, e: {})
    checkpoint = Checkpoint(tmp_path / "state.safetensors", every=5)
    for steps in (14, 28):
        with pytest.raises(Stopped):
            _dann().fit(X, y, X_target=X_target, monitor=_stop_at(steps), checkpoint=checkpoint)
    seen = []
    again = _dann().fit(X, y, X_target=X_target, monitor=lambda step, e: seen.append(step) or {}, checkpoint=checkpoint)
    assert seen == [28, 35, 40]
    assert _same(whole, again)
    assert again.history_["step"] == [0, 7, 14, 21, 28, 35, 40]
    assert checkpoint.seconds_before > 0


def test_with_and_without_a_checkpoint_the_bits_are_the_same(blobs, tmp_path):
    X, y, X_target = blobs
    kept = _dann().fit(X, y, X_target=X_target, checkpoint=Checkpoint(tmp_path / "a", every=3))
    assert _same(kept, _dann().fit(X, y, X_target=X_target))
    _dann().fit(X, y, X_target=X_target, checkpoint=Checkpoint(tmp_path / "b", every=0))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("damage", ["truncated", "altered", "empty", "text"])
def test_a_damaged_file_is_not_used(damage, blobs, tmp_path):
    X, y, X_target = blobs
    path = tmp_path / "state"
    whole = _dann().fit(X, y, X_target=X_target, checkpoint=Checkpoint(path, every=30))
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    wrong = {"truncated": content[:-100], "altered": content, "empty": b"", "text": b"no tensors here"}
    path.write_bytes(wrong[damage])
    seen = []
    again = _dann().fit(
        X, y, X_target=X_target, monitor=lambda step, e: seen.append(step) or {}, checkpoint=Checkpoint(path, every=30)
    )
    assert seen[0] == 0
    assert _same(whole, again)


@pytest.mark.parametrize("other", [{"max_steps": 41}, {"random_state": 1}, {"gamma": 5.0}, {"network_options": None}])
def test_the_state_of_another_training_is_not_used(other, blobs, tmp_path):
    X, y, X_target = blobs
    path = tmp_path / "state"
    _dann().fit(X, y, X_target=X_target, checkpoint=Checkpoint(path, every=10))
    expected = _dann(**other).fit(X, y, X_target=X_target)
    assert _same(_dann(**other).fit(X, y, X_target=X_target, checkpoint=Checkpoint(path, every=10)), expected)
    moved = _dann().fit(X, y, X_target=X_target + 1, checkpoint=Checkpoint(path, every=10))
    assert _same(moved, _dann().fit(X, y, X_target=X_target + 1))


def test_source_only_goes_on_too(blobs, tmp_path):
    X, y, _ = blobs
    checkpoint = Checkpoint(tmp_path / "state", every=10)
    settings = {"max_steps": 40, "monitor_every": 5, "random_state": 3}
    with pytest.raises(Stopped):
        SourceOnlyClassifier(**settings).fit(X, y, monitor=_stop_at(25), checkpoint=checkpoint)
    again = SourceOnlyClassifier(**settings).fit(X, y, checkpoint=checkpoint)
    assert _same(again, SourceOnlyClassifier(**settings).fit(X, y))


def test_every_must_be_a_number_of_steps(tmp_path):
    with pytest.raises(ValueError, match="every must be a whole number of steps from 0 on, got -1"):
        Checkpoint(tmp_path / "state", every=-1)


def _train_and_tell(folder, pipe):
    """Train in a process of its own; tell the parent after every step that something is recorded."""
    torch.set_num_threads(1)
    X, y = make_blobs(90, centers=3, random_state=0)

    def monitor(step, estimator):
        pipe.send(step)
        return {}

    # On a processor: a process that takes a GPU needs seconds before its first step, and is killed twenty times.
    dann = _dann(max_steps=200, monitor_every=1, device="cpu").fit(
        X, y, X_target=X[:70] + 0.5, monitor=monitor, checkpoint=Checkpoint(f"{folder}/state", every=3)
    )
    dann.save(f"{folder}/done")
    pipe.send("done")


def _run_until(context, folder, stop_after):
    """Start the training and kill it after so many recorded steps; tell whether it was done before."""
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_train_and_tell, args=(str(folder), there))
    process.start()
    there.close()
    seen = []
    try:
        while len(seen) < stop_after and "done" not in seen:
            seen.append(here.recv())
    finally:
        if "done" not in seen:
            process.kill()
        process.join()
        here.close()
    return seen


def test_twenty_kills_at_random_steps_end_in_the_same_bytes(tmp_path, rng):
    context = multiprocessing.get_context("forkserver")
    # What twenty-two processes would import one by one.
    context.set_forkserver_preload(["dacompare.deep", "sklearn.datasets", "pytest"])
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir()
    killed.mkdir()
    _run_until(context, whole, 10**6)
    kills, furthest = 0, 0
    for _ in range(20):
        seen = _run_until(context, killed, int(rng.integers(1, 14)))
        kills += "done" not in seen
        furthest = max(furthest, *(step for step in seen if step != "done"))
        time.sleep(rng.uniform(0, 0.002))
    assert kills == 20
    assert furthest > 40  # it went on, and did not start anew each time
    _run_until(context, killed, 10**6)
    for name in ("done.safetensors", "done.json"):
        assert (whole / name).read_bytes() == (killed / name).read_bytes()
