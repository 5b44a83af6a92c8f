import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import make_blobs, make_moons
from torch import nn

from dacompare.deep import DANNClassifier, Network, SourceOnlyClassifier
from dacompare.domains import Domain


@pytest.fixture(scope="module")
def blobs():
    X, y = make_blobs(240, centers=3, n_features=4, random_state=0)
    return X, y, X + np.array([2.0, 0, 0, 0])


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (80, 20, 20), dtype=np.uint8)
    return X, np.arange(80) % 4, rng.integers(0, 256, (70, 20, 20, 3), dtype=np.uint8)


def _weights(estimator):
    network = estimator.network_
    return [*network.feature_extractor.state_dict().values(), *network.label_predictor.state_dict().values()]


def _same(first, second):
    return all(torch.equal(a, b) for a, b in zip(_weights(first), _weights(second), strict=True))


@pytest.mark.parametrize("kind", ["images", "blobs"])
def test_without_reversal_dann_is_source_only_to_the_last_bit(kind, request):
    X, y, X_target = request.getfixturevalue(kind)
    settings = {"max_steps": 60, "random_state": 3}
    dann = DANNClassifier(adaptation_factor=0.0, **settings).fit(X, y, X_target=X_target)
    plain = SourceOnlyClassifier(**settings).fit(X, y, X_target=X_target)
    assert _same(dann, plain)
    assert dann.history_["label_loss"] == plain.history_["label_loss"]
    assert not _same(DANNClassifier(**settings).fit(X, y, X_target=X_target), plain)


def test_without_a_target_dann_is_source_only(blobs):
    X, y, _ = blobs
    assert _same(
        DANNClassifier(max_steps=30, random_state=0).fit(X, y),
        SourceOnlyClassifier(max_steps=30, random_state=0).fit(X, y),
    )


def test_the_same_seed_gives_the_same_bits_and_another_seed_does_not(images):
    X, y, X_target = images
    fits = [DANNClassifier(max_steps=8, random_state=s).fit(X, y, X_target=X_target) for s in (1, 1, 2)]
    assert _same(fits[0], fits[1])
    assert not _same(fits[0], fits[2])


def test_fit_starts_afresh_and_leaves_the_callers_streams_alone(blobs):
    X, y, X_target = blobs
    dann = DANNClassifier(max_steps=20, random_state=0).fit(X, y, X_target=X_target)
    before = [value.clone() for value in _weights(dann)]
    torch.manual_seed(5)
    np.random.seed(5)
    expected_torch, expected_numpy = torch.rand(3), np.random.rand(3)
    torch.manual_seed(5)
    np.random.seed(5)
    threads = torch.get_num_threads()
    dann.fit(X, y, X_target=X_target)
    assert torch.equal(torch.rand(3), expected_torch)
    assert np.array_equal(np.random.rand(3), expected_numpy)
    assert torch.get_num_threads() == threads
    assert all(torch.equal(a, b) for a, b in zip(before, _weights(dann), strict=True))


def test_a_monitor_changes_nothing_and_joins_the_history(blobs):
    X, y, X_target = blobs
    seen = []

    def monitor(step, estimator):
        torch.rand(7)
        seen.append(estimator.network_.training)
        return {"target_score": estimator.score(X_target, y)}

    settings = {"max_steps": 40, "monitor_every": 10, "random_state": 0, "network_options": {"dropout": 0.3}}
    watched = DANNClassifier(**settings).fit(X, y, X_target=X_target, monitor=monitor)
    alone = DANNClassifier(**settings).fit(X, y, X_target=X_target)
    assert _same(watched, alone)
    assert watched.history_["step"] == [0, 10, 20, 30, 40]
    assert len(watched.history_["target_score"]) == 5
    assert not any(seen)
    assert watched.history_["target_score"][-1] == watched.score(X_target, y)


