"""Say what was done to the rows of a transfer before it was made, and what was found in them."""

import warnings
from dataclasses import dataclass

from dacompare.domains.domain import Domain
from dacompare.domains.far_values import far_values


@dataclass(frozen=True)
class Preparation:
    """What became of the rows that a user gave.

    Parameters
    ----------
    unit_variance : bool
        Whether each column was brought to mean 0 and standard deviation 1 of the source. The pipelines of a comparison
        then begin with that step.
    remarks : tuple of str
        What a page has to say of the rows as they came.

    Examples
    --------
    >>> Preparation().unit_variance
    False
    """

    unit_variance: bool = False
    remarks: tuple[str, ...] = ()


AS_THEY_CAME = Preparation()


def look_at(source: Domain, target: Domain, *, unit_variance: bool = False) -> Preparation:
    """Look at rows as they came, before anything is done to them.

    Parameters
    ----------
    source, target : Domain
    unit_variance : bool
        Whether they will be brought to one scale.

    Warns
    -----
    UserWarning
        Of values so far from all others that they may be marks.

    Examples
    --------
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     found = look_at(Domain([[0.0]]), Domain([[float(k)] for k in range(19)] + [[1e9]]))
    >>> print(caught[0].message)
    target: column 0 holds 1e+09 in 1 of 20 rows, 1.05e+08 times as far from the median as the quartiles are apart;
    where that stands for a missing value, leave such rows out or fill them in, as it moves what all methods go by.
    >>> len(found.remarks)
    1
    """
    remarks = []
    for name, domain in (("source", source), ("target", target)):
        if said := far_values(domain.X, domain.feature_names or ()):
            remarks.append(
                f"{name.capitalize()}: {said}; where that stands for a missing value, no figure here means what it"
                " seems to"
            )
            warnings.warn(
                f"{name}: {said}; where that stands for a missing value, leave such rows out or fill them in, as it"
                " moves what all methods go by.",
                UserWarning,
                stacklevel=3,
            )
    return Preparation(unit_variance, tuple(remarks))
