"""What networks are given is refused in words that name the argument, the shape and the way out."""

import re

import numpy as np
import pytest

from dacompare.deep import DANNClassifier, SourceOnlyClassifier

QUESTIONS = ("predict", "predict_proba", "decision_function", "transform", "domain_proba", "features_and_scores")


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (20, 16, 16, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def fitted(images):
    return DANNClassifier(max_steps=1, batch_size=4, random_state=0).fit(images, _labels(images), X_target=images)


@pytest.fixture(scope="module")
def grey(images):
    return SourceOnlyClassifier(max_steps=1, batch_size=4, random_state=0).fit(images[..., 0], _labels(images))


def _labels(X):
    return np.arange(len(X)) % 2


def _says(text):
    return pytest.raises(ValueError, match=re.escape(text))


@pytest.mark.parametrize("channels", [1, 3])
def test_images_with_channels_first_are_refused(images, fitted, channels):
    first = images[..., :channels].transpose(0, 3, 1, 2)
    network, y = DANNClassifier(max_steps=1, batch_size=4), _labels(images)
    must = f"must have its channels last, got shape (20, {channels}, 16, 16); use"
    with _says(f"X {must} X.transpose(0, 2, 3, 1)"):
        network.fit(first, y)
    with _says(f"X_target {must} X_target.transpose(0, 2, 3, 1)"):
        network.fit(images, y, X_target=first)
    with _says(f"X {must} X.transpose(0, 2, 3, 1)"):
        fitted.predict(first)


@pytest.mark.parametrize("shape", [(16, 3, 2), (16, 16, 5), (3, 16, 3), (1, 16, 1)])
def test_what_may_have_its_channels_last_is_taken(shape):
    X = np.zeros((4, *shape), np.uint8)
    network = SourceOnlyClassifier("mlp", max_steps=1, batch_size=8, random_state=0).fit(X, _labels(X))
    assert network.image_shape_ == shape
    assert network.predict(X).shape == (4,)


def test_images_three_high_are_read_as_they_were_in_fit():
    X = np.zeros((4, 3, 8, 2), np.uint8)
    network = SourceOnlyClassifier(image_shape=(3, 8, 2), max_steps=1, batch_size=8, random_state=0)
    network.fit(X.reshape(4, -1), _labels(X))
    assert np.array_equal(network.predict(X), network.predict(X.reshape(4, -1)))


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("dtype", ["u1", "f4", "i8"])
def test_a_batch_without_images_is_refused(images, fitted, question, dtype):
    said = "Found array with 0 sample(s), shape (0, 16, 16, 3), while a minimum of 1 is required by DANNClassifier"
    with _says(f"{said}; X must hold at least one image"):
        getattr(fitted, question)(images[:0].astype(dtype))


def test_no_images_to_train_on_are_refused(images):
    network, y = DANNClassifier(max_steps=1, batch_size=4), _labels(images)
    with _says("DANNClassifier; X must hold at least one image"):
        network.fit(images[:0], y[:0])
    with _says("DANNClassifier; X_target must hold at least one image"):
        network.fit(images, y, X_target=images[:0])


def test_images_without_pixels_are_refused(fitted):
    with _says("images must hold at least one pixel, got an array of shape (5, 16, 0)"):
        fitted.predict(np.zeros((5, 16, 0), np.uint8))


@pytest.mark.parametrize("question", QUESTIONS)
def test_one_image_is_told_from_a_batch(images, fitted, question):
    with _says("X is one image, shape (16, 16, 3), but must be a batch of them; use X[np.newaxis]"):
        getattr(fitted, question)(images[0])
    assert len(fitted.predict(images[0][np.newaxis])) == 1


def test_one_grey_image_is_told_from_a_batch(images, fitted, grey):
    for network in (fitted, grey):
        for one in (images[0, ..., 0], images[0, ..., :1]):
            with _says(f"X is one image, shape {one.shape}, but must be a batch of them; use X[np.newaxis]"):
                network.predict(one)
            assert len(network.predict(one[np.newaxis])) == 1


def test_images_of_another_size_are_no_single_image(images, fitted, grey):
    with _says("images must be of shape (16, 16, 3) as in fit, got (15, 16, 3); resize them first"):
        fitted.predict(images[:, 1:])
    with _says("X has 15 features, but SourceOnlyClassifier is expecting 256 features"):
        grey.predict(images[0, :, 1:, 0])


def test_as_many_grey_images_as_they_are_high_are_a_batch(images, grey):
    assert grey.predict(images[:16, ..., 0]).shape == (16,)


def test_images_and_their_pixels_in_flat_rows_are_the_same(images, fitted):
    flat = images.reshape(len(images), -1)
    np.testing.assert_array_equal(fitted.predict_proba(flat), fitted.predict_proba(images))
    np.testing.assert_array_equal(fitted.predict_proba(flat / 255), fitted.predict_proba(images / 255))


def test_a_network_for_images_may_be_fitted_to_rows_later(images, rng):
    network = DANNClassifier(max_steps=2, batch_size=4, random_state=0)
    X, y = rng.normal(size=(20, 5)), np.arange(20) % 2
    alone = DANNClassifier(max_steps=2, batch_size=4, random_state=0).fit(X, y, X_target=X + 9)
    network.fit(images, _labels(images), X_target=images).fit(X, y, X_target=X + 9)
    np.testing.assert_array_equal(network.predict_proba(X), alone.predict_proba(X))
