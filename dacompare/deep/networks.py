"""Build the three parts of a domain-adversarial network."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from dacompare.names import check_name


class Network(nn.Module):
    """Feature extractor, label predictor and domain classifier, side by side.

    Pass one of your own to an estimator's ``network=``: its weights, as they are, are where every ``fit`` starts.

    Parameters
    ----------
    feature_extractor : nn.Module
        Input batch → features, shape (rows, n_features).
    label_predictor : nn.Sequential
        Features → one score per class. What goes into its last module is the *last hidden layer*.
    domain_classifier : nn.Module
        Features → one logit, shape (rows, 1); above 0 means "target". The gradient reversal is added by training.

    Examples
    --------
    >>> network = Network(nn.Linear(4, 8), nn.Sequential(nn.Linear(8, 3)), nn.Linear(8, 1))
    >>> network(torch.zeros(5, 4)).shape
    torch.Size([5, 3])
    """

    def __init__(
        self, feature_extractor: nn.Module, label_predictor: nn.Sequential, domain_classifier: nn.Module
    ) -> None:
        super().__init__()
        if not isinstance(label_predictor, nn.Sequential) or len(label_predictor) == 0:
            raise TypeError(
                "label_predictor must be a torch.nn.Sequential with at least one module, "
                f"got {type(label_predictor).__name__}; its last module gives the class scores"
            )
        self.feature_extractor = feature_extractor
        self.label_predictor = label_predictor
        self.domain_classifier = domain_classifier

    def forward(self, batch: Tensor) -> Tensor:
        """Return the class scores of a batch."""
        return self.label_predictor(self.feature_extractor(batch))

    def last_hidden(self, batch: Tensor) -> Tensor:
        """Return the activations that the last module of the label predictor sees."""
        return self.label_predictor[:-1](self.feature_extractor(batch))

    def domain_logit(self, batch: Tensor) -> Tensor:
        """Return the domain classifier's logit for every row, shape (rows,)."""
        logits = self.domain_classifier(self.feature_extractor(batch))
        return logits.flatten()


def mnist_network(
    input_shape: tuple[int, ...],
    n_classes: int,
    *,
    domain_hidden: Sequence[int] = (100,),
    padding: str = "valid",
    dropout: float = 0.0,
) -> Network:
    """Build the paper's network for MNIST → MNIST-M: two convolutions, two hidden layers of 100.

    Parameters
    ----------
    input_shape : (channels, height, width)
        For 28 x 28 images and valid convolutions the extractor gives 4 x 4 x 48 = 768 features.
    n_classes : int
        Scores of the label predictor.
    domain_hidden : sequence of int
        Widths of the domain classifier's hidden layers; then one logit.
    padding : {"valid", "same"}
        Of the convolutions; the paper does not say.
    dropout : float in [0, 1)
        Before each hidden layer of the label predictor; the paper uses none here.

    References
    ----------
    Ganin & Lempitsky 2015, section 4 and supplement; boxes of Figure 4 in Ganin et al. 2016 (JMLR 17(59)).

    Examples
    --------
    >>> mnist_network((3, 28, 28), 10).last_hidden(torch.zeros(2, 3, 28, 28)).shape
    torch.Size([2, 100])
    """
    check_name("padding", padding, ("valid", "same"))
    if len(input_shape) != 3 or min(input_shape[1:]) < 16:
        raise ValueError(
            "network 'mnist' needs images of at least 16 x 16 pixels, got rows of shape "
            f"{input_shape}; use network='mlp' for feature vectors"
        )
    pad = 2 if padding == "same" else 0
    # Pooling before the ReLU gives the same values as after it (both keep order) at a quarter of the ReLU's cost.
    extractor = nn.Sequential(
        nn.Conv2d(input_shape[0], 32, 5, padding=pad), nn.MaxPool2d(2), nn.ReLU(),
        nn.Conv2d(32, 48, 5, padding=pad), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(),
    )  # fmt: skip
    width = _output_width(extractor, input_shape)
    predictor = nn.Sequential(*_dense([width, 100, 100], dropout), nn.Linear(100, n_classes))
    return Network(extractor, predictor, _domain_classifier(width, domain_hidden))


def mlp_network(
    input_shape: tuple[int, ...],
    n_classes: int,
    *,
    domain_hidden: Sequence[int] = (),
    dropout: float = 0.0,
    hidden: int = 100,
) -> Network:
    """Build the shallow network for feature vectors: one hidden layer, whose output both heads see.

    Parameters
    ----------
    input_shape : tuple of int
        Anything; rows are flattened first.
    n_classes : int
        Scores of the label predictor.
    domain_hidden : sequence of int
        Widths of the domain classifier's hidden layers; none, as in the paper, makes it a logistic regression.
    dropout : float in [0, 1)
        After the hidden layer, in front of the label predictor.
    hidden : int
        Width of the hidden layer; the paper uses 50 or 100 and sigmoids, this one ReLUs.

    References
    ----------
    Ganin et al. 2016 (JMLR 17(59)), section 4.1: "shallow" DANN.

    Examples
    --------
    >>> mlp_network((20,), 2).last_hidden(torch.zeros(3, 20)).shape
    torch.Size([3, 100])
    """
    extractor = nn.Sequential(nn.Flatten(), nn.Linear(math.prod(input_shape), hidden), nn.ReLU())
    between = [nn.Dropout(dropout)] if dropout else []
    predictor = nn.Sequential(*between, nn.Linear(hidden, n_classes))
    return Network(extractor, predictor, _domain_classifier(hidden, domain_hidden))


# Name → builder (input_shape, n_classes, **options) → Network. A new network is one function and one line here.
NETWORKS: dict[str, Callable[..., Network]] = {
    "mnist": mnist_network,
    "mlp": mlp_network,
}


def initialise(part: nn.Module, how: str) -> None:
    """Draw new weights for every layer of `part` from torch's current random stream.

    Parameters
    ----------
    part : nn.Module
        Changed in place.
    how : {"kaiming", "xavier", "torch"}
        He et al. 2015 for ReLUs, Glorot & Bengio 2010, or what each layer of torch does by itself.
    """
    check_name("init", how, ("kaiming", "xavier", "torch"))
    for layer in part.modules():
        if how == "torch":
            if callable(getattr(layer, "reset_parameters", None)):
                layer.reset_parameters()  # type: ignore[operator]
        elif isinstance(layer, nn.Conv2d | nn.Linear):
            if how == "kaiming":
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            else:
                nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def _dense(widths: Sequence[int], dropout: float) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for width_in, width_out in pairwise(widths):
        layers += [nn.Dropout(dropout)] if dropout else []
        layers += [nn.Linear(width_in, width_out), nn.ReLU()]
    return layers


def _domain_classifier(width: int, hidden: Sequence[int]) -> nn.Sequential:
    return nn.Sequential(*_dense([width, *hidden], 0.0), nn.Linear([width, *hidden][-1], 1))


def _output_width(extractor: nn.Module, input_shape: tuple[int, ...]) -> int:
    with torch.no_grad():
        return extractor(torch.zeros(1, *input_shape)).shape[1]
