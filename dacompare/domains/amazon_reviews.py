"""Load the Amazon reviews of four kinds of products, as the journal paper on DANN used them."""

from pathlib import Path
from typing import Literal

import numpy as np

from dacompare.domains.domain import Domain
from dacompare.domains.folder import find_data
from dacompare.domains.loaded import LoadedDomain, describe_file
from dacompare.domains.svmlight import read_svmlight
from dacompare.names import check_name

REVIEWS_ADDRESS = "https://github.com/GRAAL-Research/domain_adversarial_neural_network/tree/master/data"
N_ROWS = {"books": (2000, 4465), "dvd": (2000, 3586), "electronics": (2000, 5681), "kitchen": (2000, 5945)}
"""Official numbers of training and test reviews."""
N_FEATURES = 5000
LABELS = {-1: "negative", 1: "positive"}


def load_amazon_reviews(*, part: Literal["books", "dvd", "electronics", "kitchen"]) -> LoadedDomain:
    """Load the reviews of one kind of product: 2,000 for training, 3,586 to 5,945 for testing.

    A row counts how often each of the 5,000 most frequent words and pairs of words stands in a review; counts come
    as they are, dense in float32 (40 MB, and 72 to 119 MB for the test rows). Three test reviews of electronics have
    none of these words.

    Parameters
    ----------
    part : {"books", "dvd", "electronics", "kitchen"}
        Which of the four domains. Labels are -1 (up to 3 stars) and 1 (4 or 5).

    Raises
    ------
    FileNotFoundError
        Where a file is not in the folder `amazon_reviews` of the data folder.
    ValueError
        Where a file is truncated or altered: a line, a label or the number of reviews cannot be.

    References
    ----------
    Blitzer et al. 2007, "Biographies, Bollywood, boom-boxes and blenders"; preprocessed by Chen et al. 2012,
    "Marginalized denoising autoencoders for domain adaptation"; the files are those of Ganin et al. 2016,
    "Domain-adversarial training of neural networks", section 5.1.

    Examples
    --------
    >>> load_amazon_reviews(part="book")
    Traceback (most recent call last):
        ...
    ValueError: part must be one of 'books', 'dvd', 'electronics', 'kitchen', got 'book', did you mean 'books'?
    """
    check_name("part", part, N_ROWS)
    names = [f"amazon_reviews/{part}_{split}.svmlight" for split in ("train", "test")]
    paths = [find_data(name, REVIEWS_ADDRESS) for name in names]
    train, test = (_read(path, part, n_rows) for path, n_rows in zip(paths, N_ROWS[part], strict=True))
    return LoadedDomain(train, test, tuple(map(describe_file, names, paths)))


def _read(path: Path, part: str, n_rows: int) -> Domain:
    X, y = read_svmlight(path, n_features=N_FEATURES, zero_based=True)
    again = f"fetch it again from {REVIEWS_ADDRESS}"
    if strange := set(y.tolist()) - set(LABELS):
        raise ValueError(f"{path} must hold the labels -1 and 1, got {sorted(strange)[:3]}; {again}.")
    # A cut within the last line leaves a line that can be read.
    if len(y) != n_rows or not path.read_bytes().endswith(b"\n"):
        raise ValueError(f"{path} is truncated or altered: it has {len(y):,} whole lines of {n_rows:,}; {again}.")
    return Domain(X.toarray(), y.astype(np.int64), name=part, class_names=tuple(LABELS.values()))
