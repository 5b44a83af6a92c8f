"""Turn errors into sentences and exit codes, for every command, and hold the options that commands share."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from dacompare.stages.folder import RunFolderInUse

# 1: the run went wrong; 2: the command or the recipe is wrong; 3: the report is there, but incomplete.
FAILED, MISUSED, PARTIAL, INTERRUPTED = 1, 2, 3, 130

Debug = Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")]
Out = Annotated[Path, typer.Option("--out", help="Folder for the page and its JSON.")]
Work = Annotated[Path, typer.Option("--work", help="Folder for finished stages, used again by the next run.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the path of what was made, and nothing else.")]


def guarded(work_through: Callable[[], None], debug: bool) -> None:
    """Turn an error into a sentence and an exit code; --debug shows where it comes from."""
    try:
        work_through()
    except (ValueError, TypeError, OSError, RunFolderInUse) as error:
        _explain(error, debug, MISUSED)
    except KeyboardInterrupt as error:
        _explain(error, debug, INTERRUPTED)
    except Exception as error:
        _explain(error, debug, FAILED)


def _explain(error: BaseException, debug: bool, code: int) -> None:
    if isinstance(error, typer.Exit):
        raise error
    if debug:
        raise error
    kind = "" if isinstance(error, ValueError | OSError | RunFolderInUse) else f"{type(error).__name__}: "
    text = f"{kind}{error}" if str(error) else type(error).__name__
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        text += "; make room, or give --work or --out a folder on another disk: finished stages are used again"
    Console(stderr=True, soft_wrap=True).print(f"[bold red]error:[/] {escape(text)}")
    raise typer.Exit(code) from error


def check_jobs(jobs: int | None) -> None:
    """Refuse a number of processes that is none, in the words of the command line."""
    if jobs is not None and jobs < 1:
        raise ValueError(f"--jobs must be a whole number from 1 on, got {jobs}; leave it out for one per core")


def check_folder(folder: Path, option: str) -> None:
    """Refuse a folder that cannot be written to before anything is computed."""
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise NotADirectoryError(f"{option} {folder} cannot be written to; choose another folder")


def say_where(page: Path, quiet: bool) -> None:
    typer.echo(str(page) if quiet else f"Report: {page.resolve()}")
