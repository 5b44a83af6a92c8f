"""Load scikit-learn's 1,797 handwritten digits as small grey images."""

import numpy as np
from PIL import Image
from sklearn import datasets

from dacompare.domains.domain import Domain
from dacompare.domains.loaded import LoadedDomain, describe_arrays

DIGIT_NAMES = tuple("0123456789")


def load_digits(*, size: int = 28) -> LoadedDomain:
    """Load the 8×8 digits that come with scikit-learn, enlarged with a margin and stretched to 0..255.

    The originals touch all four edges. They are enlarged to five sevenths of the image and centred, as MNIST's digits
    are (20 pixels of 28), so that they have the size that digits have elsewhere.

    Parameters
    ----------
    size : int
        Height and width in pixels, from 12; the enlargement is bilinear.

    Returns
    -------
    LoadedDomain
        1,797 labelled images (n, size, size) uint8; there is no official test set.

    Raises
    ------
    ValueError
        For a size that is no integer from 12.

    References
    ----------
    Alpaydin & Kaynak 1998, "Optical recognition of handwritten digits", UCI machine learning repository.

    Examples
    --------
    >>> load_digits().train
    Domain('digits', 1,797 images 28×28, 10 classes)
    """
    if isinstance(size, bool) or not isinstance(size, int) or size < 12:
        raise ValueError(f"size must be an integer from 12, got {size!r}; the originals are 8×8.")
    small, labels = datasets.load_digits(return_X_y=True)
    grey = np.round(small.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    bilinear = Image.Resampling.BILINEAR
    box = round(size * 20 / 28)
    before = (size - box) // 2
    images = np.zeros((len(grey), size, size), np.uint8)
    inside = images[:, before : before + box, before : before + box]
    inside[:] = [np.asarray(Image.fromarray(image).resize((box, box), bilinear)) for image in grey]
    train = Domain(images, labels, name="digits", class_names=DIGIT_NAMES)
    return LoadedDomain(train, files=(describe_arrays("digits (scikit-learn)", grey, labels),))