@pytest.fixture(scope="module")
def moons():
    """The rotated moons of Ganin et al. 2016, section 5.1.1."""
    (X, y), (X_target, y_target) = (make_moons(600, noise=0.05, random_state=k) for k in (0, 1))
    cos, sin = np.cos(np.deg2rad(35)), np.sin(np.deg2rad(35))
    return X, y, (X_target - X.mean(0)) @ np.array([[cos, sin], [-sin, cos]]) + X.mean(0), y_target


def test_dann_helps_on_rotated_moons_and_mixes_the_domains(moons):
    X, y, X_target, y_target = moons

    def domain_accuracy(estimator):
        return ((estimator.domain_proba(X) < 0.5).mean() + (estimator.domain_proba(X_target) >= 0.5).mean()) / 2

    gains = []
    for seed in range(3):
        settings = {"max_steps": 1500, "learning_rate": 0.05, "random_state": seed}
        plain = DANNClassifier(adaptation_factor=0.0, **settings).fit(X, y, X_target=X_target)
        dann = DANNClassifier(adaptation_factor=6.0, **settings).fit(X, y, X_target=X_target)
        gains.append(dann.score(X_target, y_target) - plain.score(X_target, y_target))
        assert dann.score(X, y) > 0.95
        assert domain_accuracy(dann) <= domain_accuracy(plain)
    # Over the seeds: a rate that differs in the sixth digit moves the gain of the last one between .015 and .077.
    assert np.mean(gains) > 0.04


def test_labels_of_any_type_come_back(blobs):
    X, y, X_target = blobs
    names = np.array(["cat", "dog", "ant"])[y]
    estimator = DANNClassifier(max_steps=200, random_state=0).fit(X, names, X_target=X_target)
    assert list(estimator.classes_) == ["ant", "cat", "dog"]
    assert estimator.score(X, names) > 0.9
    minus = SourceOnlyClassifier(max_steps=200, random_state=0).fit(X[y < 2], np.where(y[y < 2], 1, -1))
    assert set(minus.predict(X[y < 2])) == {-1, 1}


def test_layers_have_the_network_s_widths(images):
    X, y, X_target = images
    dann = DANNClassifier(max_steps=2, random_state=0).fit(X, y, X_target=X_target)
    assert dann.transform(X_target).shape == (70, 100)
    assert dann.transform(X, layer="extractor").shape == (80, 2 * 2 * 48)
    assert len(dann.get_feature_names_out()) == 100
    assert dann.predict_proba(X).sum(axis=1) == pytest.approx(1)
    with pytest.raises(ValueError, match="layer must be one of.*did you mean 'last_hidden'"):
        dann.transform(X, layer="last_hiden")


def test_features_and_scores_come_in_one_pass_as_they_do_in_two(images):
    X, y, X_target = images
    dann = DANNClassifier(max_steps=5, random_state=0).fit(X, y, X_target=X_target)
    features, scores = dann.features_and_scores(X_target)
    assert np.array_equal(features, dann.transform(X_target))
    assert np.array_equal(scores, dann.decision_function(X_target))


def test_a_domain_may_stand_for_the_target_and_inputs_are_never_written(images):
    X, y, X_target = images
    X, y, X_target = X.copy(), y.copy(), X_target.copy()
    for array in (X, y, X_target):
        array.flags.writeable = False
    first = DANNClassifier(max_steps=3, random_state=0).fit(X, y, X_target=Domain(X_target))
    second = DANNClassifier(max_steps=3, random_state=0).fit(X, y, X_target=X_target)
    assert _same(first, second)


def test_flat_rows_with_an_image_shape_are_images(images):
    X, y, _ = images
    flat = SourceOnlyClassifier(max_steps=3, image_shape=(20, 20), random_state=0).fit(X.reshape(80, -1), y)
    assert _same(flat, SourceOnlyClassifier(max_steps=3, random_state=0).fit(X, y))
    assert np.array_equal(flat.predict(X.reshape(80, -1)), flat.predict(X))


