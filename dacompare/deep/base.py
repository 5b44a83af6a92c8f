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
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data
from torch import Tensor

from dacompare.deep.health import DomainClassifierWarning
from dacompare.deep.inputs import as_tensor, fit_scaling, image_shape_of
from dacompare.deep.networks import NETWORKS, Network, initialise
from dacompare.deep.training import (
    Plan,
    Streams,
    TrainingData,
    autocast,
    torch_threads,
    train,
    undisturbed,
)
from dacompare.domains import Domain
from dacompare.names import check_name

Monitor = Callable[[int, Any], dict[str, Any]]
PREDICT_ROWS = 500
LAYERS = ("last_hidden", "extractor")


class NetworkClassifier(ClassifierMixin, TransformerMixin, BaseEstimator):
    """A classifier around a :class:`~dacompare.deep.Network`; see its two public children."""

    # Read by scikit-learn's metadata routing: no user has to call set_fit_request.
    __metadata_request__fit = {"X_target": True, "monitor": False}
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

    def _fit(self, X: Any, y: Any, X_target: Any, monitor: Monitor | None, *, adapt: bool) -> None:
        self._check_numbers()
        device = self._torch_device()
        X, y = self._check_source(X, y)
        target = None if X_target is None else self._check_rows(_unwrap(X_target), reset=False)
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        streams = Streams.from_seed(seed)
        self.image_shape_ = self._common_shape(X, target)
        encoder = LabelEncoder().fit(y)
        self.classes_ = encoder.classes_
        with torch_threads(self.threads):
            source = as_tensor(X, self.image_shape_)
            self.scaling_ = fit_scaling(source, self.input_scale)
            self.network_ = self._build(source.shape[1:], streams).to(device)
            data = TrainingData(
                source.to(device),
                torch.from_numpy(encoder.transform(y)).to(device),
                as_tensor(target, self.image_shape_).to(device) if adapt and target is not None else None,
                self.scaling_,
            )
            self._say_if_small(data)
            self._train(data, streams, monitor)

    def _train(self, data: TrainingData, streams: Streams, monitor: Monitor | None) -> None:
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
            complaint = train(self.network_, data, self._plan(), streams, record)
        self.network_.eval()
        if complaint and self._adapts():
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
            name = "mlp" if self.image_shape_ is None else "mnist"
        check_name("network", name, NETWORKS)
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

    # Checks

    def _check_numbers(self) -> None:
        check_name("schedule", self.schedule, ("paper", "constant"))
        check_name("precision", self.precision, ("float32", "bf16"))
        check_name("device", self.device, ("auto", "cpu", "cuda"))
        check_name("init", self.init, ("kaiming", "xavier", "torch"))
        if not isinstance(self.network, str | Network):
            raise TypeError(
                f"network must be 'auto', {', '.join(map(repr, NETWORKS))} or a dacompare.deep.Network, "
                f"got {self.network!r}; wrap your own modules in dacompare.deep.Network"
            )
        smallest = {"max_steps": 1, "batch_size": 2, "threads": 1}
        for name, least in smallest.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
                raise ValueError(f"{name} must be a whole number from {least} on, got {value!r}")
        if not self.learning_rate > 0 or not self.input_scale > 0:
            raise ValueError(
                f"learning_rate and input_scale must be above 0, got {self.learning_rate!r} and {self.input_scale!r}"
            )

    def _check_source(self, X: Any, y: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        if isinstance(X, Domain):
            raise TypeError("X must be an array; pass source.X and source.y of a Domain")
        if y is None:
            raise ValueError(
                f"{type(self).__name__} requires y to be passed, but the target y is None: the source needs labels"
            )
        X = self._check_rows(X, reset=True)
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        if len(y) != len(X):
            raise ValueError(f"X and y must have as many rows, got {len(X)} and {len(y)}")
        if len(np.unique(y)) < 2:
            raise ValueError(f"y has only one class ({y[0]!r}); a classifier needs at least two classes in the source")
        return X, y

    def _check_rows(self, X: Any, *, reset: bool) -> NDArray[Any]:
        """Return 2-D rows, or images as they are, checked for numbers that are none."""
        if getattr(X, "ndim", np.ndim(X) if isinstance(X, list | tuple) else 2) not in (3, 4):
            keep_bytes = self.image_shape is not None and getattr(X, "dtype", None) == np.uint8
            dtype = np.uint8 if keep_bytes else (np.float64, np.float32)
            return validate_data(self, X, reset=reset, dtype=dtype, ensure_min_samples=2 if reset else 1)
        X = np.asarray(X)
        if X.dtype != np.uint8:
            if not np.issubdtype(X.dtype, np.floating):
                raise ValueError(f"images must be uint8, or float in [0, 1], got dtype {X.dtype}")
            if not np.isfinite(X).all() or X.min() < 0 or X.max() > 1:
                raise ValueError(
                    f"float images must lie in [0, 1], got values from {X.min()} to {X.max()}; divide by 255 first"
                )
        if reset:
            self.n_features_in_ = int(np.prod(X.shape[1:]))
        return X

    def _common_shape(self, X: NDArray[Any], target: NDArray[Any] | None) -> tuple[int, int, int] | None:
        shape = image_shape_of(X, self.image_shape)
        if shape is None or target is None:
            return shape
        other = image_shape_of(target, self.image_shape)
        if other is None or other[:2] != shape[:2]:
            raise ValueError(f"source images are {shape}, target rows {other}: resize one of them first")
        return (shape[0], shape[1], max(shape[2], other[2]))

    def _say_if_small(self, data: TrainingData) -> None:
        half = self.batch_size // 2
        domains = {"source": data.source, "target": data.target}
        for name, rows in domains.items():
            if rows is not None and len(rows) < half:
                warnings.warn(
                    f"the {name} has {len(rows)} rows, fewer than half a batch ({half}): rows are drawn with "
                    f"replacement; batch_size={2 * len(rows)} would avoid it",
                    UserWarning,
                    stacklevel=4,
                )

    def _torch_device(self) -> torch.device:
        if self.device == "cuda" and not torch.cuda.is_available():
            raise ValueError("device='cuda', but torch sees no GPU here; use device='auto' or 'cpu'")
        name = "cuda" if self.device != "cpu" and torch.cuda.is_available() else "cpu"
        return torch.device(name)

    # Prediction

    def _scores(self, X: ArrayLike) -> NDArray[np.float32]:
        return self._forward(X, lambda network, batch: network(batch))

    def _forward(self, X: Any, function: Callable[[Network, Tensor], Tensor]) -> NDArray[np.float32]:
        """Apply a part of the network to all rows, batch by batch, without gradients."""
        check_is_fitted(self, "network_")
        rows = as_tensor(self._check_rows(_unwrap(X), reset=False), self.image_shape_)
        device = next(self.network_.parameters()).device
        with torch.no_grad(), autocast(self.precision, device), torch_threads(self.threads):
            parts = [
                function(self.network_, self.scaling_(_padded(batch).to(device)))[: len(batch)].float().cpu()
                for batch in rows.split(PREDICT_ROWS)
            ]
        return torch.cat(parts).numpy()

    @property
    def _n_features_out(self) -> int:
        weight = next(self.network_.label_predictor[-1].parameters())
        return int(weight.shape[1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        tags.non_deterministic = False
        return tags


def _unwrap(X: Any) -> Any:
    return X.X if isinstance(X, Domain) else X


def _padded(batch: Tensor) -> Tensor:
    """Fill a batch of vectors up with zero rows, so that a row's result does not depend on how many came with it."""
    if batch.ndim != 2 or len(batch) == PREDICT_ROWS:
        return batch
    return torch.cat([batch, batch.new_zeros(PREDICT_ROWS - len(batch), batch.shape[1])])
