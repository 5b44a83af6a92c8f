"""Train a domain discriminator that sees rows only through two replicas of a label predictor."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from dacompare.divergence.drawing import DrawnRows
from dacompare.divergence.hdh_pair import PENALTIES, STRONG, Pair, disturbed_twice, with_ones
from dacompare.divergence.hdh_training import Floats, train_from_starts

SPARE = 8  # hidden units beyond those that the XOR of one-hot rows needs
XOR_GAIN = 4.0


@dataclass(frozen=True)
class Discriminator:
    """Two replicas of a label predictor side by side, followed by a two-layer perceptron.

    Parameters
    ----------
    weights : ndarray of shape (n_weights,)
        All of them in one row: the replicas, the hidden units, the output.
    n_classes, n_features : int
    """

    weights: Floats
    n_classes: int
    n_features: int

    def says_target(self, X: Floats) -> NDArray[np.bool_]:
        """Return which rows it takes for target rows."""
        return self._forward(with_ones(X))[-1] > 0

    def loss(self, rows: DrawnRows, penalty: float) -> tuple[float, Floats]:
        """Return the mean of the two domains' logistic losses with the penalty, and the gradient."""
        X = with_ones(rows.X)
        replicas, hidden, output = self._parts()
        probabilities, inputs, units, out = self._forward(X)
        side = np.where(rows.domain == 1, 1.0, -1.0)
        share = 0.5 / np.bincount(rows.domain)[rows.domain]
        d_out = -share * side * expit(-side * out)
        d_units = np.outer(d_out, output[:-1]) * (units > 0)
        d_inputs = (d_units @ hidden[:, :-1]).reshape(len(X), 2, -1)
        d_logits = probabilities * (d_inputs - (d_inputs * probabilities).sum(axis=2, keepdims=True))
        gradient = (np.einsum("nrk,nd->rkd", d_logits, X), d_units.T @ inputs, with_ones(units).T @ d_out)
        shrunk = [part.copy() for part in (replicas, hidden, output)]
        for part in shrunk:
            part[..., -1] = 0
        value = share @ np.logaddexp(0, -side * out) + penalty / 2 * sum((part**2).sum() for part in shrunk)
        return float(value), _flat(*(g + penalty * part for g, part in zip(gradient, shrunk, strict=True)))

    def _forward(self, X: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        replicas, hidden, output = self._parts()
        probabilities = softmax(np.einsum("nd,rkd->nrk", X, replicas, optimize=True), axis=2)
        inputs = with_ones(probabilities.reshape(len(X), -1))
        units = np.maximum(inputs @ hidden.T, 0)
        return probabilities, inputs, units, with_ones(units) @ output

    def _parts(self) -> tuple[Floats, Floats, Floats]:
        K, width, n_hidden = self.n_classes, self.n_features + 1, self.n_classes + SPARE
        replicas, hidden, output = np.split(self.weights, np.cumsum([2 * K * width, n_hidden * (2 * K + 1)]))
        return replicas.reshape(2, K, width), hidden.reshape(n_hidden, 2 * K + 1), output


def train_discriminator(
    train: DrawnRows, predictor: Floats, draft: Pair, n_starts: int, random_state: int
) -> Discriminator:
    """Return the discriminator that tells the domains apart best on rows of the training half that were kept back.

    It starts from a trained pair with an exact XOR behind it, so that it knows what the pair knows; from the
    label predictor twice, disturbed; and from random weights.

    Parameters
    ----------
    train : DrawnRows
        Scaled.
    predictor : ndarray of shape (n_classes, n_features + 1)
    draft : Pair
        One that has not seen the rows kept back, which are the same for the same seed.
    n_starts : int
        Random ones.
    random_state : int
    """
    rng = np.random.default_rng(random_state)
    n_classes, width = predictor.shape
    replicas = [
        disturbed_twice(predictor, rng),
        *rng.normal(scale=1 / np.sqrt(width), size=(n_starts, 2, n_classes, width)),
    ]
    knows_the_pair = _flat(draft.weights, *_exact_xor(n_classes, draft.sign, rng))
    starts = [
        (knows_the_pair, (STRONG,)),
        (knows_the_pair, PENALTIES),
        *((_flat(weights, *_random_head(n_classes, rng)), PENALTIES) for weights in replicas),
    ]
    trained = train_from_starts(
        lambda weights, rows, penalty: Discriminator(weights, n_classes, width - 1).loss(rows, penalty),
        lambda inside: starts,
        lambda weights, rows: Discriminator(weights, n_classes, width - 1).says_target(rows.X),
        train,
        random_state,
    )
    return Discriminator(trained.weights, n_classes, width - 1)


def _exact_xor(n_classes: int, sign: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return hidden units and output that say target where two one-hot rows agree, or disagree for sign −1."""
    hidden, output = _random_head(n_classes, rng)
    # A unit a class: max(0, p₁ + p₂ − 1) is 1 where both replicas are sure of the class, 0 where they differ.
    hidden[:n_classes] = np.hstack([np.eye(n_classes), np.eye(n_classes), -np.ones((n_classes, 1))])
    output[:n_classes] = 2 * XOR_GAIN * sign
    output[n_classes:-1] = 0
    output[-1] = -XOR_GAIN * sign
    return hidden, output


def _random_head(n_classes: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    n_hidden = n_classes + SPARE
    hidden = rng.normal(scale=1 / np.sqrt(n_classes), size=(n_hidden, 2 * n_classes + 1))
    return hidden, rng.normal(scale=1 / np.sqrt(n_hidden), size=n_hidden + 1)


def _flat(*parts: Floats) -> Floats:
    return np.concatenate([part.ravel() for part in parts])
