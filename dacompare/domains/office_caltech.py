"""Load Office-Caltech10: photos of ten things from four places, as bags of visual words."""

from pathlib import Path
from typing import Literal

import numpy as np
from scipy.io import loadmat
from sklearn.preprocessing import StandardScaler

from dacompare.domains.domain import Domain
from dacompare.domains.folder import find_data
from dacompare.domains.loaded import LoadedDomain, describe_file
from dacompare.names import check_name

SURF_ADDRESS = "http://www-scf.usc.edu/~boqinggo/domain_adaptation/GFK_v1.zip"
FOLDER = "office_caltech10_surf"
FILES = {
    "amazon": ("amazon_SURF_L10.mat", "df32548b994e18d364c99e1f317e1fae100597259f0423a41b90f4f68187bb1f"),
    "caltech": ("Caltech10_SURF_L10.mat", "4f9334c8ced489d5054de97a5fd51a61f017f3bcd1f38c9a85c6d78cb9d7bda5"),
    "dslr": ("dslr_SURF_L10.mat", "44d673c68e1d07b837893aa74dba3b986e4a6cc3fd66f0dd357683bdef059216"),
    "webcam": ("webcam_SURF_L10.mat", "a6a9c78b4b7181dfbb58bcfd351d4ebd737f171c31247b8884948aa156d3f700"),
}
"""Part → its file, and the sha256 of that. None was published: these are the files that the tests know."""
# The files have no names for their labels 1 to 10. The numbers of photos per label are those of Office-31's folders.
CLASSES = (
    *("backpack", "bike", "calculator", "headphones", "keyboard"),
    *("laptop", "monitor", "mouse", "mug", "projector"),
)


def load_office_caltech(
    *, part: Literal["amazon", "caltech", "dslr", "webcam"], normalise: bool = True, standardise: bool = False
) -> LoadedDomain:
    """Load the SURF features of one of the four domains of Office-Caltech10, labelled 1 to 10.

    A row counts how often each of 800 visual words occurs in a photo. There is no official test set: protocols of
    the time adapt to all rows of the target and judge on them. They also standardise each domain on its own, which
    is an adaptation by itself.

    Parameters
    ----------
    part : {"amazon", "caltech", "dslr", "webcam"}
        Which domain: 958, 1,123, 157 or 295 photos.
    normalise : bool
        Divide each row by its sum, so that photos with many words and with few compare; every photo has ten words
        at least. False: the counts as they are.
    standardise : bool
        Give each word mean 0 and variance 1 over the rows of this part alone, as published protocols do.

    Raises
    ------
    FileNotFoundError
        Where the file is not in the folder `office_caltech10_surf` of the data folder.
    ValueError
        Where it is not the known one, byte for byte: a MATLAB file that was tampered with is never opened.

    References
    ----------
    Gong et al. 2012, "Geodesic flow kernel for unsupervised domain adaptation", section 4.1; photos by Saenko et
    al. 2010 (Office-31) and Griffin et al. 2007 (Caltech-256).

    Examples
    --------
    >>> load_office_caltech(part="dlsr")
    Traceback (most recent call last):
        ...
    ValueError: part must be one of 'amazon', 'caltech', 'dslr', 'webcam', got 'dlsr', did you mean 'dslr'?
    """
    name, sha256 = FILES[check_name("part", part, FILES)]
    path = find_data(f"{FOLDER}/{name}", SURF_ADDRESS)
    file = describe_file(f"{FOLDER}/{name}", path)
    if file.sha256 != sha256:
        # scipy's reader can crash the process on a crafted file, so that the check comes first.
        raise ValueError(
            f"{path} is truncated or altered: its sha256 is {file.sha256}, the known one is {sha256}; it is not used,"
            f" take it anew from {SURF_ADDRESS} (folder data), or give features of your own with domain = 'npz'."
        )
    counts, labels = _read(path)
    X = counts / counts.sum(axis=1, keepdims=True) if normalise else counts
    if standardise:
        # A word that never occurs in a part stays 0.
        X = StandardScaler().set_output(transform="default").fit_transform(X)
    return LoadedDomain(Domain(X, labels, name=part, class_names=CLASSES), files=(file,))


def _read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    variables = loadmat(path, variable_names=["fts", "labels"])
    return variables["fts"].astype(np.float64), variables["labels"].ravel().astype(np.int64)
