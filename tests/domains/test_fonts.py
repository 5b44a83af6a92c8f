import numpy as np
import pytest
from PIL import ImageFont

from dacompare.domains import hash_arrays
from dacompare.domains.fonts import TEST_FACES, TRAIN_FACES, draw_digit, load_faces, load_fonts, load_fontsm

SMALL = {"rows": 60, "test_rows": 20}


def test_no_face_is_in_training_and_test():
    assert len(TRAIN_FACES) == 16
    assert len(TEST_FACES) == 5
    assert not set(TRAIN_FACES) & set(TEST_FACES)
    assert len(set(TRAIN_FACES + TEST_FACES)) == 21


@pytest.mark.parametrize("name", TRAIN_FACES + TEST_FACES)
def test_every_face_draws_ten_different_digits(name):
    face = load_faces((name,))[0]
    drawn = {bytes(face.getmask(digit, mode="L")) for digit in "0123456789"}
    assert len(drawn) == 10


@pytest.mark.parametrize(("load", "shape"), [(load_fonts, (28, 28)), (load_fontsm, (28, 28, 3))])
def test_the_same_seed_gives_the_same_bytes(load, shape):
    first, again, other = load(**SMALL), load(**SMALL), load(**SMALL, data_seed=1)
    assert first.train.row_shape == first.test.row_shape == shape
    assert first.files == again.files
    assert first.train.X.tobytes() == again.train.X.tobytes()
    assert first.train.X.tobytes() != other.train.X.tobytes()
    assert (first.train.n_rows, first.test.n_rows) == (60, 20)
    assert hash_arrays(first.train.X, first.train.y, first.test.X, first.test.y) == first.files[-1].sha256


def test_more_test_rows_leave_the_training_rows_alone():
    assert np.array_equal(load_fonts(rows=20, test_rows=5).train.X, load_fonts(rows=20, test_rows=9).train.X)


def test_source_and_target_draw_different_digits():
    source, target = load_fonts(**SMALL), load_fontsm(**SMALL)
    assert not np.array_equal(source.train.y, target.train.y)
    assert not np.array_equal(source.train.y[:20], source.test.y)


def test_source_digits_are_white_on_black_in_the_middle():
    X = load_fonts(**SMALL).train.X
    assert (X[:, 0] == 0).mean() > 0.95
    assert (X.reshape(60, -1).max(axis=1) > 100).all()
    assert X[:, 8:20, 8:20].mean() > 2 * X.mean()


def test_the_target_is_the_background_where_there_is_no_digit():
    mask, difference = (load_fontsm(**SMALL, blend=how).train.X for how in ("mask", "difference"))
    same = (mask == difference).all(axis=3)
    assert 0.5 < same.mean() < 0.95
    # Where the stroke is full, both are 255 - background; they part at the grey edges only.
    assert np.abs(mask.astype(int) - difference)[~same].mean() > 10


def test_the_generator_says_all_it_did():
    generator = load_fontsm(**SMALL, data_seed=3, blend="mask").generator
    assert (generator["data_seed"], generator["blend"], generator["rows"]) == (3, "mask", 60)
    assert generator["held_out_faces"] == list(TEST_FACES)
    assert set(generator["versions"]) == {"pillow", "matplotlib", "freetype", "numpy"}


def test_digits_keep_their_shape_when_drawn():
    rng = np.random.default_rng(0)
    face = load_faces(("DejaVuSans-Bold.ttf",))[0]
    assert isinstance(face, ImageFont.FreeTypeFont)
    ones = np.mean([draw_digit(1, face, 28, rng) for _ in range(40)])
    eights = np.mean([draw_digit(8, face, 28, rng) for _ in range(40)])
    assert eights > 1.2 * ones


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rows": 0}, "rows must be an integer from 1, got 0"),
        ({"test_rows": 2.5}, "test_rows must be an integer from 1, got 2.5"),
        ({"size": 4}, "size must be an integer from 8, got 4"),
        ({"data_seed": -1}, "data_seed must be an integer from 0, got -1"),
    ],
)
def test_bad_numbers_are_refused(options, message):
    for load in (load_fonts, load_fontsm):
        with pytest.raises(ValueError, match=message):
            load(**options)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"blend must be one of .*did you mean 'mask'"):
        load_fontsm(**SMALL, blend="masks")
    with pytest.raises(ValueError, match="photos must be one of"):
        load_fontsm(**SMALL, photos="flowers")
