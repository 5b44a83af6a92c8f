"""Load scikit-learn's 1,797 handwritten digits as small grey images."""

import numpy as np
from PIL import Image
from sklearn import datasets

from dacompare.domains.domain import Domain
from dacompare.domains.loaded import LoadedDomain, describe_arrays

DIGIT_NAMES = tuple("0123456789")


def load_digits(*, size: int = 28) -> LoadedDomain:
    """Load the 8×8 digits that come with scikit-learn, enlarged and stretched to 0..255.

    Parameters
    ----------
    size : int
        Height and width in pixels, from 8; the enlargement is bilinear.

    Returns
    -------
    LoadedDomain
        1,797 labelled images (n, size, size) uint8; there is no official test set.

    Raises
    ------
    ValueError
        For a size that is no integer from 8.

    References
    ----------
    Alpaydin & Kaynak 1998, "Optical recognition of handwritten digits", UCI machine learning repository.

    Examples
    --------
    >>> load_digits().train
    Domain('digits', 1,797 images 28×28, 10 classes)
    """
    if isinstance(size, bool) or not isinstance(size, int) or size < 8:
        raise ValueError(f"size must be an integer from 8, got {size!r}; the originals are 8×8.")
    small, labels = datasets.load_digits(return_X_y=True)
    grey = np.round(small.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    bilinear = Image.Resampling.BILINEAR
    images = np.stack([np.asarray(Image.fromarray(image).resize((size, size), bilinear)) for image in grey])
    train = Domain(images, labels, name="digits", class_names=DIGIT_NAMES)
    return LoadedDomain(train, files=(describe_arrays("digits (scikit-learn)", grey, labels),))
