"""Keep the state of a training in a file, so that a training that was killed goes on where it was."""

import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from dacompare.deep.batches import BatchOrder
from dacompare.deep.momentum import MomentumDescent

FORMAT = "dacompare-checkpoint/1"
ROWS_AT_ONCE = 4096
History = dict[str, list[Any]]


class Checkpoint:
    """A file that a training writes its state to now and then, and starts from where there is one.

    A training that goes on ends in the same weights, to the last bit, as one that was never stopped. A file that is
    damaged, or that belongs to other data, settings or versions, is not used: the training then starts anew.

    Parameters
    ----------
    path : str or Path
        Of the file. It is replaced whole at each writing, and stays when the training is done; delete it then.
    every : int
        Steps between two writings; 0 writes none.

    Attributes
    ----------
    seconds_before : float
        Training time, in seconds, of the part that the file brought along.

    Examples
    --------
    >>> import tempfile
    >>> from sklearn.datasets import make_blobs
    >>> from dacompare.deep import SourceOnlyClassifier
    >>> X, y = make_blobs(100, centers=3, random_state=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     checkpoint = Checkpoint(f"{folder}/state.safetensors", every=20)
    ...     fitted = SourceOnlyClassifier(max_steps=50, random_state=0).fit(X, y, checkpoint=checkpoint)
    ...     checkpoint.path.exists(), fitted.n_steps_
    (True, 50)
    """

    def __init__(self, path: str | Path, every: int = 1000) -> None:
        if isinstance(every, bool) or not isinstance(every, int) or every < 0:
            raise ValueError(f"every must be a whole number of steps from 0 on, got {every!r}")
        self.path, self.every = Path(path), every
        self.seconds_before = 0.0

    def is_due(self, steps_done: int) -> bool:
        """Tell whether the state is to be written after so many steps."""
        return self.every > 0 and steps_done % self.every == 0


@dataclass
class TrainingState:
    """Everything that the next step depends on, beside the data and the plan.

    Parameters
    ----------
    network, descent
        With their weights and momentum.
    orders : dict of str to BatchOrder
        The rows still to come, by domain.
    history : dict of lists
        What was recorded so far.
    fingerprint : str
        Hash of the data, the plan and the weights at the start: a state of another training is not taken.
    started : float
        ``time.perf_counter()`` at the start of this process's part.
    """

    network: nn.Module
    descent: MomentumDescent
    orders: dict[str, BatchOrder]
    history: History
    fingerprint: str
    started: float

    def write(self, checkpoint: Checkpoint, steps_done: int) -> None:
        """Put the state into the file, whole or not at all."""
        tensors = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"momentum.{name}": buffer for name, buffer in self.descent.velocity.items()}
        tensors |= {f"rows.{name}": torch.from_numpy(order.left) for name, order in self.orders.items()}
        tensors |= {f"random.{device}": state for device, state in _random_states(self._device).items()}
        channels_last = [name for name, value in tensors.items() if _is_channels_last(value)]
        tensors = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        facts = {
            "format": FORMAT,
            "fingerprint": self.fingerprint,
            "steps_done": steps_done,
            "history": self.history,
            "orders": {name: order.rng.bit_generator.state for name, order in self.orders.items()},
            "channels_last": channels_last,
            "seconds": checkpoint.seconds_before + time.perf_counter() - self.started,
        }
        text = json.dumps(facts, sort_keys=True)
        content = save(tensors, {"facts": text, "sha256": _digest(text, tensors)})
        checkpoint.path.parent.mkdir(parents=True, exist_ok=True)
        draft = checkpoint.path.with_name(f"{checkpoint.path.name}.tmp-{os.getpid()}")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(checkpoint.path)

    def restore(self, checkpoint: Checkpoint) -> int:
        """Take the state from the file; return how many steps it has behind it, 0 where it cannot be used."""
        found = _read(checkpoint.path)
        if found is None or found[0].get("fingerprint") != self.fingerprint:
            return 0
        facts, tensors = found
        laid_out = set(facts["channels_last"])
        tensors = {
            # Sums may come out differently in another memory order.
            name: value.contiguous(memory_format=torch.channels_last) if name in laid_out else value
            for name, value in tensors.items()
        }
        self.network.load_state_dict(_part(tensors, "network."))
        momentum = _part(tensors, "momentum.")
        self.descent.velocity = {name: buffer.to(self._device) for name, buffer in momentum.items()}
        for name, order in self.orders.items():
            order.left = tensors[f"rows.{name}"].numpy()
            order.rng.bit_generator.state = facts["orders"][name]
        _set_random_states(_part(tensors, "random."))
        self.history.update(facts["history"])
        checkpoint.seconds_before = float(facts["seconds"])
        return int(facts["steps_done"])

    @property
    def _device(self) -> torch.device:
        return next(self.network.parameters()).device


def fingerprint(settings: Any, network: nn.Module, arrays: list[Tensor | None]) -> str:
    """Return a hash of what a training starts from.

    Parameters
    ----------
    settings : object
        Whose ``repr`` says everything else: the plan, the random streams, versions.
    network : nn.Module
        With its weights at the start.
    arrays : list of Tensor or None
        Data and labels.
    """
    digest = hashlib.sha256(f"{FORMAT} {torch.__version__} {np.__version__} {settings!r}".encode())
    for name, value in [*network.state_dict().items(), *((str(k), array) for k, array in enumerate(arrays))]:
        shape = "none" if value is None else f"{value.dtype} {tuple(value.shape)}"
        digest.update(f"{name} {shape};".encode())
        # Part by part: images lie channels-last, and a copy in this order of all of them is as large as they are.
        for part in () if value is None else value.split(ROWS_AT_ONCE) if value.ndim else (value,):
            digest.update(_bytes(part))
    return digest.hexdigest()


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
    """Return what a checkpoint says and holds, None where there is none that is whole."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no dict)
        if metadata["sha256"] != _digest(metadata["facts"], tensors):
            return None
        facts = json.loads(metadata["facts"])
    except (OSError, SafetensorError, KeyError, ValueError):
        return None
    return (facts, tensors) if facts.get("format") == FORMAT else None


def _digest(text: str, tensors: dict[str, Tensor]) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(_bytes(tensors[name]))
    return digest.hexdigest()


def _bytes(tensor: Tensor) -> Any:
    return tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data if tensor.numel() else b""


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _is_channels_last(tensor: Tensor) -> bool:
    return tensor.ndim == 4 and not tensor.is_contiguous() and tensor.is_contiguous(memory_format=torch.channels_last)


def _random_states(device: torch.device) -> dict[str, Tensor]:
    states = {"cpu": torch.get_rng_state()}
    return states if device.type == "cpu" else {**states, str(device): torch.cuda.get_rng_state(device)}


def _set_random_states(states: dict[str, Tensor]) -> None:
    for device, state in states.items():
        if device == "cpu":
            torch.set_rng_state(state)
        else:
            torch.cuda.set_rng_state(state, device)
