"""List every domain that can be loaded by name."""

from collections.abc import Callable

from dacompare.domains.amazon_reviews import load_amazon_reviews
from dacompare.domains.digits import load_digits
from dacompare.domains.fonts import load_fonts, load_fontsm
from dacompare.domains.image_folder import load_folder
from dacompare.domains.loaded import LoadedDomain
from dacompare.domains.mnist import load_mnist
from dacompare.domains.mnistm import load_mnistm
from dacompare.domains.mnistm_genuine import load_mnistm_genuine
from dacompare.domains.npz import load_npz
from dacompare.domains.office_caltech import load_office_caltech
from dacompare.domains.svmlight import load_svmlight
from dacompare.domains.table import load_table
from dacompare.domains.usps import load_usps

DOMAINS: dict[str, Callable[..., LoadedDomain]] = {
    "fonts": load_fonts,
    "fontsm": load_fontsm,
    "digits": load_digits,
    "mnist": load_mnist,
    "mnistm": load_mnistm,
    "mnistm-genuine": load_mnistm_genuine,
    "usps": load_usps,
    "office-caltech": load_office_caltech,
    "amazon-reviews": load_amazon_reviews,
    "npz": load_npz,
    "folder": load_folder,
    "table": load_table,
    "svmlight": load_svmlight,
}
"""Name in a recipe → its loader. A loader takes keyword arguments only; they are the recipe's options."""
