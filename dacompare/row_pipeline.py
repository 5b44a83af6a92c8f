"""Build the scikit-learn pipeline that a row of a comparison stands for."""

from collections.abc import Mapping
from math import prod
from typing import Any

from dacompare.methods import NO_NETWORK, method_of
from dacompare.names import check_name
from dacompare.recipe import recipe_from_dict
from dacompare.stages.features import flattened


def row_pipeline(data: Mapping[str, Any], name: str, seed: int | None = None) -> Any:
    """Return the unfitted pipeline of a row: network, scaling, method and classifier, with the row's parameters.

    Fitted on the source and target rows that the comparison had, it predicts what the row predicted, up to rounding.

    Parameters
    ----------
    data : mapping
        Of a results file.
    name : str
        A row: one that the recipe names.
    seed : int, optional
        Whose parameters and random numbers to take; by default the first.

    Returns
    -------
    AdaptationPipeline

    Raises
    ------
    ValueError
        Where there is no such row or seed, where nothing was measured, and of a row that is
        chosen by, or trained on, target labels.
    """
    settings = recipe_from_dict(data["recipe"], name="results").to_dict()
    rows = {row["name"]: row for row in settings["method"]}
    if data["rows"] and name not in rows and any(row["method"] == name and row["oracle"] for row in data["rows"]):
        raise ValueError(f"method {name!r} is chosen by target labels; take {name.removesuffix('-oracle')!r}")
    check_name("method", name, rows)
    if method_of(rows[name]).kind == "bound":
        raise ValueError(f"method {name!r} is a bound: it is trained on target labels, and no way to do without them")
    measured = {row["seed"]: row for row in data["rows"] if row["method"] == name}
    seed = next(iter(measured), None) if seed is None else seed
    if seed is None or seed not in measured:
        raise ValueError(f"seed must be one of those of {name!r}, {sorted(measured)}, got {seed!r}")
    if measured[seed]["status"] != "ok":
        raise ValueError(f"method {name!r} was not measured with seed {seed}: {measured[seed]['reason']}")
    return _Builder(data, settings, rows, seed).pipeline(name)


class _Builder:
    """Knows the recipe's rows, and what each of them settled on with one seed."""

    def __init__(self, data: Mapping[str, Any], settings: dict[str, Any], rows: dict[str, Any], seed: int) -> None:
        self.settings, self.rows, self.seed = settings, rows, seed
        self.shape = data["task"].get("shape") or []
        self.params = {row["method"]: row["params"] for row in data["rows"] if row["seed"] == seed}

    def pipeline(self, name: str) -> Any:
        """Return all steps of a row, the classifier among them."""
        from dacompare.pipeline import make_adaptation_pipeline
        from dacompare.shallow import RawFeatures, shared_classifier

        protocol, is_deep = self.settings["protocol"], method_of(self.rows[name]).kind == "deep"
        steps = self.steps(name) or [RawFeatures(random_state=self.seed)]
        if is_deep and protocol["head"] == "network" and not self.is_input(self.rows[name]):
            return make_adaptation_pipeline(*steps)
        classifier = shared_classifier(protocol["classifier"], self.params[name].get("C", 1.0), self.seed)
        steps += self.scaling() if is_deep else []
        if steps and not hasattr(steps[-1], "transform"):  # one that weights trains the classifier itself
            steps[-1].set_params(estimator=classifier)
            return make_adaptation_pipeline(*self.flattening(name), *steps)
        return make_adaptation_pipeline(*self.flattening(name), *steps, classifier)

    def steps(self, name: str) -> list[Any]:
        """Return what makes a row's features, without the classifier that is trained on them."""
        row = self.rows[name]
        before = self.steps(row["features"]) if row.get("features") not in (None, "pixels") else []
        method = method_of(row)
        if method.kind != "shallow":
            if self.is_input(row):
                return before
            network = {**self.settings["network"], **row.get("network", {})}
            training = {**self.settings["training"], **row.get("training", {})}
            return [*before, method.build(network, training, self.seed)]
        return [*before, *self.scaling(), *self.shallow(row)]

    def shallow(self, row: dict[str, Any]) -> list[Any]:
        """Return the classical method of a row, with the parameters that were chosen for it."""
        from dacompare.shallow import SubspaceAlignment

        method, params = method_of(row), {k: v for k, v in self.params[row["name"]].items() if k != "C"}
        if method.sweeps:
            return [SubspaceAlignment(params["n_components"])]
        known = {"n_features": prod(self.shape)} if self.takes_input(row) else {}
        return [method.build({**row, "params": params, **known}, self.seed)]

    def scaling(self) -> list[Any]:
        """Return what brings features to a common size."""
        from dacompare.shallow import DomainScaling, RowNormScaler

        return {"rms": [RowNormScaler()], "zscore-per-domain": [DomainScaling()], "none": []}[
            self.settings["protocol"]["scaling"]
        ]

    def flattening(self, name: str) -> list[Any]:
        """Return the step that makes a row of an image, where no network takes it as it is."""
        from sklearn.preprocessing import FunctionTransformer

        row = self.rows[name]
        while not self.takes_input(row):
            row = self.rows[row["features"]]
        vectors = len(self.shape) < 2 or (method_of(row).kind != "shallow" and not self.is_input(row))
        return [] if vectors else [FunctionTransformer(flattened)]

    def takes_input(self, row: dict[str, Any]) -> bool:
        """Return whether a row starts from the input itself."""
        return row.get("features") in (None, "pixels") or self.is_input(self.rows[row["features"]])

    def is_input(self, row: dict[str, Any]) -> bool:
        """Return whether a row's features are the input, as there is no network."""
        network = {**self.settings["network"], **row.get("network", {})}
        return method_of(row).kind != "shallow" and network["name"] == NO_NETWORK
