"""Example images come from the rows that a report shows, with the names of their classes."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from dacompare import DomainPairsDisplay, Transfer
from dacompare.images import decode_png, thumbnail
from dacompare.report.pairs_display import Strip
from dacompare.stages.show import example_sheets


@pytest.fixture
def transfer():
    rng = np.random.default_rng(0)
    images = rng.integers(256, size=(40, 8, 8)).astype(np.uint8)
    y = np.array(["cat", "dog", "owl", "yak"])[rng.integers(4, size=40)]
    return Transfer.from_arrays(images, y, 255 - images, y, test_size=None, title="Day → night")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_the_images_are_those_of_the_report(transfer):
    display = DomainPairsDisplay.from_domains(transfer.source, transfer.target, n=6)
    for side, sheet in example_sheets(transfer, 6).items():
        strip = getattr(display, side)
        assert (np.concatenate(strip.images, axis=1) == decode_png(sheet["png_base64"])).all()
        assert strip.labels == [transfer.class_names[k] for k in sheet["labels"]]


def test_both_domains_are_drawn_below_each_other(transfer):
    ax = Figure().add_subplot()
    display = DomainPairsDisplay.from_domains(transfer.source, transfer.target, n=4).plot(ax)
    assert (display.ax_, display.figure_) == (ax, ax.figure)
    assert len(ax.images) == 8
    assert texts(ax) == ["source", "cat", "dog", "owl", "yak", "target", "cat", "dog", "owl", "yak"]
    tops = [image.get_extent()[3] for image in ax.images]
    assert tops[:4] == [0] * 4
    assert len(set(tops[4:])) == 1
    assert tops[4] > 1


def test_unlabelled_arrays_need_no_more_than_pixels():
    ax = Figure().add_subplot()
    images = np.random.default_rng(0).random((3, 5, 5, 3))
    DomainPairsDisplay.from_domains(images, images[:2]).plot(ax)
    assert len(ax.images) == 5
    assert texts(ax) == ["source", "target"]


def test_names_that_look_like_mathematics_are_written_as_they_are():
    ax = Figure().add_subplot()
    image = thumbnail(np.eye(4))
    DomainPairsDisplay(Strip("a $x", [image], ["$\\frac$"]), Strip("b", [image])).plot(ax)
    ax.figure.canvas.draw()
    assert texts(ax) == ["source\na $x", "$\\frac$", "target\nb"]


def test_class_names_name_sorted_labels():
    images = np.zeros((4, 5, 5), np.uint8)
    display = DomainPairsDisplay.from_domains(images, images, [7, 3, 7, 3], [3, 9, 7, 7], class_names=["low", "high"])
    assert display.source.labels == ["low", "high", "low", "high"]
    assert display.target.labels == ["low", "high", "9", "high"]  # a label that the source lacks keeps its own name


def test_a_comparison_gives_its_images_back(sample):
    data = sample(points=0, steps=2, seeds=2)
    display = DomainPairsDisplay.from_results(data)
    assert [len(strip.images) for strip in (display.source, display.target)] == [10, 10]
    assert (np.concatenate(display.source.images, axis=1) == decode_png(data["examples"]["source"]["png_base64"])).all()
    assert display.target.labels[:2] == ["0", "1"]


def test_results_without_images_say_so(bare):
    with pytest.raises(ValueError, match="keep no images of the source"):
        DomainPairsDisplay.from_results(bare())


@pytest.mark.parametrize(
    ("source", "more", "message"),
    [
        (np.zeros((5, 3)), {}, r"source must hold images, .* got \(5, 3\); feature vectors"),
        (np.zeros((5, 3, 8, 8)), {}, r"got \(5, 3, 8, 8\)"),
        (np.full((2, 4, 4), 7.0), {}, r"floats in \[0, 1\], got float64 from 7.0 to 7.0"),
        (np.zeros((2, 4, 4)), {"y_source": [1]}, r"y_source must have a label for each of 2 images, got shape \(1,\)"),
        (np.zeros((2, 4, 4)), {"n": 0}, "n must be at least 1"),
        (np.zeros((2, 4, 4)), {"y_source": ["a", "b"], "class_names": ["x"]}, "must name the 2 sorted source labels"),
    ],
)
def test_what_cannot_be_shown_is_named(source, more, message):
    with pytest.raises(ValueError, match=message):
        DomainPairsDisplay.from_domains(source, np.zeros((2, 4, 4)), **more)
