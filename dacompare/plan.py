"""Know which rows a run computes, and where the results of each stage lie."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dacompare.domains import Domain, Transfer, draw_per_class, hash_arrays
from dacompare.methods import NO_NETWORK, method_of
from dacompare.stages import adapt, align, embed, measure, reverse, score, train
from dacompare.stages.folder import stage_folder

Row = dict[str, Any]
FOR_ADAPTATION = ("adaptation_factor", "gamma", "domain_loss_weight")
"""Keys of the training that a network without adaptation does not read."""
DRAWS = 20
"""Stream of the rows that seeds draw, apart from those that loading uses."""


@dataclass(frozen=True)
class Where:
    """Folders of results, by row and seed."""

    trained: dict[tuple[str, int], Path]
    scored: dict[tuple[str, int], Path]
    measured: dict[tuple[str, int], Path]
    embedded: dict[tuple[str, str], Path]
    embedding_seed: int


@dataclass(frozen=True)
class Plan:
    """A recipe over a transfer that is loaded.

    A folder's name carries a hash of everything that its result depends on, so that a change of the recipe finds new
    folders for what changes, and the old ones for the rest.

    Parameters
    ----------
    settings : dict
        The recipe, defaults filled in.
    transfer : Transfer
        The data.
    folder : Path
        The run folder.
    data : str
        A hash over the data.
    genuine : Domain or None
        Rows that networks are also scored on.
    """

    settings: dict[str, Any]
    transfer: Transfer
    folder: Path
    data: str
    genuine: Domain | None = None

    @property
    def seeds(self) -> list[int]:
        """The recipe's seeds."""
        return list(self.settings["seeds"])

    def transfer_at(self, seed: int) -> Transfer:
        """Return the data of one seed: the same for all, or the source rows that this seed draws."""
        n = self.settings["split"].get("source_per_class", 0)
        if not n:
            return self.transfer
        source = self.transfer.source
        assert source.y is not None, "a transfer's source has labels"
        rows = draw_per_class(source.y, n, np.random.SeedSequence(seed, spawn_key=(DRAWS,)))
        return replace(self.transfer, source=source.take(rows))

    @property
    def embedding_seed(self) -> int:
        """The seed whose networks are drawn."""
        seed = self.settings["embedding"]["seed"]
        return self.seeds[0] if seed is None else int(seed)

    def rows(self, *kinds: str) -> Iterator[Row]:
        """Return the rows of some kinds that can be computed with the labels at hand."""
        labelled = self.transfer.can_train_on_target
        for row in self.settings["method"]:
            if kind_of(row) in kinds and (labelled or kind_of(row) != "bound"):
                yield row

    def row(self, name: str) -> Row:
        """Return one row by its name."""
        return next(row for row in self.settings["method"] if row["name"] == name)

    def measured_names(self, *kinds: str) -> list[str]:
        """Return the sets of features whose distance is measured; pixels count as "deep", for they need no row."""
        known = ["pixels"] * ("deep" in kinds) + [row["name"] for row in self.rows(*kinds)]
        wanted = self.settings["divergence"]["features"]
        if not self.settings["divergence"]["measures"]:
            return []
        return known if wanted is None else [name for name in known if name in wanted]

    def embedded_names(self) -> list[str]:
        """Return the networks that are drawn: those asked for, else source-only and the first that adapts."""
        deep = [row["name"] for row in self.rows("deep")]
        adapted = [row["name"] for row in self.rows("deep") if method_of(row).adapts]
        wanted = self.settings["embedding"]["features"]
        return [name for name in deep if name in (["source-only", *adapted[:1]] if wanted is None else wanted)]

    def is_cross_fitted(self, row: Row) -> bool:
        """Tell whether a row is a bound without a test set: then no row may be scored by what was fitted on it."""
        return kind_of(row) == "bound" and self.transfer.protocol == "transductive"

    def network_settings(self, row: Row) -> dict[str, Any]:
        """Return the settings of a row's network, see :func:`network_settings`."""
        return network_settings(self.settings, row)

    # Where results lie

    def where(self) -> Where:
        """Return the folders of all rows and seeds."""
        names = [*self.measured_names("deep"), *self.measured_names("shallow")]
        networks = list(self.rows("deep", "bound"))
        every = list(self.rows("deep", "shallow", "bound"))
        return Where(
            trained={(row["name"], seed): self.trained(row, seed) for row in networks for seed in self.seeds},
            scored={(row["name"], seed): self.scored(row, seed) for row in every for seed in self.seeds},
            measured={(name, seed): self.measured(name, seed) for name in names for seed in self.seeds},
            embedded={
                (name, layer): self.embedded(name, layer)
                for layer in self.embedded_layers()
                for name in self.embedded_names()
            },
            embedding_seed=self.embedding_seed,
        )

    def trained(self, row: Row, seed: int) -> Path:
        """Return the folder of a row's network."""
        settings = {**self.network_settings(row), "data": self.data, "cross_fitted": self.is_cross_fitted(row)}
        features = row.get("features")
        # Validators look at what a row made and change nothing in it: asking for others trains no network again.
        adapted = self._scored(self.row(features), seed, without="validators") if features else None
        # Where it is computed and how often it is saved is no part of what is computed; precision and threads are.
        unread = ("device", "checkpoint_every", *(() if method_of(row).adapts else FOR_ADAPTATION))
        settings["training"] = {key: value for key, value in settings["training"].items() if key not in unread}
        return self._after(adapted, f"train-{row['name']}", settings, seed, train.VERSION)

    def adapted_input(self, row: Row, seed: int) -> Path | None:
        """Return the folder of the shallow row whose features a network is trained on, None for the input itself."""
        return self.scored(self.row(row["features"]), seed) if row.get("features") else None

    def own_seed(self, row: Row, seed: int) -> int:
        """Return the seed that a row is computed with: the first for all, where nothing in it depends on the seed.

        That is so for methods that draw nothing, on the input as it is, without networks or drawn rows before them.
        Where there are no source test rows, those that validators look at are drawn by the seed.
        """
        fixed = kind_of(row) == "shallow" and row["features"] == "pixels" and not method_of(row).draws
        draws = self.settings["split"].get("source_per_class", 0) or self.transfer.source_test is None
        return self.seeds[0] if fixed and not draws else seed

    def scored(self, row: Row, seed: int) -> Path:
        """Return the folder of a row's scores."""
        return self._scored(row, seed)

    def _scored(self, row: Row, seed: int, without: str = "") -> Path:
        protocol = {key: value for key, value in self.settings["protocol"].items() if key != without}
        seed = self.own_seed(row, seed)
        own = {key: value for key, value in row.items() if key not in ("label", "network", "training")}
        settings = {"row": own, "protocol": protocol, "data": self.data, "holds_out": self.holds_out}
        source = self.features_at(row["features"], seed) if kind_of(row) == "shallow" else self.trained(row, seed)
        if (genuine := self.genuine_for(row)) is not None:
            settings["genuine"] = hash_arrays(*(array for array in (genuine.X, genuine.y) if array is not None))
        version = score.VERSION
        if kind_of(row) == "shallow":
            version = align.VERSION if method_of(row).sweeps else adapt.VERSION
        return self._after(source, f"score-{row['name']}", settings, seed, version, self.way_back(row, seed))

    @property
    def holds_out(self) -> bool:
        """Whether validators look at source rows that a second training sets aside: there are no source test rows.

        A network is not trained a second time for that: where any row has one, no row is scored so.
        """
        return self.transfer.source_test is None and not any(map(self.has_network, self.rows("deep")))

    def has_network(self, row: Row) -> bool:
        """Tell whether a row trains a network; without one its features are the input as it is."""
        return self.network_settings(row)["network"]["name"] != NO_NETWORK

    def genuine_for(self, row: Row) -> Domain | None:
        """Return the genuine rows for a row whose network sees the input itself; others have no place for them."""
        sees_input = kind_of(row) != "shallow" and not row.get("features") and self.has_network(row)
        return self.genuine if sees_input else None

    def way_back(self, row: Row, seed: int) -> Path | None:
        """Return the folder of a row's network trained the other way round; None where nothing asks for one."""
        protocol, source_test = self.settings["protocol"], self.transfer.source_test
        if "reverse" not in protocol["validators"] or kind_of(row) != "deep":
            return None
        if source_test is None or source_test.y is None:
            return None
        read = {key: protocol[key] for key in ("head", "classifier", "svm_C", "scaling")}
        settings = {"protocol": read, "data": self.data}
        return self._after(self.trained(row, seed), f"reverse-{row['name']}", settings, seed, reverse.VERSION)

    def measured(self, name: str, seed: int) -> Path:
        """Return the folder of the distance in one set of features."""
        divergence = self.settings["divergence"]
        settings = {"data": self.data, "max_rows": divergence["max_rows"], "measures": divergence["measures"]}
        settings |= {"bound": True} if divergence["bound"] else {}
        return self._after(self.measured_from(name, seed), f"measure-{name}", settings, seed, measure.VERSION)

    def measured_from(self, name: str, seed: int) -> Path | None:
        """Return the folder that holds a set of features, None for pixels."""
        if name != "pixels" and kind_of(self.row(name)) == "shallow":
            return self.scored(self.row(name), seed)
        return self.features_at(name, seed)

    def embedded_layers(self) -> list[str]:
        """Return the layers that are drawn, the one of the extractor first."""
        layer = self.settings["embedding"]["layer"]
        return ["extractor", "last_hidden"] if layer == "both" else [layer]

    def embedded(self, name: str, layer: str) -> Path:
        """Return the folder of the embedding of one layer of a network."""
        settings = {"embedding": self.embedding_settings(layer), "data": self.data}
        source = self.trained(self.row(name), self.embedding_seed)
        return self._after(source, f"embed-{name}", settings, self.embedding_seed, embed.VERSION)

    def embedding_settings(self, layer: str) -> dict[str, Any]:
        """Return how one layer is drawn; which rows and seeds are drawn besides changes nothing in it."""
        return {**{key: self.settings["embedding"][key] for key in ("max_points", "perplexity")}, "layer": layer}

    def features_at(self, name: str, seed: int) -> Path | None:
        """Return the folder of the network whose features a row takes, None for pixels."""
        return None if name == "pixels" else self.trained(self.row(name), seed)

    def forget(self) -> None:
        """Delete the results of all stages."""
        for path in self.folder.glob("seed-*"):
            shutil.rmtree(path)

    def _after(
        self, source: Path | None, name: str, settings: dict[str, Any], seed: int, version: int,
        other: Path | None = None,
    ) -> Path:  # fmt: skip
        inputs = [path for path in (source, other) if path is not None]
        return stage_folder(self.folder, name, settings, seed=seed, version=version, inputs=inputs)


def network_settings(settings: dict[str, Any], row: Row) -> dict[str, Any]:
    """Return the settings of a row's network: the recipe's shared tables, and what the row overrides.

    Examples
    --------
    >>> recipe = {"network": {"name": "auto"}, "training": {"steps": 9, "batch": 2}}
    >>> network_settings(recipe, {"name": "dann", "training": {"steps": 5}})["training"]
    {'steps': 5, 'batch': 2}
    """
    network = {**settings["network"], **row.get("network", {})}
    training = {**settings["training"], **row.get("training", {})}
    return {"method": row.get("method", row["name"]), "network": network, "training": training}


def kind_of(row: Row) -> str:
    """Return "deep", "shallow" or "bound"."""
    return method_of(row).kind
