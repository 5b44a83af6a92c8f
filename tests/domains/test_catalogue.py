import inspect
import subprocess
import sys

from dacompare.domains import DOMAINS


def test_every_loader_takes_keywords_only_and_documents_them():
    made, published = ["digits", "fonts", "fontsm"], ["mnist", "mnistm", "mnistm-genuine", "usps"]
    features, own = ["amazon-reviews", "office-caltech"], ["folder", "npz", "svmlight", "table"]
    assert sorted(DOMAINS) == sorted(made + published + features + own)
    for name, load in DOMAINS.items():
        for option, parameter in inspect.signature(load).parameters.items():
            assert parameter.kind is inspect.Parameter.KEYWORD_ONLY, (name, option)
            assert option in load.__doc__, (name, option)


def test_no_option_is_called_as_a_key_of_the_recipe_is():
    for name, load in DOMAINS.items():
        assert not {"domain", "labelled"} & set(inspect.signature(load).parameters), name


def test_importing_the_domains_imports_no_torch():
    code = "import sys, dacompare.domains; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert "dacompare.domains" in loaded
    assert not {"torch", "matplotlib.pyplot", "openTSNE"} & set(loaded)