@pytest.mark.parametrize("kind", ["images", "blobs"])
def test_saved_and_loaded_networks_predict_the_same(kind, request, tmp_path):
    X, y, X_target = request.getfixturevalue(kind)
    dann = DANNClassifier(max_steps=5, random_state=0).fit(X, np.array(["a", "b", "c", "d"])[y], X_target=X_target)
    dann.save(tmp_path / "net.v1")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.v1.json", "net.v1.safetensors"]
    loaded = DANNClassifier.load(tmp_path / "net.v1")
    assert np.array_equal(loaded.transform(X_target), dann.transform(X_target))
    assert np.array_equal(loaded.predict(X), dann.predict(X))
    with pytest.raises(ValueError, match="holds 'DANNClassifier'.*expected 'SourceOnlyClassifier'"):
        SourceOnlyClassifier.load(tmp_path / "net.v1")


def test_pickle_and_clone(blobs):
    X, y, X_target = blobs
    dann = DANNClassifier(max_steps=5, random_state=0).fit(X, y, X_target=X_target)
    assert np.array_equal(pickle.loads(pickle.dumps(dann)).predict_proba(X), dann.predict_proba(X))
    assert not hasattr(clone(dann), "network_")


def test_a_network_of_one_s_own_is_copied_not_trained(blobs):
    X, y, X_target = blobs
    own = Network(nn.Sequential(nn.Linear(4, 6), nn.ReLU()), nn.Sequential(nn.Linear(6, 3)), nn.Linear(6, 1))
    before = own.feature_extractor[0].weight.clone()
    dann = DANNClassifier(own, max_steps=20, random_state=0).fit(X, y, X_target=X_target)
    assert torch.equal(own.feature_extractor[0].weight, before)
    assert not torch.equal(dann.network_.feature_extractor[0].weight.cpu(), before)
    with pytest.raises(TypeError, match="Network of your own"):
        dann.save("nowhere")


def test_bf16_trains_close_to_float32(blobs):
    X, y, X_target = blobs
    scores = [
        DANNClassifier(precision=p, max_steps=300, random_state=0).fit(X, y, X_target=X_target).score(X, y)
        for p in ("float32", "bf16")
    ]
    assert abs(scores[0] - scores[1]) < 0.05


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"max_steps": 0}, ValueError, "max_steps must be a whole number from 1 on, got 0"),
        ({"batch_size": 1}, ValueError, "batch_size must be a whole number from 2 on, got 1"),
        ({"schedule": "papper"}, ValueError, "schedule must be one of.*did you mean 'paper'"),
        ({"max_steps": 2.5}, TypeError, "max_steps must be a whole number from 1 on, got 2.5"),
        ({"adaptation_factor": -1}, ValueError, "adaptation_factor must be a number from 0 on, or 'paper', got -1"),
        ({"precision": "fp16"}, ValueError, "precision must be one of 'bf16', 'float32', got 'fp16'"),
        (
            {"network": 3},
            TypeError,
            "network must be 'auto', 'mnist', 'mlp' or a dacompare.deep.Network, got 3",
        ),
        ({"network": "minst"}, ValueError, "did you mean 'mnist'"),
        ({"learning_rate": "a"}, TypeError, "learning_rate must be a number above 0, got 'a'"),
        ({"clip_gradient": -1}, ValueError, "clip_gradient must be a number from 0 on, got -1"),
        ({"momentum": 2}, ValueError, "momentum must be a number from 0 on and below 1, got 2"),
        ({"gamma": 0}, ValueError, "gamma must be a number above 0, got 0"),
        ({"monitor_every": 0}, ValueError, "monitor_every must be a whole number from 1 on, got 0"),
        ({"domain_loss_weight": None}, TypeError, "domain_loss_weight must be a number from 0 on, got None"),
        ({"device": "cpuu"}, ValueError, "did you mean 'cpu'"),
    ],
)
def test_wrong_parameters_are_named(blobs, change, error, message):
    X, y, X_target = blobs
    with pytest.raises(error, match=message):
        DANNClassifier(**change).fit(X, y, X_target=X_target)


