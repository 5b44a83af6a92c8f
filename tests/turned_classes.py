"""Make two domains whose classes lie along axes that are 85 degrees apart."""

import numpy as np

ANGLE, ACROSS = np.radians(85), 0.7


def turned_classes(rng, y, angle=0.0, across=0.0):
    """Return rows of six features whose classes are at ±3 along an axis in the plane of the first two, in noise.

    Parameters
    ----------
    angle : float
        Between the axis and the first feature.
    across : float
        Standard deviation in the plane across the axis. With 0 the rows of a source say nothing of the other
        axes there, not even by chance.
    """
    axis, normal = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]])
    along, aside = 6 * y - 3 + 0.6 * rng.normal(size=len(y)), across * rng.normal(size=len(y))
    rest = 0.6 * rng.normal(size=(len(y), 4))
    return np.hstack([np.outer(along, axis) + np.outer(aside, normal), rest])


def turned_domains(rng, n=600):
    """Return source rows, target rows and the labels of either; the target's classes overlap along the source's axis.

    Its share on the right side of the source's border is Φ(3 cos θ / √((0.6 cos θ)² + (0.7 sin θ)²)) = 0.65.
    """
    y = np.arange(n) % 2
    return turned_classes(rng, y), turned_classes(rng, y, ANGLE, ACROSS), y
