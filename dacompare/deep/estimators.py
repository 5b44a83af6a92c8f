"""Networks as scikit-learn classifiers: source-only and domain-adversarial."""

from numbers import Integral
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from dacompare.checks import check_number
from dacompare.deep.base import Monitor, NetworkClassifier
from dacompare.deep.checkpoint import Checkpoint
from dacompare.names import check_name


class SourceOnlyClassifier(NetworkClassifier):
    """Train a network on the labelled source alone: the lower bound that adaptation has to beat.

    Parameters
    ----------
    network : {"auto", "mnist", "mlp"} or Network
        "auto" takes "mnist" for images and "mlp" for feature vectors. A :class:`~dacompare.deep.Network` of your own
        is copied, and its weights are where training starts.
    network_options : dict or None
        Options of the named network, such as ``{"domain_hidden": (50,), "padding": "same"}``.
    init : {"kaiming", "xavier", "torch"}
        How the weights of a named network are drawn.
    image_shape : tuple or None
        (height, width[, channels]) where images come as 2-D rows.
    max_steps : int
        Training steps; the state after the last one is the model.
    batch_size : int
        Rows a step: half source, half target. Without a target only the source half is drawn.
    learning_rate : float
        μ_0.
    schedule : {"paper", "constant"}
        Anneal the learning rate by equation (13), or keep it.
    momentum, weight_decay : float
        Of stochastic gradient descent.
    clip_gradient : float
        Longest gradient that is taken as it is; 0 turns clipping off.
    input_scale : float
        Pixels (0 to 255) are divided by it. Feature vectors are scaled by their own spread instead.
    precision : {"float32", "bf16"}
        bf16 is up to twice as fast on processors that have matrix units for it, and on GPUs only with batches of
        thousands of rows; elsewhere it is slower.
    threads : int
        Threads inside torch during ``fit``; its results depend on it.
    device : {"auto", "cpu", "cuda"}
        "auto" takes a GPU where there is one.
    monitor_every : int or None
        Steps between two entries of ``history_``; None for about 50 entries.
    progress : bool
        Show a progress bar.
    random_state : int, RandomState instance or None
        Fixes the initialisation and the order of the rows.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels of the source.
    network_ : Network
        The trained network.
    history_ : dict of lists
        "step", "label_loss", "learning_rate" and what the monitor returned, an entry each ``monitor_every`` steps.
    n_steps_ : int
        Steps taken.

    References
    ----------
    Ganin & Lempitsky 2015, section 4: the "source only" row of Tables 1 and 2.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> X, y = make_blobs(200, centers=3, random_state=0)
    >>> SourceOnlyClassifier(random_state=0).fit(X, y).score(X, y) > 0.9
    True
    """

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        X_target: Any = None,
        monitor: Monitor | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> "SourceOnlyClassifier":
        """Train on the source.

        Parameters
        ----------
        X : array of shape (n, n_features), (n, height, width) or (n, height, width, channels)
            Source rows: feature vectors, or images as uint8 or float in [0, 1].
        y : array of shape (n,)
            Labels of any type.
        X_target : array or Domain, optional
            Only its shape is used (grey images are repeated to its channels): this classifier does not adapt.
        monitor : callable (step, estimator) -> dict, optional
            Looks at the estimator now and then; what it returns joins ``history_``. Nothing of it reaches training.
        checkpoint : Checkpoint, optional
            A file that keeps the state, so that a training that was killed goes on when it is started again.

        Returns
        -------
        self
        """
        self._fit(X, y, X_target, monitor, checkpoint, adapt=False)
        return self


class DANNClassifier(NetworkClassifier):
    """Train a domain-adversarial neural network: features that classify the source and hide the domain.

    Parameters
    ----------
    adaptation_factor : "paper" or float
        λ, the strength of the gradient reversal: rising from 0 to 1 by equation (14), or constant. It acts on the
        feature extractor only. 0 gives source-only training, to the last bit.
    gamma : float
        γ of equation (14).
    domain_loss_weight : float
        Weight of the domain loss for extractor *and* domain classifier; the paper has 1.
    network, network_options, init, image_shape, max_steps, batch_size, learning_rate, schedule, momentum, \
weight_decay, clip_gradient, input_scale, precision, threads, device, monitor_every, progress, random_state
        As in :class:`SourceOnlyClassifier`.

    Attributes
    ----------
    classes_, network_, n_steps_
        As in :class:`SourceOnlyClassifier`.
    history_ : dict of lists
        Also "domain_loss", "train_domain_accuracy" and "adaptation_factor".

    Warns
    -----
    DomainClassifierWarning
        Where the domain classifier is dead: then the result is *not* adapted.

    References
    ----------
    Ganin & Lempitsky 2015, "Unsupervised Domain Adaptation by Backpropagation".

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> X, y = make_blobs(200, centers=3, random_state=0)
    >>> dann = DANNClassifier(random_state=0).fit(X, y, X_target=X + 1)
    >>> dann.predict(X[:5] + 1).shape, dann.transform(X[:5]).shape
    ((5,), (5, 100))
    """

    def __init__(
        self,
        network: Any = "auto",
        *,
        adaptation_factor: str | float = "paper",
        gamma: float = 10.0,
        domain_loss_weight: float = 1.0,
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
        super().__init__(
            network,
            network_options=network_options,
            init=init,
            image_shape=image_shape,
            max_steps=max_steps,
            batch_size=batch_size,
            learning_rate=learning_rate,
            schedule=schedule,
            momentum=momentum,
            weight_decay=weight_decay,
            clip_gradient=clip_gradient,
            input_scale=input_scale,
            precision=precision,
            threads=threads,
            device=device,
            monitor_every=monitor_every,
            progress=progress,
            random_state=random_state,
        )
        self.adaptation_factor = adaptation_factor
        self.gamma = gamma
        self.domain_loss_weight = domain_loss_weight

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        X_target: Any = None,
        monitor: Monitor | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> "DANNClassifier":
        """Train on labelled source rows and unlabelled target rows.

        Parameters
        ----------
        X, y
            Source rows and labels, as in :meth:`SourceOnlyClassifier.fit`.
        X_target : array or Domain, optional
            Target rows of the same kind; their labels have no way in. None means no adaptation.
        monitor, checkpoint
            As in :meth:`SourceOnlyClassifier.fit`.

        Returns
        -------
        self
        """
        self._fit(X, y, X_target, monitor, checkpoint, adapt=True)
        return self

    def domain_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return the domain classifier's probability that each row is a target row, shape (n,).

        Without ``X_target`` in fit the domain classifier is untrained, and this says nothing.
        """
        logits = self._forward(X, lambda network, batch: network.domain_logit(batch))
        return torch.sigmoid(torch.from_numpy(logits)).numpy()

    def _check_parameters(self) -> None:
        super()._check_parameters()
        factor = self.adaptation_factor
        if isinstance(factor, str):
            check_name("adaptation_factor", factor, ("paper",))
        else:
            check_number("adaptation_factor", factor, at_least=0, note="or 'paper'")
        check_number("domain_loss_weight", self.domain_loss_weight, at_least=0)
        check_number("gamma", self.gamma, above=0)

    def _plan_numbers(self) -> dict[str, Any]:
        factor = self.adaptation_factor
        return {
            **super()._plan_numbers(),
            "adaptation_factor": int(factor) if isinstance(factor, Integral) else factor,
            "gamma": self.gamma,
            "domain_loss_weight": self.domain_loss_weight,
        }
