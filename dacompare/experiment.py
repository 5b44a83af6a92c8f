"""Run a recipe: load the transfer, train, align and score, measure, embed, and return Results.

The only file that knows the order of the stages. It reads top to bottom as the paper does.
"""

import hashlib
import tempfile
import time
import warnings
from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from dacompare.assemble import assemble
from dacompare.domains import LoadedTransfer, Transfer, hash_arrays, load_transfer, prepare
from dacompare.environment import available_cores
from dacompare.jobs import Job, Outcome, run_jobs
from dacompare.methods import method_of
from dacompare.plan import Plan, kind_of
from dacompare.recipe import Recipe
from dacompare.recipe_of_call import recipe_of_call
from dacompare.results import Results
from dacompare.stages import adapt, align, embed, measure, reverse, score, train
from dacompare.stages.folder import locked


def run(
    recipe: Recipe,
    *,
    n_jobs: int | None = None,
    work: str | Path = ".dacompare",
    fresh: bool = False,
    progress: bool = False,
    command: str = "",
) -> Results:
    """Make a comparison from a recipe.

    Parameters
    ----------
    recipe : Recipe
        From :func:`dacompare.load_recipe`.
    n_jobs : int or None
        Processes side by side; None for one per available core. Results do not depend on it.
    work : path
        Where finished stages are kept; a second run uses them again.
    fresh : bool
        Compute everything anew.
    progress : bool
        Show a progress bar.
    command : str
        Printed in the report as the command that makes it again.

    Returns
    -------
    Results

    Examples
    --------
    ``dacompare.run(dacompare.load_recipe("fonts-fontsm")).to_html("fonts-fontsm.html")`` makes a report that
    comes along.
    """
    settings, n_jobs = recipe.to_dict(), _n_jobs(n_jobs)
    loaded = load_transfer(
        settings["source"], settings["target"], settings["split"], genuine=settings.get("genuine"),
        title=settings["title"], slug=settings["slug"], base=recipe.base, n_jobs=n_jobs,
    )  # fmt: skip
    folder = Path(work) / settings["slug"]
    return run_loaded(recipe, loaded, folder, n_jobs=n_jobs, fresh=fresh, progress=progress, command=command)


def compare(
    transfer: Transfer,
    *,
    methods: Iterable[str | Mapping[str, Any]] | None = None,
    seeds: Iterable[int] = (0, 1, 2),
    n_jobs: int | None = None,
    training: Mapping[str, Any] | None = None,
    network: Mapping[str, Any] | None = None,
    protocol: Mapping[str, Any] | None = None,
    divergence: Mapping[str, Any] | None = None,
    embedding: Mapping[str, Any] | None = None,
    report: Mapping[str, Any] | None = None,
    source_per_class: int = 0,
    progress: bool = False,
) -> Results:
    """Compare methods on your own two domains.

    Parameters
    ----------
    transfer : Transfer
        From :meth:`Transfer.from_arrays`; the target may be unlabelled.
    methods : iterable of str or mapping, or None
        Names in METHODS, "source-only" among them, as every row is compared with it; None for those of the paper that
        the labels at hand, and a comparison without a network, allow. A mapping is a recipe's ``[[method]]`` table:
        ``{"name": "gfk-5", "method": "gfk", "params": {"n_components": 5}}``.
    seeds : iterable of int
        Repetitions; from 3 on the differences get an interval worth reading.
    n_jobs : int or None
        Processes side by side; None for one per available core.
    training, network, protocol, divergence, embedding, report : mapping or None
        Keys of the recipe's tables of the same names, such as ``training={"steps": 500}`` or
        ``divergence={"measures": ["proxy-a-distance", "hdh"]}``; docs/recipes.md lists them.
    source_per_class : int
        Source rows of each class that each seed draws, at most as many as the smallest class has for training; 0 for
        all rows in every seed. Without a network and without draws, seeds of most methods are copies.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Results
        ``.to_html(path)`` writes the report, ``.select()`` ranks without target labels, ``.pipeline()`` predicts.

    Warns
    -----
    UserWarning
        Of each method that failed, with the reason.

    Examples
    --------
    >>> from sklearn.datasets import make_blobs
    >>> X, y = make_blobs(300, centers=3, random_state=0)
    >>> transfer = Transfer.from_arrays(X, y, X + 1.0, title="Blobs, moved")
    >>> results = compare(transfer, seeds=[0], training={"steps": 20}, n_jobs=1)
    >>> results.data["verdict"]["code"]
    'unlabelled'
    """
    recipe = recipe_of_call(
        transfer, methods, seeds, source_per_class=source_per_class, training=training, network=network,
        protocol=protocol, divergence=divergence, embedding=embedding, report=report,
    )  # fmt: skip
    loaded = LoadedTransfer(transfer=transfer, files=[], generator=None)
    with tempfile.TemporaryDirectory(prefix="dacompare-") as folder:
        results = run_loaded(
            recipe, loaded, Path(folder), n_jobs=n_jobs, progress=progress, command="dacompare.compare(…)"
        )
    for sentence in results.failures():
        warnings.warn(sentence, UserWarning, stacklevel=2)
    return results


