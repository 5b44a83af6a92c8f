"""Ask how often the predictions on held-out source rows are right."""

import numpy as np
from numpy.typing import ArrayLike

from dacompare.selection.candidate import Candidate, check_labels, check_usable


def source_test_accuracy(y: ArrayLike, predictions: ArrayLike) -> float:
    """Return the share of source test rows whose label is predicted.

    Parameters
    ----------
    y : array-like of shape (n_source_test,)
        Labels of source rows that nothing was trained on, of any type.
    predictions : array-like of shape (n_source_test,)
        What the classifier says about them.

    Returns
    -------
    float
        In [0, 1]: 1 is best, and says nothing about the target. O(n_source_test).

    Raises
    ------
    ValueError
        Without a row, for NaN, for another number of predictions than of labels, and for text beside numbers.

    References
    ----------
    Ganin & Lempitsky 2015, section 4, observes "the test error on the source domain", 1 less this, beside the error of
    the domain classifier; :func:`~dacompare.selection.rank_values` puts the two together.

    Examples
    --------
    >>> source_test_accuracy(["cat", "dog", "dog"], ["cat", "cat", "cat"]) == 1 / 3
    True
    """
    labels, said = np.asarray(y), np.asarray(predictions)
    if labels.ndim != 1 or said.shape != labels.shape:
        raise ValueError(
            "y and predictions must each hold one label for each source test row, shape (n,), got shapes"
            f" {labels.shape} and {said.shape}."
        )
    check_usable(y=labels, predictions=said)
    check_labels(y=labels, predictions=said)
    return float(np.mean(said == labels))


def source_accuracy(candidate: Candidate) -> float:
    """Return the accuracy on held-out source rows: 1 is best, and says nothing about the target.

    Examples
    --------
    >>> y = np.array([0, 1])
    >>> source_accuracy(Candidate(y_source_test=y, source_test_predictions=np.array([0, 0])))
    0.5
    """
    assert candidate.y_source_test is not None, "score_candidate has checked needs"
    assert candidate.source_test_predictions is not None, "score_candidate has checked needs"
    return source_test_accuracy(candidate.y_source_test, candidate.source_test_predictions)
