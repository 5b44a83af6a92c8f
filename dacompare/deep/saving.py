"""Write a fitted network to two plain files and read it back, without executing anything."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import load_file, save_file

from dacompare.deep.checks import choose_device
from dacompare.deep.inputs import InputScaling
from dacompare.deep.networks import Network
from dacompare.deep.training import Streams
from dacompare.names import check_name

FORMAT = "dacompare-network/1"


def save(estimator: Any, path: str | Path) -> None:
    """Write ``path``.safetensors (weights) and ``path``.json (parameters, classes, input scaling).

    Raises
    ------
    TypeError
        Where the network is one of the user's own: its code is not ours to write down; save its weights with
        safetensors instead.
    """
    if isinstance(estimator.network, Network):
        raise TypeError(
            "network= is a Network of your own, whose code cannot be saved; save "
            "estimator.network_.state_dict() with safetensors.torch.save_file instead"
        )
    path = Path(path)
    weights = {key: value.detach().cpu().contiguous() for key, value in estimator.network_.state_dict().items()}
    settings = {
        "format": FORMAT,
        "estimator": type(estimator).__name__,
        "params": _plain_params(estimator),
        "classes": estimator.classes_.tolist(),
        "classes_dtype": str(estimator.classes_.dtype),
        "image_shape": estimator.image_shape_,
        "input_shape": _input_shape(estimator),
        "n_features_in": int(estimator.n_features_in_),
        "scaling": {"scale": estimator.scaling_.scale, "mean": estimator.scaling_.mean.tolist()},
        "n_steps": estimator.n_steps_,
        "history": estimator.history_,
    }
    text = json.dumps(settings, indent=1, sort_keys=True, allow_nan=False)
    save_file(weights, path.with_name(path.name + ".safetensors"))
    path.with_name(path.name + ".json").write_text(text + "\n", encoding="utf-8")


def load(cls: type, path: str | Path) -> Any:
    """Read an estimator of class `cls` that :func:`save` wrote.

    Raises
    ------
    ValueError
        Where the file is of another format or another estimator.
    """
    path = Path(path)
    settings = json.loads(path.with_name(path.name + ".json").read_text(encoding="utf-8"))
    if settings.get("format") != FORMAT or settings.get("estimator") != cls.__name__:
        raise ValueError(
            f"{path}.json holds {settings.get('estimator')!r} in format {settings.get('format')!r}, "
            f"expected {cls.__name__!r} in {FORMAT!r}"
        )
    params = settings["params"]
    if params["image_shape"] is not None:
        params["image_shape"] = tuple(params["image_shape"])
    estimator = cls(**params)
    estimator.classes_ = np.array(settings["classes"], dtype=settings["classes_dtype"])
    shape = settings["image_shape"]
    estimator.image_shape_ = None if shape is None else tuple(shape)
    estimator.n_features_in_ = settings["n_features_in"]
    scaling = settings["scaling"]
    estimator.scaling_ = InputScaling(scaling["scale"], np.array(scaling["mean"], dtype=np.float32))
    estimator.n_steps_, estimator.history_ = settings["n_steps"], settings["history"]
    network = estimator._build(tuple(settings["input_shape"]), Streams.from_seed(0))
    network.load_state_dict(load_file(path.with_name(path.name + ".safetensors")))
    # A network trained on a GPU predicts anywhere, so that device="cuda" is no demand here.
    estimator.network_ = network.to(choose_device("cpu" if estimator.device == "cpu" else "auto")).eval()
    return estimator


def load_network(path: str | Path) -> Any:
    """Read an estimator of whichever class wrote the files.

    Raises
    ------
    ValueError
        Where the file is of another format, or of an estimator that is none of ours.
    """
    from dacompare.deep import estimators

    name = json.loads(Path(f"{path}.json").read_text(encoding="utf-8")).get("estimator")
    known = {cls.__name__: cls for cls in (estimators.SourceOnlyClassifier, estimators.DANNClassifier)}
    return load(known[check_name(f"the estimator in {path}.json", name, known)], path)


def _plain_params(estimator: Any) -> dict[str, Any]:
    params = estimator.get_params(deep=False)
    # A RandomState has no JSON form, and a loaded network is not fitted again with the same draw anyway.
    state = params["random_state"]
    params["random_state"] = int(state) if isinstance(state, int | np.integer) else None
    return params


def _input_shape(estimator: Any) -> list[int]:
    if estimator.image_shape_ is None:
        return [int(estimator.n_features_in_)]
    height, width, channels = estimator.image_shape_
    return [channels, height, width]
