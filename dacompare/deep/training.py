"""Train a network, on source labels alone or against a domain classifier as well."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dacompare.deep.arithmetic import autocast
from dacompare.deep.batches import BatchOrder
from dacompare.deep.checkpoint import Checkpoint, History, TrainingState, fingerprint
from dacompare.deep.gradient_reversal import reverse_gradient
from dacompare.deep.health import check_finite, domain_complaint, gradient_norm
from dacompare.deep.inputs import InputScaling
from dacompare.deep.momentum import MomentumDescent
from dacompare.deep.networks import Network
from dacompare.deep.schedules import adaptation_factor, learning_rate


@dataclass(frozen=True)
class Plan:
    """How long, how fast and how strongly to train: every number that the loop reads."""

    steps: int
    batch: int
    learning_rate: float
    schedule: str
    momentum: float
    weight_decay: float
    clip_gradient: float
    precision: str
    record_every: int
    adaptation_factor: str | float = "paper"
    gamma: float = 10.0
    domain_loss_weight: float = 1.0

    def rate_at(self, step: int) -> float:
        """Return the learning rate of one step."""
        if self.schedule == "constant":
            return self.learning_rate
        return learning_rate(step / self.steps, self.learning_rate)

    def factor_at(self, step: int) -> float:
        """Return λ of one step."""
        if self.adaptation_factor == "paper":
            return adaptation_factor(step / self.steps, self.gamma)
        return float(self.adaptation_factor)


@dataclass(frozen=True)
class Streams:
    """Five independent sources of chance, so that adding the target leaves everything else as it was."""

    init: int
    source: np.random.Generator
    target: np.random.Generator
    dropout: int
    domain_init: int

    @classmethod
    def from_seed(cls, seed: int) -> "Streams":
        """Spawn the five streams of one seed."""
        parts = np.random.SeedSequence(seed).spawn(5)
        ints = [int(part.generate_state(1)[0]) for part in parts]
        generators = [np.random.default_rng(part) for part in parts]
        return cls(ints[0], generators[1], generators[2], ints[3], ints[4])

    def marks(self) -> tuple[Any, ...]:
        """Return what tells these streams from others, before anything is drawn."""
        states = [generator.bit_generator.state["state"] for generator in (self.source, self.target)]
        return (self.init, self.dropout, self.domain_init, *states)


@dataclass(frozen=True)
class TrainingData:
    """Tensors on the device: source rows with their labels, and target rows where the training adapts."""

    source: Tensor
    labels: Tensor
    target: Tensor | None
    scaling: InputScaling


# step, what the step measured
Record = Callable[[int, dict[str, Any]], None]


def train(
    network: Network,
    data: TrainingData,
    plan: Plan,
    streams: Streams,
    record: Record,
    checkpoint: Checkpoint | None = None,
    history: History | None = None,
) -> str | None:
    """Run all steps of a training, in place.

    Each step draws half a batch of source rows, and as many target rows where there are any. The label loss is the
    mean cross-entropy of the source rows; the domain loss the mean binary cross-entropy of all rows, sent back
    through the gradient reversal. One descent step then makes the updates (4) to (6) of the paper.

    Parameters
    ----------
    network : Network
        Trained in place; the state after the *last* step is the model.
    data : TrainingData
        Without target rows this is the source-only training, step for step the same.
    plan : Plan
        Its numbers.
    streams : Streams
        Its chance.
    record : callable
        Called every ``plan.record_every`` steps and after the last one.
    checkpoint : Checkpoint or None
        Where the state is kept, and taken from where there is one.
    history : dict of lists or None
        What `record` has collected: it is kept with the state, and filled from it.

    Returns
    -------
    str or None
        What is wrong with the domain classifier at the end, in words.

    Raises
    ------
    FloatingPointError
        Where a loss stops being finite.

    References
    ----------
    Ganin & Lempitsky 2015, section 3.1 and equations (4) to (9).
    """
    half = plan.batch // 2
    source_order = BatchOrder(len(data.source), half, streams.source)
    target_order = None if data.target is None else BatchOrder(len(data.target), half, streams.target)
    descent = MomentumDescent(network, plan.momentum, plan.weight_decay)
    complaint = None
    network.train()
    with _dropout_stream(streams.dropout):
        state = None
        if checkpoint is not None:
            orders = {"source": source_order} | ({} if target_order is None else {"target": target_order})
            begun = fingerprint((plan, streams.marks()), network, [data.source, data.labels, data.target])
            state = TrainingState(
                network, descent, orders, {} if history is None else history, begun, time.perf_counter()
            )
        done = 0 if state is None or checkpoint is None else state.restore(checkpoint)
        for step in range(done, plan.steps):
            last = step + 1 == plan.steps
            wanted = last or step % plan.record_every == 0
            rows = source_order.next_rows()
            target_rows = None if target_order is None else target_order.next_rows()
            losses = _losses(network, data, rows, target_rows, plan, plan.factor_at(step))
            losses["total"].backward()
            if plan.clip_gradient:
                _clip(network, plan.clip_gradient)
            if wanted:
                measured = _measure(losses, plan, step)
                complaint = _complaint(network, losses)
                # Every entry shows the network before its step's update; the last one shows the model.
                if not last:
                    record(step, measured)
            descent.step(plan.rate_at(step))
            if last:
                record(plan.steps, measured)
            elif state is not None and checkpoint is not None and checkpoint.is_due(step + 1):
                state.write(checkpoint, step + 1)
    return complaint


def _losses(
    network: Network,
    data: TrainingData,
    rows: np.ndarray,
    target_rows: np.ndarray | None,
    plan: Plan,
    factor: float,
) -> dict[str, Tensor]:
    """Return the losses of one step, still attached to the graph."""
    index = torch.from_numpy(rows).to(data.source.device)
    with autocast(plan.precision, data.source.device):
        features = network.feature_extractor(data.scaling(data.source[index]))
        label_loss = F.cross_entropy(network.label_predictor(features).float(), data.labels[index])
        if data.target is None or target_rows is None:
            return {"label": label_loss, "total": label_loss}
        target_index = torch.from_numpy(target_rows).to(data.target.device)
        # The domains go through the extractor one after the other: then the source's numbers do not depend on
        # whether a target is there at all, and λ = 0 is source-only training to the last bit.
        target_features = network.feature_extractor(data.scaling(data.target[target_index]))
        both = reverse_gradient(torch.cat([features, target_features]), factor)
        logits = network.domain_classifier(both).float().flatten()
    is_target = torch.cat([logits.new_zeros(len(rows)), logits.new_ones(len(target_rows))])
    domain_loss = F.binary_cross_entropy_with_logits(logits, is_target)
    total = label_loss + plan.domain_loss_weight * domain_loss
    return {
        "label": label_loss,
        "domain": domain_loss,
        "logits": logits,
        "is_target": is_target,
        "total": total,
    }


def _measure(losses: dict[str, Tensor], plan: Plan, step: int) -> dict[str, Any]:
    rate = plan.rate_at(step)
    measured: dict[str, Any] = {"label_loss": float(losses["label"].detach()), "learning_rate": rate}
    check_finite("label loss", measured["label_loss"], step, plan.steps, rate)
    if "domain" in losses:
        measured["domain_loss"] = float(losses["domain"].detach())
        check_finite("domain loss", measured["domain_loss"], step, plan.steps, rate)
        right = (losses["logits"].detach() > 0) == losses["is_target"].bool()
        measured["train_domain_accuracy"] = float(right.float().mean())
        measured["adaptation_factor"] = plan.factor_at(step)
    return measured


def _clip(network: Network, longest: float) -> None:
    """Shorten the gradients of the two losses' own parts apart: the domain classifier's must not slow the labels."""
    labelling = [*network.feature_extractor.parameters(), *network.label_predictor.parameters()]
    nn.utils.clip_grad_norm_(labelling, longest)
    nn.utils.clip_grad_norm_(network.domain_classifier.parameters(), longest)


def _complaint(network: Network, losses: dict[str, Tensor]) -> str | None:
    if "domain" not in losses:
        return None
    return domain_complaint(losses["logits"].detach(), gradient_norm(network.domain_classifier))


@contextlib.contextmanager
def _dropout_stream(seed: int) -> Iterator[None]:
    """Seed torch for the time of a training and give the caller's state back afterwards."""
    with torch.random.fork_rng(devices=list(range(torch.cuda.device_count()))):
        torch.manual_seed(seed)
        yield


@contextlib.contextmanager
def undisturbed(network: nn.Module) -> Iterator[None]:
    """Let a monitor look at the network without touching its mode, its gradients or the random streams."""
    was_training = network.training
    network.eval()
    with torch.random.fork_rng(devices=list(range(torch.cuda.device_count()))), torch.no_grad():
        yield
    network.train(was_training)
