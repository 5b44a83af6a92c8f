"""Ask whether an SVM that learned the target predictions finds back to the source labels."""

import numpy as np
from numpy.typing import ArrayLike

from dacompare.domains import subsample_rows
from dacompare.selection.candidate import Candidate, check_labels, check_usable

# Enough to fit a linear SVM on features; all candidates give the same rows up to this number.
REVERSE_ROWS = 4000


def reverse_svm_accuracy(
    X_target: ArrayLike, pseudo_labels: ArrayLike, X_source_test: ArrayLike, y: ArrayLike
) -> float:
    """Return the accuracy on source test rows of a linear SVM that learned from target pseudo labels.

    Parameters
    ----------
    X_target : array-like of shape (n_target, n_features)
        Features of target rows, as the classifier sees them; each row serves. The SVM has C = 1, which suits rows of
        about length 1: of much shorter ones it learns little more than the most frequent label.
    pseudo_labels : array-like of shape (n_target,)
        What the classifier says about them. Where it is one label for all, nothing is trained: the answer is that
        label everywhere.
    X_source_test : array-like of shape (n_source_test, n_features)
        Features of source rows that nothing was trained on.
    y : array-like of shape (n_source_test,)
        Their labels.

    Returns
    -------
    float
        In [0, 1]: 1 is best. An SVM costs O(n_target · n_features) a step, and where features outnumber rows
        O(n_target² · n_features) before.

    Raises
    ------
    ValueError
        Where labels and rows differ in number, the domains in features, or the labels in their type, and for rows that
        are empty or not finite.

    References
    ----------
    Ganin et al. 2016, Domain-adversarial training of neural networks, section 5.1.2 (reverse validation;
    here only the last, linear layer is trained again). Zhong, Fan, Yang, Verscheure & Ren 2010.

    Examples
    --------
    >>> X_target, X_source_test = [[0.1], [0.9]], [[0.0], [0.2], [1.0]]
    >>> reverse_svm_accuracy(X_target, ["cat", "dog"], X_source_test, ["cat", "cat", "dog"])
    1.0
    """
    # Imported here: the sweep in shallow/ scores its dimensions with this module.
    from dacompare.shallow.linear_svm import in_row_space, linear_svm

    target, source_test = np.asarray(X_target), np.asarray(X_source_test)
    pseudo, labels = np.asarray(pseudo_labels), np.asarray(y)
    if target.ndim != 2 or source_test.ndim != 2 or target.shape[1] != source_test.shape[1]:
        raise ValueError(
            "X_target and X_source_test must be rows of the same features, shape (n, n_features), got shapes"
            f" {target.shape} and {source_test.shape}."
        )
    if pseudo.shape != (len(target),) or labels.shape != (len(source_test),):
        raise ValueError(
            f"pseudo_labels must hold one label for each of the {len(target)} rows of X_target, and y one for each of"
            f" the {len(source_test)} of X_source_test, got shapes {pseudo.shape} and {labels.shape}."
        )
    check_usable(X_target=target, pseudo_labels=pseudo, X_source_test=source_test, y=labels)
    check_labels(pseudo_labels=pseudo, y=labels)
    if (pseudo == pseudo[0]).all():  # no SVM learns one class: it would say that class everywhere
        return float(np.mean(labels == pseudo[0]))
    target, source_test = in_row_space(target, source_test)
    return float(np.mean(linear_svm().fit(target, pseudo).predict(source_test) == labels))


def reverse_svm(candidate: Candidate) -> float:
    """Return how well an SVM that learned the candidate's own target predictions does on the labelled source.

    If the predictions are right and the domains are aligned, the way back leads home. At most 4,000 target
    rows are used, the same for every candidate of a comparison.

    Examples
    --------
    >>> Z = np.array([[0.0], [1.0]])
    >>> y = np.array(["cat", "dog"])
    >>> reverse_svm(Candidate(y, y, source_test_features=Z, target_features=Z, target_predictions=y))
    1.0
    """
    assert candidate.target_features is not None, "score_candidate has checked needs"
    assert candidate.target_predictions is not None, "score_candidate has checked needs"
    assert candidate.source_test_features is not None, "score_candidate has checked needs"
    assert candidate.y_source_test is not None, "score_candidate has checked needs"
    rows = subsample_rows(None, REVERSE_ROWS, 0, n_rows=len(candidate.target_features))
    return reverse_svm_accuracy(
        candidate.target_features[rows],
        candidate.target_predictions[rows],
        candidate.source_test_features,
        candidate.y_source_test,
    )
