"""Hold one distance between two domains, however it was measured."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class MeasuredDistance:
    """A distance, how sure it is, and how it came about; ``float()`` of it is the value.

    Parameters
    ----------
    value : float
        Signed where the estimator is: an unbiased estimate of no distance is negative as often as positive.
    n_per_domain : int
        Rows drawn from each domain.
    n_features : int
        As given.
    ci95 : (float, float) or None
        95 % interval of `value`, where the measure has one.
    p_value : float or None
        Share of relabelled drawings that are at least as far apart, where it was asked for.
    details : dict
        Whatever else belongs to the measure, as plain numbers and strings.
    note : str
        One sentence for readers of a report.
    """

    value: float
    n_per_domain: int
    n_features: int
    ci95: tuple[float, float] | None = None
    p_value: float | None = None
    details: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    def __float__(self) -> float:
        return self.value
