"""Say where two domains come from: hold their rows, check them, load them, generate them, split them.

A *domain* is a way of collecting rows: one camera, one hospital, one year. A `Domain` holds rows of one of
them, with labels or without. A `Transfer` puts a labelled *source* and a *target* together: what is learnt on
the source is judged on the target. Either may have a *test set*, rows that nothing is fitted on:

- *inductive*: adapt to `target`, judge on `target_test`;
- *transductive*: adapt to all of `target`, and judge on it.

Rows with the same *group* show the same thing (a photo, a track, a digit); no split cuts a group in two.

From arrays, the door for your own data (every array is checked there, once):

>>> import numpy as np
>>> rng = np.random.default_rng(0)
>>> X_source, X_target = rng.normal(size=(40, 3)), rng.normal(1.0, size=(30, 3))
>>> Transfer.from_arrays(X_source, np.arange(40) % 2, X_target)
Transfer('source → target', transductive, 2 classes: source 32 + 8 test, target 30 rows, unlabelled target)

By name, as recipes do; `DOMAINS` lists the names, and a loader's keyword arguments are its options:

>>> sorted(DOMAINS)
['amazon-reviews', 'digits', 'folder', 'fonts', 'fontsm', 'mnist', 'mnistm', 'mnistm-genuine', 'npz',
'office-caltech', 'svmlight', 'table', 'usps']
>>> load_transfer({"domain": "digits"}, {"domain": "fonts", "rows": 50, "test_rows": 20}).transfer.title
'digits → fonts'
"""

from dacompare.domains.catalogue import DOMAINS
from dacompare.domains.domain import Domain
from dacompare.domains.loaded import DataFile, LoadedDomain, hash_arrays
from dacompare.domains.loading import LoadedTransfer, load_transfer
from dacompare.domains.options import check_options, check_split
from dacompare.domains.prepared import prepare
from dacompare.domains.splits import draw_per_class, split_rows, subsample_rows
from dacompare.domains.transfer import Transfer
from dacompare.domains.unwrapping import WholeTarget

__all__ = [
    "DOMAINS",
    "DataFile",
    "Domain",
    "LoadedDomain",
    "LoadedTransfer",
    "Transfer",
    "WholeTarget",
    "check_options",
    "check_split",
    "draw_per_class",
    "hash_arrays",
    "load_transfer",
    "prepare",
    "split_rows",
    "subsample_rows",
]
