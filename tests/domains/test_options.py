import inspect

import pytest

from dacompare.domains import DOMAINS, check_options, check_split
from dacompare.domains.options import FOR_ALL


def test_good_tables_become_keyword_arguments():
    table = {"domain": "fontsm", "size": 32, "blend": "mask", "labelled": False}
    assert check_options("target", table) == {"size": 32, "blend": "mask"}
    assert check_options("source", {"domain": "npz", "path": "x.npz"}) == {"path": "x.npz", "side": "source"}
    assert table == {"domain": "fontsm", "size": 32, "blend": "mask", "labelled": False}


@pytest.mark.parametrize(
    ("side", "table", "error", "message"),
    [
        ("source", {}, ValueError, r"\[source\] must say which domain"),
        (
            "source",
            {"domain": "mnits"},
            ValueError,
            r"\[source\] domain must be one of .*did you mean 'mnist'",
        ),
        (
            "target",
            {"domain": "fontsm", "blnd": "mask"},
            ValueError,
            r"\[target\] option .*did you mean 'blend'",
        ),
        (
            "target",
            {"domain": "fontsm", "blend": "msk"},
            ValueError,
            r"\[target\] blend .*did you mean 'mask'",
        ),
        (
            "source",
            {"domain": "fonts", "size": 28.0},
            TypeError,
            r"\[source\] size must be of type int, got 28.0",
        ),
        ("source", {"domain": "fonts", "rows": True}, TypeError, "rows must be of type int, got True"),
        ("source", {"domain": "npz"}, ValueError, "must have the option 'path'"),
        ("source", {"domain": "npz", "path": "x", "side": "target"}, ValueError, "got 'side'"),
        ("source", {"domain": "fonts", "labelled": False}, ValueError, "the source rows must have their labels"),
        (
            "target",
            {"domain": "fonts", "labelled": "no"},
            TypeError,
            "labelled must be true or false, got 'no'",
        ),
        ("left", {"domain": "fonts"}, ValueError, "side must be one of"),
    ],
)
def test_bad_tables_are_refused_before_anything_is_loaded(side, table, error, message):
    with pytest.raises(error, match=message):
        check_options(side, table)


def test_a_silent_split_is_filled_in():
    expected = {"protocol": "inductive", "source_test": None, "target_test": None, "by_group": True}
    assert check_split(None) == check_split({}) == {**expected, "split_seed": 0, "max_rows": 0, "source_per_class": 0}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"protcol": "inductive"}, "did you mean 'protocol'"),
        ({"protocol": "both"}, "protocol must be one of"),
        ({"source_test": 1.5}, "a share between 0 and 1, or false, got 1.5"),
        ({"target_test": True}, "or false, got True"),
        ({"source_test": "offical"}, "got 'offical'"),
        ({"split_seed": -1}, "split_seed must be an integer from 0, got -1"),
        ({"max_rows": 2.0}, "max_rows must be an integer from 0"),
        ({"by_group": 1}, "by_group must be true or false"),
        (
            {"protocol": "transductive", "target_test": 0.2},
            "must be absent when the protocol is transductive",
        ),
        ({"target_test": False}, "false needs protocol = 'transductive'"),
    ],
)
def test_bad_splits_are_refused(table, message):
    with pytest.raises(ValueError, match=message):
        check_split(table)


def test_options_of_every_domain_have_names_that_no_loader_takes():
    for name, loader in DOMAINS.items():
        assert not set(FOR_ALL) & set(inspect.signature(loader).parameters), name
