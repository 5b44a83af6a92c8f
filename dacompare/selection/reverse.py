"""Train the same method the other way round, and see whether it finds back to the source labels."""

from numpy.typing import NDArray

from dacompare.selection.candidate import Candidate, CannotScore, Refit

# In the order in which reverse_accuracy takes them.
REVERSE_NEEDS = (
    "refit", "target_features", "target_predictions", "source_features", "source_test_features", "y_source_test",
)  # fmt: skip


def reverse_accuracy(
    refit: Refit, X_target: NDArray, pseudo_labels: NDArray, X_source: NDArray, X_source_test: NDArray, y: NDArray
) -> float:
    """Return the accuracy on source test rows of a method that learned from target pseudo labels.

    Parameters
    ----------
    refit : callable
        ``refit(X_target, pseudo_labels, X_source, X_source_test) -> labels of X_source_test``.
    X_target : ndarray of shape (n_target, ...)
        The labelled source of the way back.
    pseudo_labels : ndarray of shape (n_target,)
        What the candidate says about them. Where it is one label for all, nothing is trained: the answer is
        that label everywhere.
    X_source : ndarray of shape (n_source, ...)
        The unlabelled target of the way back.
    X_source_test, y : ndarrays of shape (n_source_test, ...), (n_source_test,)
        Rows and labels that the way back is judged on.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        Where `refit` does not return one label a row.

    References
    ----------
    Ganin et al. 2016, Domain-adversarial training of neural networks, section 5.1.2, after Zhong, Fan, Yang,
    Verscheure & Ren 2010. There a tenth of each domain is split off; here that is the source test set, and as
    the last step is the model, none is needed to stop early. The way back starts afresh, not from the weights
    of the way there.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.array([[0.0], [1.0]]), np.array([0, 1])
    >>> reverse_accuracy(lambda X_target, pseudo, X, X_test: pseudo, X, 1 - y, X, X, y)
    0.0
    """
    if (pseudo_labels == pseudo_labels[0]).all():  # no method learns one class
        return float((y == pseudo_labels[0]).mean())
    said = refit(X_target, pseudo_labels, X_source, X_source_test)
    if getattr(said, "shape", None) != y.shape:
        got = getattr(said, "shape", type(said).__name__)
        raise ValueError(f"refit must return one label for each source test row, shape {y.shape}, got {got}.")
    return float((said == y).mean())


def reverse(candidate: Candidate) -> float:
    """Return the accuracy of reverse validation with full re-training: 1 is best.

    It costs another training of the method. Two mistakes that undo each other look like none: a method that
    swaps two classes on the way there and again on the way back scores 1.

    Raises
    ------
    CannotScore
        Where the method says that it cannot be trained this way round.

    Examples
    --------
    >>> import numpy as np
    >>> Z, y = np.array([[0.0], [1.0]]), np.array([0, 1])
    >>> back = lambda X_target, pseudo, X_source, X_source_test: pseudo
    >>> parts = {"source_features": Z, "source_test_features": Z, "target_features": Z}
    >>> reverse(Candidate(y, target_predictions=y, refit=back, **parts))
    1.0
    """
    try:
        return reverse_accuracy(*(getattr(candidate, need) for need in REVERSE_NEEDS))
    except ValueError as error:
        first = str(error).partition("\n")[0]  # scikit-learn goes on about other estimators
        raise CannotScore(f"cannot be trained the other way round: {first}") from error
