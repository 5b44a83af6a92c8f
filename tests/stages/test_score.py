"""Networks scored by a retrained SVM and by their own head."""

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from dacompare.domains import Transfer
from dacompare.recipe import recipe_from_dict
from dacompare.stages.features import Features, scaled
from dacompare.stages.folder import read_json
from dacompare.stages.score import _last_layer, score_network
from dacompare.stages.train import train_row


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    X, y = make_blobs(200, centers=3, n_features=5, cluster_std=4.0, random_state=0)
    transfer = Transfer.from_arrays(X, np.array(["ant", "bee", "cow"])[y], X + 1)
    recipe = recipe_from_dict(
        {
            "schema": "dacompare-recipe/1", "slug": "x", "title": "x", "source": {"domain": "arrays"},
            "target": {"domain": "arrays"}, "training": {"steps": 12}, "method": [{"name": "source-only"}],
        }
    ).to_dict()  # fmt: skip
    settings = {"method": "source-only", "network": recipe["network"], "training": recipe["training"]}
    folder = train_row(tmp_path_factory.mktemp("score") / "trained", transfer, settings, 0)
    return transfer, folder, recipe["protocol"]


@pytest.mark.parametrize("scaling", ["rms", "none", "zscore-per-domain"])
def test_the_last_layer_says_of_scaled_rows_what_the_network_said_of_the_input(trained, scaling):
    transfer, folder, _ = trained
    features = Features.load(folder / "features.npz")
    predict = _last_layer(transfer, folder, features, scaling)
    with np.load(folder / "predictions.npz") as own:
        np.testing.assert_array_equal(predict(scaled(features, scaling).target), own["target"])
        assert len(np.unique(own["target"])) == 3


@pytest.mark.parametrize("scaling", ["rms", "zscore-per-domain"])
def test_a_network_s_own_head_is_probed_by_mixtures_of_its_last_hidden_layer(trained, tmp_path, scaling):
    transfer, folder, protocol = trained
    protocol = {**protocol, "head": "network", "scaling": scaling, "validators": ["mixval"]}
    scored = score_network(tmp_path / "scored", transfer, folder, protocol, 0, validate=True)
    found = read_json(scored / "row.json")["validators"]["mixval"]
    assert found["reason"] is None
    # By hand: the mixing of unscaled rows is the same as that of scaled ones, since scaling is affine.
    hidden = Features.load(folder / "features.npz").target.astype(np.float64)
    with np.load(folder / "predictions.npz") as own:
        labels = own["target"]
    order = np.random.default_rng(0).permutation(len(hidden))
    other = np.empty_like(order)
    other[order] = np.roll(order, 1)
    said = _last_layer(transfer, folder, Features(hidden, hidden), "none")(0.55 * hidden + 0.45 * hidden[other])
    kept, same = said == labels, labels == labels[other]
    assert kept[same].all()  # one linear layer: what lies between two rows of a class is of that class
    assert found["value"] == pytest.approx((1 + kept[~same].mean()) / 2, abs=0.02)
