"""Hold what was measured: check it, save it, read it back, rank without labels."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dacompare.files import write_whole
from dacompare.names import check_name, nearest
from dacompare.plain_data import as_json, plain
from dacompare.ranking import rank_methods

SCHEMA = "dacompare/1"
STATUSES = ("ok", "failed", "skipped")
REQUIRED = {"schema": str, "recipe": dict, "task": dict, "rows": list}
ROW_REQUIRED = {"method": str, "seed": int, "status": str}
FIRST = ("method", "label", "seed", "status", "target_accuracy")  # columns of a frame, before all others
LISTS = (
    "rows", "summary", "sweep", "selection", "validators", "agreement", "changes", "divergence", "bound",
    "history", "embedding",
)  # fmt: skip
# What may differ between two runs that measured the same.
INCIDENTAL = ("created", "command")
INCIDENTAL_PLACES = ("n_jobs", "cpu", "cores", "commit", "peak_memory_mb")


class Results:
    """What a comparison measured, as plain data: everything that a report shows, and nothing else.

    Parameters
    ----------
    data : dict
        Schema "dacompare/1". It is copied: floats are rounded to 6 significant digits and NumPy numbers turned
        into plain ones, so that `data` here and `data` read back from JSON are equal.

    Raises
    ------
    ValueError
        If the schema is newer, a required key is missing, or a number is NaN or infinite; the field is named.

    Examples
    --------
    >>> results = Results({"schema": "dacompare/1", "recipe": {}, "task": {"title": "A → B"}, "rows": []})
    >>> Results.from_json(results.to_json()).data == results.data
    True
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        own = plain(data)
        validate(own)
        self.data: dict[str, Any] = own

    @classmethod
    def from_json(cls, path_or_text: str | Path) -> "Results":
        """Read results from a file, or from JSON text.

        Raises
        ------
        ValueError
            If it is not JSON, not results, or of a newer schema.
        FileNotFoundError
            If there is no such file; one of nearly that name is named.
        """
        given = str(path_or_text)
        is_text = isinstance(path_or_text, str) and given.lstrip()[:1] == "{"
        name = "results" if is_text else given
        if not is_text and not os.path.isfile(given):  # Path.is_file() raises of a text that is too long for a name
            hint = nearest(Path(given).name, [path.name for path in Path(given).parent.glob("*.json")])
            found = "only a folder" if os.path.isdir(given) else "no file"
            raise FileNotFoundError(f"there is {found} {given[:200]!r}{hint}")
        try:
            data = json.loads(given if is_text else Path(given).read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise ValueError(f"{name} is not UTF-8 text: {error}") from error
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(f"{name} is not JSON: {error}") from error
        try:
            return cls(data)
        except (ValueError, TypeError) as error:
            raise ValueError(f"{name}: {error}") from error

    def to_json(self, path: str | Path | None = None) -> str | None:
        """Return the results as JSON, keys sorted, no NaN; with a path, write them there and return None."""
        if path is None:
            return as_json(self.data)
        write_whole(Path(path), as_json(self.data))
        return None

    def to_frame(self) -> Any:
        """Return the rows as a pandas DataFrame, one line a method and seed.

        Validators become columns such as ``validator.entropy``, parameters such as ``params.n_components``, and the
        interval ``test_ci95.low`` and ``test_ci95.high``. Confusions and counts stay in `data`.

        Raises
        ------
        ImportError
            Where pandas is not installed: dacompare does without it otherwise.
        """
        try:
            import pandas
        except ImportError as error:
            raise ImportError("to_frame needs pandas: pip install pandas") from error
        return pandas.DataFrame([_flat(row) for row in self.data["rows"]])

    def to_markdown(self) -> str:
        """Return the methods as a Markdown table; accuracies in percent, differences in points."""
        from dacompare.report.markdown import methods_markdown  # points up, as to_html does

        return methods_markdown(self)

    def to_html(self, path: str | Path | None = None) -> str | None:
        """Return the report, one self-contained page; with a path, write it there and return None."""
        from dacompare.report import render  # points up: a convenience for users

        page = str(render(self))
        if path is None:
            return page
        write_whole(Path(path), page)
        return None

    def select(self, validator: str | None = None) -> str:
        """Return the method that a validator puts first, without any target label: the first of :meth:`rank`.

        Of methods that the validator puts level it is the earlier row; `rank` shows who else has the same number.

        Parameters
        ----------
        validator : str, optional
            By default the recipe's primary validator, fixed before results were seen.

        Raises
        ------
        ValueError
            If no method was scored by that validator.
        """
        return next(iter(self.rank(validator)))

    def rank(self, validator: str | None = None) -> dict[str, float]:
        """Return the mean rank of each method by a validator, best first, without any target label.

        Methods are ranked within each seed, from 1 on, and the mean over seeds decides; of equals the earlier row
        stands first. Oracle and bound rows are no candidates; a method that is not scored in every seed is none either.

        Parameters
        ----------
        validator : str, optional
            By default the recipe's primary validator, fixed before results were seen.

        Raises
        ------
        ValueError
            If no method was scored by that validator.
        """
        return rank_methods(self.data, validator)

    def pipeline(self, method: str | None = None, *, seed: int | None = None) -> Any:
        """Return the unfitted scikit-learn pipeline of a row, to be fitted and to predict with.

        Its parameters are the row's, those that were chosen for it among them. Fitted on the rows that the row was
        trained on, it predicts what the row predicted, up to rounding; but the comparison kept some source rows for
        tests, and where seeds draw source rows (`source_per_class`), took only those. With `unit_variance` it begins
        with that step, by the rows that it is fitted on, and takes rows as they came. Networks train where they can.

        Parameters
        ----------
        method : str, optional
            Name of a row; by default the one that :meth:`select` names.
        seed : int, optional
            Whose parameters and random numbers to take; by default the first that the row was measured with.

        Returns
        -------
        AdaptationPipeline
            With ``fit(X_source, y_source, X_target=X_target)``.

        Raises
        ------
        ValueError
            Where there is no such row or seed, or it was not measured, and of rows that are chosen by, or trained on,
            target labels.

        Examples
        --------
        >>> from dacompare import Transfer, compare
        >>> import numpy as np
        >>> X, y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) % 2
        >>> rows = Transfer.from_arrays(X, y, X + 1)
        >>> results = compare(rows, methods=["source-only", "coral"], seeds=[0], network={"name": "none"}, n_jobs=1)
        >>> results.pipeline("coral").fit(X, y, X_target=X + 1).predict(X + 1).shape
        (60,)
        """
        from dacompare.row_pipeline import row_pipeline  # needs the estimators, which take a second to import

        return row_pipeline(self.data, method or self.select(), seed)

    def failures(self) -> list[str]:
        """Return a sentence for each reason for which methods failed, that of their first seed that did.

        Examples
        --------
        >>> row = {"method": "gfk", "seed": 0, "status": "failed", "reason": "one constant column"}
        >>> Results({"schema": "dacompare/1", "recipe": {}, "task": {}, "rows": [row]}).failures()
        ["failed: 'gfk' in 1 of 1 seeds: one constant column"]
        """
        failed: dict[str, list[str]] = {}
        for row in self.data["rows"]:
            if row["status"] == "failed":
                failed.setdefault(row["method"], []).append(str(row.get("reason")))
        reasons: dict[str, list[str]] = {}
        for name, own in failed.items():
            n = sum(row["method"] == name for row in self.data["rows"])
            reasons.setdefault(own[0], []).append(f"{name!r} in {len(own)} of {n} seeds")
        return [f"failed: {', '.join(names)}: {reason}" for reason, names in reasons.items()]

    def measurements(self) -> dict[str, Any]:
        """Return the data without what differs between two equal runs: times, machine, command."""
        kept = {key: _timeless(value) for key, value in self.data.items() if key not in INCIDENTAL}
        places = kept.get("environment") or {}
        return {**kept, "environment": {k: v for k, v in places.items() if k not in INCIDENTAL_PLACES}}

    def same_measurements(self, other: "Results") -> bool:
        """Return whether two runs measured the same, whenever, how fast and however parallel they ran."""
        return self.measurements() == other.measurements()

    def __repr__(self) -> str:
        title = self.data["task"].get("title") or self.data["task"].get("slug") or "untitled"
        lines = self._lines()
        wide = max([len(line[0]) for line in lines], default=0)
        table = [f"  {name:<{wide}}  {own:>5}  {versus}" for name, own, versus in lines]
        return "\n".join([f"Results: {title} (target accuracy, %; points vs source-only)", *table])

    def _repr_html_(self) -> str:
        from dacompare.report.notebook import render_summary  # points up, as to_html does

        return render_summary(self)

    def _lines(self) -> list[tuple[str, str, str]]:
        """Return label, mean, and difference with its interval, of every summary line, as text."""
        from dacompare.report.formatting import interval, number, points  # points up, as to_html does

        labels = {row["method"]: row.get("label") or row["method"] for row in self.data["rows"]}
        lines = []
        for entry in self.data.get("summary") or []:
            versus, mean = entry.get("vs_source_only"), entry.get("mean")
            mine = [row for row in self.data["rows"] if row["method"] == entry["method"]]
            failed = all(row["status"] == "failed" for row in mine)
            own = ("failed" if failed else "n/a") if mean is None else number(100 * mean, 1)
            gain = str(mine[0].get("reason") or "") if failed and mine else ""
            if versus:
                ends = versus.get("ci95")
                around = f" ({interval(ends, points)})" if ends and ends[0] < ends[1] else ""
                gain = points(versus["difference"]) + around
            lines.append((labels.get(entry["method"], entry["method"]), own, gain))
        return lines


def validate(data: object) -> None:
    """Check that data has the shape of a results file of this schema; missing optional keys are fine.

    Raises
    ------
    ValueError
        Naming the field, what it holds, and the way out.

    Examples
    --------
    >>> validate({"schema": "dacompare/2"})
    Traceback (most recent call last):
        ...
    ValueError: schema 'dacompare/2' is newer than this version reads ('dacompare/1'): upgrade dacompare
    """
    if not isinstance(data, dict):
        raise ValueError(f"results must be a JSON object, got {type(data).__name__}")
    kind, _, version = str(data.get("schema")).partition("/")
    if kind == "dacompare" and version.split(".")[0].isdecimal() and int(version.split(".")[0]) > 1:
        raise ValueError(f"schema {data['schema']!r} is newer than this version reads ({SCHEMA!r}): upgrade dacompare")
    if kind != "dacompare" or version.split(".")[0] != "1":
        raise ValueError(f"schema must be {SCHEMA!r}, got {data.get('schema')!r}: is this a results file?")
    _require(data, REQUIRED, "")
    for name in LISTS:
        table = data.get(name)
        if table is not None and not (isinstance(table, list) and all(isinstance(r, dict) for r in table)):
            raise ValueError(f"{name} must be a list of objects")
    for i, row in enumerate(data["rows"]):
        _require(row, ROW_REQUIRED, f"rows[{i}].")
        check_name(f"rows[{i}].status", row["status"], STATUSES)
    for i, entry in enumerate(data.get("agreement") or []):
        _check_square(entry, f"agreement[{i}]")
    if data.get("disputed") is not None:
        _check_disputed(data["disputed"])
    _refuse_nan(data, "")


def _check_square(entry: Mapping[str, Any], where: str) -> None:
    """Check that a table of agreement has a line and a column for each of its methods."""
    _require(entry, {"methods": list, "matrix": list}, f"{where}.")
    n = len(entry["methods"])
    if [len(line) if isinstance(line, list) else -1 for line in entry["matrix"]] != [n] * n:
        raise ValueError(f"{where}.matrix must have {n} lines of {n} shares, one for each of its methods")


def _check_disputed(table: object) -> None:
    """Check that every disputed row says what each of the methods predicts."""
    if not isinstance(table, dict):
        raise ValueError(f"disputed must be an object or null, got {type(table).__name__}")
    _require(table, {"methods": list, "rows": list}, "disputed.")
    for i, row in enumerate(table["rows"]):
        _require(row, {"index": int, "said": list}, f"disputed.rows[{i}].")
        if len(row["said"]) != len(table["methods"]):
            raise ValueError(
                f"disputed.rows[{i}].said must hold a class for each of the {len(table['methods'])} methods"
            )


def _require(table: Mapping[str, Any], keys: Mapping[str, type], where: str) -> None:
    for key, kind in keys.items():
        if key not in table:
            raise ValueError(f"{where}{key} is missing: the file is no complete results file")
        if not isinstance(table[key], kind) or isinstance(table[key], bool):
            raise ValueError(f"{where}{key} must be of type {kind.__name__}, got {table[key]!r:.60}")


def _refuse_nan(value: object, path: str) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_nan(item, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            _refuse_nan(item, f"{path}[{i}]")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{path} is {value!r}, which JSON cannot hold: write null where a value is unknown")


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of a table: what is one value stays, what is small and nested gets a column for each part."""
    flat = {key: row[key] for key in (*FIRST, *row) if key in row and not isinstance(row[key], dict | list)}
    flat |= dict(zip(("test_ci95.low", "test_ci95.high"), row.get("test_ci95") or (None, None), strict=True))
    flat.pop("test_ci95", None)
    flat |= {f"params.{name}": value for name, value in (row.get("params") or {}).items()}
    scores = (row.get("validators") or {}).items()
    return flat | {f"validator.{name}": (score or {}).get("value") for name, score in scores}


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _timeless(v) for k, v in value.items() if k != "seconds" and not k.endswith("_seconds")}
    return [_timeless(item) for item in value] if isinstance(value, list) else value