def run_loaded(
    recipe: Recipe,
    loaded: LoadedTransfer,
    folder: Path,
    *,
    n_jobs: int | None = None,
    fresh: bool = False,
    progress: bool = False,
    command: str = "",
) -> Results:
    """Run all stages over a transfer that is in memory already; the arguments are those of :func:`run`."""
    started = time.perf_counter()
    settings, n_jobs = recipe.to_dict(), _n_jobs(n_jobs)
    with locked(folder):
        data = _data_hash(loaded.transfer) + _draws(settings["split"])
        loaded = prepare(loaded, folder / "data")
        plan = Plan(settings, loaded.transfer, folder, data, loaded.genuine)
        outcome, waves = Outcome(), _waves(plan)
        if fresh:
            plan.forget()
        with _progress_bar(sum(map(len, waves)), settings["title"], progress) as bar:
            for jobs in waves:
                run_jobs(jobs, n_jobs=n_jobs, outcome=outcome, advance=bar)
        wall_seconds = time.perf_counter() - started
        return assemble(
            recipe, loaded, plan.where(), outcome, n_jobs=n_jobs, wall_seconds=wall_seconds, command=command
        )


def _n_jobs(n_jobs: int | None) -> int:
    if n_jobs is None:
        return available_cores()
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int) or n_jobs < 1:
        raise ValueError(f"n_jobs must be a whole number from 1 on, or None for every core, got {n_jobs!r}")
    return n_jobs


def _waves(plan: Plan) -> list[list[Job]]:
    """Return the jobs in sets that may run side by side: networks, what is made of them, networks on that."""
    first, later = _layers(plan)
    second = [*_alignments(plan), *_embeddings(plan, first), *_distances(plan, "deep", first)]
    third = [*_distances(plan, "shallow"), *_trainings(plan, later)]
    fourth = [*_embeddings(plan, later), *_distances(plan, "deep", later), *_network_scores(plan, later)]
    second += _network_scores(plan, first)
    return [_trainings(plan, first), _ways_back(plan, first), second, third, _ways_back(plan, later), fourth]


def _layers(plan: Plan) -> tuple[list[str], list[str]]:
    """Return the rows with networks on the input, and those with networks on what a shallow row made of it."""
    rows = list(plan.rows("deep", "bound"))
    names = [row["name"] for row in rows if not row.get("features")]
    return ["pixels", *names], [row["name"] for row in rows if row["name"] not in names]


def _trainings(plan: Plan, names: list[str]) -> list[Job]:
    """Train some networks; those that adapt first, since they take twice as long."""
    jobs = []
    rows = [row for row in plan.rows("deep", "bound") if row["name"] in names]
    for row in sorted(rows, key=lambda row: not method_of(row).adapts):
        function = train.cross_fit_bound if plan.is_cross_fitted(row) else train.train_row
        for seed in plan.seeds:
            args = (plan.trained(row, seed), plan.transfer_at(seed), plan.network_settings(row), seed)
            adapted = plan.adapted_input(row, seed)
            options = {} if adapted is None else {"adapted": adapted}
            jobs.append(Job(f"train {row['name']} {seed}", function, args, options))
    return jobs


def _ways_back(plan: Plan, names: list[str]) -> list[Job]:
    """Train some networks the other way round, where reverse validation is asked for."""
    jobs = []
    for row, seed in product((row for row in plan.rows("deep") if row["name"] in names), plan.seeds):
        if (folder := plan.way_back(row, seed)) is not None:
            data = (plan.transfer_at(seed), plan.trained(row, seed))
            args = (folder, *data, plan.network_settings(row), plan.settings["protocol"], seed)
            options = {"made_by": row.get("features")}
            jobs.append(Job(f"reverse {row['name']} {seed}", reverse.reverse_network, args, options))
    return jobs


