"""What the network classifiers have in common: checks at the door, one training, predictions in batches."""

import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from dacompare.deep.arithmetic import autocast, repeatable, torch_threads
from dacompare.deep.checkpoint import Checkpoint
from dacompare.deep.checks import (
    check_options,
    check_parameters,
    check_rows,
    check_source,
    choose_device,
    common_shape,
    warn_if_small,
)
from dacompare.deep.health import DomainClassifierWarning, UnstableTrainingWarning, label_complaint
from dacompare.deep.inputs import as_tensor, fit_scaling
from dacompare.deep.networks import NETWORKS, Network, initialise
from dacompare.deep.training import Plan, Streams, TrainingData, train, undisturbed
from dacompare.domains.checks import check_same_columns
from dacompare.domains.cross_validation import warn_of_cut_target
from dacompare.names import check_name

Monitor = Callable[[int, Any], dict[str, Any]]
PREDICT_ROWS = 128
LAYERS = ("last_hidden", "extractor")


class NetworkClassifier(ClassifierMixin, TransformerMixin, BaseEstimator):
    """A classifier around a :class:`~dacompare.deep.Network`; see its two public children."""

    # Read by scikit-learn's metadata routing: no user has to call set_fit_request.
    __metadata_request__fit = {"X_target": True, "monitor": False, "checkpoint": False}
    __metadata_request__transform = {"layer": False}

    def __init__(
        self,
        network: Any = "auto",
        *,
        network_options: dict[str, Any] | None = None,
        init: str = "kaiming",
        image_shape: tuple[int, ...] | None = None,
        max_steps: int = 500,
        batch_size: int = 128,
        learning_rate: float = 0.01,
        schedule: str = "paper",
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        clip_gradient: float = 0.0,
        input_scale: float = 255.0,
        precision: str = "float32",
        threads: int = 1,
        device: str = "auto",
        monitor_every: int | None = None,
        progress: bool = False,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.network = network
        self.network_options = network_options
        self.init = init
        self.image_shape = image_shape
        self.max_steps = max_steps
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.clip_gradient = clip_gradient
        self.input_scale = input_scale
        self.precision = precision
        self.threads = threads
        self.device = device
        self.monitor_every = monitor_every
        self.progress = progress
        self.random_state = random_state

    # What users call

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable class of each row, shape (n,)."""
        positions = self._scores(X).argmax(axis=1)
        return self.classes_[positions]

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of each class, shape (n, n_classes)."""
        scores = torch.from_numpy(self._scores(X)).double()
        return torch.softmax(scores, dim=1).numpy()

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the class scores, shape (n, n_classes); for two classes their difference, shape (n,)."""
        scores = self._scores(X).astype(np.float64)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def transform(self, X: ArrayLike, *, layer: str = "last_hidden") -> NDArray[np.float32]:
        """Return the activations of a layer, shape (n, width).

        Parameters
        ----------
        X : array
            Rows of either domain, as in ``fit``.
        layer : {"last_hidden", "extractor"}
            What the label predictor's last module sees, or what the domain classifier sees.
        """
        check_name("layer", layer, LAYERS)
        if layer == "extractor":
            return self._forward(X, lambda network, batch: network.feature_extractor(batch))
        return self._forward(X, lambda network, batch: network.last_hidden(batch))

    def features_and_scores(self, X: ArrayLike) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the last hidden layer (n, width) and the class scores (n, n_classes) in one pass over the rows.

        What :meth:`transform` returns, and what :meth:`predict` takes the largest of, in half the time of both.
        """

        def both(network: Network, batch: Tensor) -> Tensor:
            hidden = network.last_hidden(batch)
            return torch.cat([hidden, network.label_predictor[-1](hidden)], dim=1)

        together = self._forward(X, both)
        return together[:, : -len(self.classes_)], together[:, -len(self.classes_) :]

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[Any]:
        """Return the names of the last hidden layer's units."""
        check_is_fitted(self)
        prefix = type(self).__name__.lower()
        return np.array([f"{prefix}{unit}" for unit in range(self._n_features_out)], dtype=object)

    def save(self, path: Any) -> None:
        """Write weights (``path``.safetensors) and settings (``path``.json); see :mod:`dacompare.deep.saving`."""
        from dacompare.deep.saving import save

        save(self, path)

    @classmethod
    def load(cls, path: Any) -> Any:
        """Read what :meth:`save` wrote; nothing in the files is executed."""
        from dacompare.deep.saving import load

        return load(cls, path)

    # Training

    def _fit(
        self, X: Any, y: Any, X_target: Any, monitor: Monitor | None, checkpoint: Checkpoint | None, *, adapt: bool
    ) -> None:
        self._check_parameters()
        device = choose_device(self.device)
        check_same_columns(X, X_target)
        warn_of_cut_target(X, X_target)
        # Of an earlier fit nothing is left that rows are read by.
        self.image_shape_: tuple[int, int, int] | None = None
        X, y = check_source(self, X, y)
        target = None if X_target is None else check_rows(self, X_target, reset=False, name="X_target")
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        streams = Streams.from_seed(seed)
        self.image_shape_ = common_shape(X, target, self.image_shape)
        encoder = LabelEncoder().fit(y)
        self.classes_ = encoder.classes_
        with torch_threads(self.threads), repeatable(device):
            source = as_tensor(X, self.image_shape_)
            self.scaling_ = fit_scaling(source, self.input_scale)
            self.network_ = self._build(source.shape[1:], streams).to(device)
            data = TrainingData(
                source.to(device),
                torch.from_numpy(encoder.transform(y)).to(device),
                as_tensor(target, self.image_shape_).to(device) if adapt and target is not None else None,
                self.scaling_,
            )
            warn_if_small({"source": data.source, "target": data.target}, self.batch_size // 2)
            self._train(data, streams, monitor, checkpoint)

    def _train(
        self, data: TrainingData, streams: Streams, monitor: Monitor | None, checkpoint: Checkpoint | None
    ) -> None:
        history: dict[str, list[Any]] = {}
        self.history_ = history
        self.n_steps_ = 0
        bar = self._progress_bar()

        def record(step: int, measured: dict[str, Any]) -> None:
            self.n_steps_ = step
            if monitor is not None:
                with undisturbed(self.network_):
                    measured = {**measured, **monitor(step, self)}
            for key, value in {"step": step, **measured}.items():
                history.setdefault(key, []).append(value)
            bar.update(step - bar.n)

        with bar:
            complaint = train(self.network_, data, self._plan(), streams, record, checkpoint, history)
        self.network_.eval()
        jump = label_complaint(history["step"], history["label_loss"], len(self.classes_))
        if jump:
            warnings.warn(
                f"{type(self).__name__} diverged on the way: {jump}; what it had learnt by then is lost. Lower"
                f" learning_rate (now {self.learning_rate:g}), or set clip_gradient, for example to 5.0",
                UnstableTrainingWarning,
                stacklevel=4,
            )
        elif complaint and self._adapts():
            warnings.warn(
                f"{complaint}, so {type(self).__name__} did not adapt. Check the domain classifier of network="
                f"{self.network!r}: it must end in one logit that depends on its input",
                DomainClassifierWarning,
                stacklevel=4,
            )

    def _adapts(self) -> bool:
        return self._plan().domain_loss_weight > 0

    def _plan(self) -> Plan:
        return Plan(**self._plan_numbers())

    def _plan_numbers(self) -> dict[str, Any]:
        return {
            "steps": self.max_steps,
            "batch": self.batch_size,
            "learning_rate": self.learning_rate,
            "schedule": self.schedule,
            "momentum": self.momentum,
            "weight_decay": self.weight_decay,
            "clip_gradient": self.clip_gradient,
            "precision": self.precision,
            "record_every": self.monitor_every or max(1, self.max_steps // 50),
        }

    def _build(self, input_shape: Any, streams: Streams) -> Network:
        if isinstance(self.network, Network):
            return copy.deepcopy(self.network)
        name = self.network
        if name == "auto":
            # Below 16 pixels two convolutions and two poolings leave nothing over.
            name = "mnist" if self.image_shape_ is not None and min(self.image_shape_[:2]) >= 16 else "mlp"
        check_name("network", name, ["auto", *NETWORKS])
        check_options(name, self.network_options)
        with torch.random.fork_rng(devices=[]):
            network = NETWORKS[name](tuple(input_shape), len(self.classes_), **(self.network_options or {}))
            torch.manual_seed(streams.init)
            initialise(network.feature_extractor, self.init)
            initialise(network.label_predictor, self.init)
            torch.manual_seed(streams.domain_init)
            initialise(network.domain_classifier, self.init)
        if self.image_shape_ is not None:
            network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return network

    def _progress_bar(self) -> Any:
        from tqdm.auto import tqdm

        return tqdm(total=self.max_steps, desc=type(self).__name__, unit="step", disable=not self.progress)

    def _check_parameters(self) -> None:
        check_parameters(self)

    # Prediction

    def _scores(self, X: ArrayLike) -> NDArray[np.float32]:
        return self._forward(X, lambda network, batch: network(batch))

    def _forward(self, X: Any, function: Callable[[Network, Tensor], Tensor]) -> NDArray[np.float32]:
        """Apply a part of the network to all rows, batch by batch, without gradients."""
        check_is_fitted(self, "network_")
        rows = as_tensor(check_rows(self, X, reset=False), self.image_shape_)
        device = next(self.network_.parameters()).device
        answers = np.empty((len(rows), 0), np.float32)
        with (
            torch.no_grad(),
            autocast(self.precision, device),
            torch_threads(self.threads),
            repeatable(device),
        ):
            for start in range(0, len(rows), PREDICT_ROWS):
                batch = rows[start : start + PREDICT_ROWS]
                part = function(self.network_, self.scaling_(_padded(batch).to(device)))[: len(batch)].float().cpu()
                if not start:  # one array for all: many small ones, kept, would leave holes in memory between them
                    answers = np.empty((len(rows), *part.shape[1:]), np.float32)
                answers[start : start + len(batch)] = part.numpy()
        return answers

    @property
    def _n_features_out(self) -> int:
        weight = next(self.network_.label_predictor[-1].parameters())
        return int(weight.shape[1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        tags.non_deterministic = False
        return tags


def _padded(batch: Tensor) -> Tensor:
    """Fill a batch of vectors up with zero rows, so that a row's result does not depend on how many came with it."""
    if batch.ndim != 2 or len(batch) == PREDICT_ROWS:
        return batch
    return torch.cat([batch, batch.new_zeros(PREDICT_ROWS - len(batch), batch.shape[1])])