def test_wrong_arrays_are_named(images):
    X, y, _ = images
    fit = DANNClassifier(max_steps=2).fit
    with pytest.raises(
        ValueError, match=r"float images must lie in \[0, 1\], got values from 0.0 to 255.0; divide by 255"
    ):
        fit(np.linspace(0, 255, 80 * 400).reshape(80, 20, 20), y)
    with pytest.raises(ValueError, match=r"source rows are \(20, 20, 1\), target rows \(24, 20, 3\): resize"):
        fit(X, y, X_target=np.zeros((5, 24, 20, 3), np.uint8))
    with pytest.raises(ValueError, match="only one class"):
        fit(X, np.zeros(80))
    with pytest.raises(ValueError, match="as many rows, got 80 and 79"):
        fit(X, y[:-1])
    with pytest.raises(ValueError, match="source needs labels"):
        fit(X, None)
    bad = np.full((5, 4), np.nan)
    with pytest.raises(ValueError, match="Input X_target contains NaN"):
        DANNClassifier().fit(np.eye(4), [0, 1, 0, 1], X_target=bad)
    with pytest.raises(ValueError, match="X_target has 3 features, but DANNClassifier is expecting 4"):
        DANNClassifier().fit(np.eye(4), [0, 1, 0, 1], X_target=np.eye(3))
    with pytest.raises(ValueError, match="X holds values too large for float32"):
        DANNClassifier().fit(np.eye(4) * 1e39, [0, 1, 0, 1])
    with pytest.raises(TypeError, match=r"pass source.X and source.y"):
        fit(Domain(X, y), y)


def test_a_small_target_is_said_once(blobs):
    X, y, X_target = blobs
    with pytest.warns(UserWarning, match="the target has 10 rows, fewer than half a batch"):
        DANNClassifier(max_steps=2, random_state=0).fit(X, y, X_target=X_target[:10])


def test_uint8_and_float_images_mean_the_same_pixels(images):
    X, y, X_target = images
    dann = DANNClassifier(max_steps=5, random_state=0).fit(X, y, X_target=X_target)
    assert dann.transform(X_target / 255.0) == pytest.approx(dann.transform(X_target), abs=1e-4)
    mixed = DANNClassifier(max_steps=5, random_state=0).fit(X, y, X_target=X_target / 255.0)
    assert mixed.transform(X) == pytest.approx(dann.transform(X), abs=1e-3)


def test_rows_with_an_image_shape_must_be_pixels(images):
    X, y, _ = images
    with pytest.raises(ValueError, match="divide by 255"):
        SourceOnlyClassifier(image_shape=(20, 20)).fit(X.reshape(80, -1).astype(float), y)
    with pytest.raises(ValueError, match=r"shape \(0, 20, 20\)"):
        SourceOnlyClassifier(max_steps=1).fit(X, y).predict(np.zeros((0, 20, 20)))


def test_clipping_keeps_lambda_zero_equal_to_source_only(blobs):
    X, y, X_target = blobs
    settings = {"max_steps": 40, "random_state": 0, "clip_gradient": 0.05}
    dann = DANNClassifier(adaptation_factor=0.0, **settings).fit(X, y, X_target=X_target)
    assert _same(dann, SourceOnlyClassifier(**settings).fit(X, y))
    assert not _same(dann, SourceOnlyClassifier(max_steps=40, random_state=0).fit(X, y))


def test_options_that_a_network_lacks_are_named(blobs):
    X, y, _ = blobs
    with pytest.raises(ValueError, match="'hiden' is no option of network 'mlp', did you mean 'hidden'"):
        SourceOnlyClassifier(network_options={"hiden": 5}).fit(X, y)


def test_small_images_take_the_network_for_vectors():
    rng = np.random.default_rng(0)
    small = SourceOnlyClassifier(max_steps=2, random_state=0).fit(rng.random((80, 8, 8)), np.arange(80) % 2)
    assert small.transform(rng.random((3, 8, 8))).shape == (3, 100)
