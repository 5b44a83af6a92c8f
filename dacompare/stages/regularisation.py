"""Choose the C of the linear SVMs that a comparison trains."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from dacompare.shallow import in_row_space, rms_row_norm, shared_classifier

SVM_GRID = (0.01, 0.1, 1.0, 10.0, 100.0)


def svm_C(protocol: Mapping[str, Any], X: NDArray[Any], y: Any, seed: int) -> float:
    """Return the C of the recipe, or the best of five by cross-validation on the rows given.

    The five are those of :data:`SVM_GRID` for rows of length 1: a C means as much as the squared length of the rows.
    """
    if protocol["svm_C"] != "cv" or protocol["classifier"] != "svm":
        return 1.0 if protocol["svm_C"] == "cv" else float(protocol["svm_C"])
    from sklearn.model_selection import GridSearchCV

    (X,) = in_row_space(X)
    grid = {"C": [C / rms_row_norm(X) ** 2 for C in SVM_GRID]}
    search = GridSearchCV(shared_classifier("svm", random_state=seed), grid, cv=3, refit=False)
    return float(search.fit(X, y).best_params_["C"])
