"""Build the scikit-learn pipeline that a row of a comparison stands for."""

from collections.abc import Mapping
from math import prod
from typing import Any

from dacompare.methods import NO_NETWORK, method_of
from dacompare.names import check_name
from dacompare.plan import network_settings
from dacompare.recipe import recipe_from_dict
from dacompare.stages.features import flattened
from dacompare.summary import is_usable

TABLES = ("schema", "slug", "title", "seeds", "source", "target", "split", "network", "training", "protocol")


def row_pipeline(data: Mapping[str, Any], name: str, seed: int | None = None) -> Any:
    """Return the unfitted pipeline of a row: network, scaling, method and classifier, with the row's parameters.

    Fitted on the source and target rows that the comparison had, it predicts what the row predicted, up to rounding;
    where the comparison brought columns to the source's scale, it takes the rows as they were before, and begins with
    that step (whose means and deviations are those of the rows that it is fitted on).
    Networks are trained wherever there is a device, whatever the comparison was told.

    Parameters
    ----------
    data : mapping
        Of a results file.
    name : str
        A row: one that the recipe names.
    seed : int, optional
        Whose parameters and random numbers to take; by default the first that the row was measured with.

    Returns
    -------
    AdaptationPipeline

    Raises
    ------
    ValueError
        Where there is no such row or seed, where nothing was measured, and of a row that is
        chosen by, or trained on, target labels.
    """
    if any(row["method"] == name and row["oracle"] for row in data["rows"]):
        raise ValueError(f"method {name!r} is chosen by target labels; take {name.removesuffix('-oracle')!r}")
    measured = {row["seed"]: row for row in data["rows"] if row["method"] == name}
    if any(row["kind"] == "bound" for row in measured.values()):
        raise ValueError(f"method {name!r} is a bound, which is trained on target labels; take another row")
    check_name("method", name, dict.fromkeys(row["method"] for row in data["rows"] if is_usable(row)))
    if seed is None:
        seed = next((own for own, row in measured.items() if row["status"] == "ok"), min(measured))
    if seed not in measured:
        raise ValueError(f"seed must be one of those of {name!r}, {sorted(measured)}, got {seed!r}")
    if measured[seed]["status"] != "ok":
        raise ValueError(f"method {name!r} was not measured with seed {seed}: {measured[seed]['reason']}")
    return _Builder(data, seed, name).pipeline(name)


def _settings_for(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the recipe with the rows that one row is made of: others may be of methods that are not here."""
    rows = {row["name"]: row for row in data["recipe"].get("method", ())}
    needed = {"source-only": rows.get("source-only"), name: rows.get(name)}
    while (row := rows.get(name)) and row.get("features") not in (None, "pixels"):
        name = row["features"]
        needed[name] = rows.get(name)
    kept = {key: data["recipe"][key] for key in TABLES if key in data["recipe"]}
    return recipe_from_dict({**kept, "method": list(filter(None, needed.values()))}, name="results").to_dict()


class _Builder:
    """Knows the recipe's rows, and what each of them settled on with one seed."""

    def __init__(self, data: Mapping[str, Any], seed: int, name: str) -> None:
        self.settings, self.seed = _settings_for(data, name), seed
        self.rows = {row["name"]: row for row in self.settings["method"]}
        self.shape = data["task"].get("shape") or []
        self.params = {row["method"]: row["params"] for row in data["rows"] if row["seed"] == seed}

    def pipeline(self, name: str) -> Any:
        """Return all steps of a row, the classifier among them."""
        from dacompare.pipeline import make_adaptation_pipeline
        from dacompare.shallow import RawFeatures, shared_classifier

        row, protocol = self.rows[name], self.settings["protocol"]
        is_deep = method_of(row).kind == "deep"
        steps = self.steps(name) or [RawFeatures(random_state=self.seed)]  # takes target rows, and leaves all as it is
        if not (is_deep and protocol["head"] == "network") or self.is_input(row):  # else its own head is the classifier
            params = self.params[name]
            classifier = shared_classifier(protocol["classifier"], params.get("svm_C", params.get("C", 1.0)), self.seed)
            steps += self.scaling() if is_deep else []
            if hasattr(steps[-1], "transform"):
                steps.append(classifier)
            else:  # one that weights trains the classifier itself
                steps[-1].set_params(estimator=classifier)
        return make_adaptation_pipeline(*self.unit_variance(), *self.flattening(name), *steps)

    def steps(self, name: str) -> list[Any]:
        """Return what makes a row's features, without the classifier that is trained on them."""
        row = self.rows[name]
        before = self.steps(row["features"]) if row.get("features") not in (None, "pixels") else []
        before = [step for step in before if hasattr(step, "transform")]  # others leave the features as they are
        method = method_of(row)
        if method.kind != "shallow":
            if self.is_input(row):
                return before
            own = network_settings(self.settings, row)
            return [*before, method.build(own["network"], {**own["training"], "device": "auto"}, self.seed)]
        return [*before, *self.scaling(), *self.shallow(row)]

    def shallow(self, row: dict[str, Any]) -> list[Any]:
        """Return the classical method of a row, with the parameters that were chosen for it."""
        from dacompare.shallow import RawFeatures, SubspaceAlignment
        from dacompare.shallow.adapter import ByDomain
        from dacompare.shallow.aligner import Aligner

        method, params = method_of(row), dict(self.params[row["name"]])
        params.pop("svm_C" if "svm_C" in params else "C", None)
        if method.sweeps:
            return [SubspaceAlignment(params["n_components"])]
        known = {"n_features": prod(self.shape)} if self.takes_input(row) else {}
        estimator = method.build({**row, "params": params, **known}, self.seed)
        is_step = isinstance(estimator, Aligner | RawFeatures) or not hasattr(estimator, "transform")
        return [estimator if is_step else ByDomain(estimator)]

    def scaling(self) -> list[Any]:
        """Return what brings features to a common size."""
        from dacompare.shallow import DomainScaling, RowNormScaler

        return {"rms": [RowNormScaler()], "zscore-per-domain": [DomainScaling()], "none": []}[
            self.settings["protocol"]["scaling"]
        ]

    def unit_variance(self) -> list[Any]:
        """Return what brings columns to the source's scale, where the comparison's domains were brought there."""
        from sklearn.preprocessing import StandardScaler

        return [StandardScaler()] if self.settings["source"].get("unit_variance") else []

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
        name = network_settings(self.settings, row)["network"]["name"]
        return method_of(row).kind != "shallow" and name == NO_NETWORK