def _alignments(plan: Plan) -> list[Job]:
    """Adapt features and retrain the SVM, at every dimension where a method sweeps them."""
    jobs = []
    for row in plan.rows("shallow"):
        method = method_of(row)
        # The builder travels with the job: a worker does not know what was added to METHODS in this process.
        function, build = (align.align_row, ()) if method.sweeps else (adapt.adapt_row, (method.build,))
        for seed in dict.fromkeys(plan.own_seed(row, seed) for seed in plan.seeds):
            inputs = (
                plan.transfer_at(seed),
                plan.features_at(row["features"], seed),
                *build,
                row,
                plan.settings["protocol"],
            )
            args, options = (plan.scored(row, seed), *inputs, seed), {"holds_out": plan.holds_out}
            jobs.append(Job(f"score {row['name']} {seed}", function, args, options))
    return jobs


def _network_scores(plan: Plan, names: list[str]) -> list[Job]:
    """Retrain the SVM on some networks' last hidden layers."""
    jobs = []
    for row in (row for row in plan.rows("deep", "bound") if row["name"] in names):
        crossed = plan.is_cross_fitted(row)
        function = score.score_cross_fit if crossed else score.score_network
        own = {"validate": kind_of(row) == "deep", "genuine": plan.genuine_for(row), "holds_out": plan.holds_out}
        for seed in plan.seeds:
            options = {} if crossed else {**own, "back": plan.way_back(row, seed)}
            inputs = (plan.transfer_at(seed), plan.trained(row, seed), plan.settings["protocol"], seed)
            jobs.append(Job(f"score {row['name']} {seed}", function, (plan.scored(row, seed), *inputs), options))
    return jobs


def _distances(plan: Plan, kind: str, names: list[str] | None = None) -> list[Job]:
    """Measure the divergence between the domains, in all features of a kind or in those that are named."""
    divergence, jobs = plan.settings["divergence"], []
    for name in (name for name in plan.measured_names(kind) if names is None or name in names):
        for seed in plan.seeds:
            how = (divergence["measures"], divergence["max_rows"], seed)
            inputs = (plan.transfer_at(seed), plan.measured_from(name, seed), *how)
            args, options = (plan.measured(name, seed), *inputs), {"bound": divergence["bound"]}
            jobs.append(Job(f"measure {name} {seed}", measure.measure_row, args, options))
    return jobs


def _embeddings(plan: Plan, names: list[str]) -> list[Job]:
    """Embed the domains in the plane, as some networks see them."""
    seed, jobs = plan.embedding_seed, []
    for name, layer in product((name for name in plan.embedded_names() if name in names), plan.embedded_layers()):
        data = (plan.transfer_at(seed), plan.trained(plan.row(name), seed))
        args = (plan.embedded(name, layer), *data, plan.embedding_settings(layer), seed)
        options = {"adapted": plan.adapted_input(plan.row(name), seed)}
        jobs.append(Job(f"embed {name} {seed}", embed.embed_row, args, options))
    return jobs


def _data_hash(transfer: Transfer) -> str:
    """Return one hash over all arrays that the stages may read."""
    digest = hashlib.sha256(transfer.protocol.encode())
    for part in (transfer.source, transfer.source_test, transfer.target, transfer.target_test):
        for name in ("X", "y", "groups"):
            array = None if part is None else getattr(part, name)
            digest.update(f"{name} {'none' if array is None else hash_arrays(array)};".encode())
    return digest.hexdigest()


def _draws(split: Mapping[str, Any]) -> str:
    """Return what a stage's key says of rows that each seed draws; nothing where all seeds take all rows."""
    n = split.get("source_per_class", 0)
    return f", {n} source rows a class" if n else ""


class _progress_bar:
    """A bar that counts finished stages and names the last one; called with each stage's name."""

    def __init__(self, total: int, title: str, show: bool) -> None:
        from tqdm.auto import tqdm

        self.bar = tqdm(total=total, desc=title, unit="stage", disable=not show)

    def __enter__(self) -> "_progress_bar":
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.close()

    def __call__(self, name: str) -> None:
        self.bar.set_postfix_str(name, refresh=False)
        self.bar.update()
