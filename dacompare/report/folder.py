"""Read the results files of a folder, and of the folders below it, for the index over them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from dacompare.report.reading import Data, as_data
from dacompare.results import Results

STUDY = "dacompare-study-results/"


@dataclass(frozen=True)
class Family:
    """The reports of a folder below, with the link of their own index.

    Parameters
    ----------
    name, link : str
        What the folder is called, and where its index lies.
    reports : list of (dict, str)
        Its results, each with the link of its page.
    """

    name: str
    link: str
    reports: list[tuple[Data, str]]


@dataclass(frozen=True)
class Folder:
    """What an index is made from.

    Parameters
    ----------
    reports : list of (dict, str)
        Results of the folder itself, each with the link of its page, empty where there is no page.
    families : list of Family
        Folders right below that have reports and an index of their own.
    studies : list of (str, str)
        Title and link of the pages of studies, here and right below.
    left_out : list of (str, str)
        Names of files that hold no results, with the reason.
    """

    reports: list[tuple[Data, str]] = field(default_factory=list)
    families: list[Family] = field(default_factory=list)
    studies: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def read_folder(folder: Path) -> Folder:
    """Return the reports of a folder, and those of the folders right below that have an index of their own.

    Of the folders below only files beside a page of the same name are read: whatever else lies there is not ours.
    """
    found = read_files(folder, sorted(folder.glob("*.json")))
    for below in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        paths = sorted(path for path in below.glob("*.json") if path.with_suffix(".html").exists())
        own = read_files(below, paths, at=f"{quote(below.name)}/")
        found.studies.extend(own.studies)
        kept = [(data, link) for data, link in own.reports if not data["overrides"]]
        if kept and (below / "index.html").exists():
            found.families.append(Family(below.name, f"{quote(below.name)}/index.html", kept))
    return found


def read_files(folder: Path, paths: list[Path], *, at: str = "") -> Folder:
    """Return what files of one folder hold; `at` is how its pages are reached."""
    found = Folder()
    for path in paths:
        page = path.with_suffix(".html")
        link = f"{at}{quote(page.name)}" if page.exists() else ""
        try:
            found.reports.append((as_data(Results.from_json(path)), link))
        except (ValueError, TypeError, OSError) as error:
            titles = list(study_title(path))
            found.studies.extend((title, link) for title in titles)
            # The folder's own path is this machine's business.
            found.left_out.extend([] if titles else [(path.name, str(error).replace(str(path), path.name))])
    return found


def study_title(path: Path) -> Iterator[str]:
    """Yield the title of a study's results, nothing where the file holds something else."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError):
        return
    if isinstance(data, dict) and str(data.get("schema")).startswith(STUDY):
        yield str(data.get("title") or path.stem)
