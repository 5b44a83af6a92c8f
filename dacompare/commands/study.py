"""Compare settings with each other."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dacompare.commands.guard import Debug, Out, Quiet, Work, check_folder, check_jobs, guarded, say_where


def study_command(
    name: Annotated[str, typer.Argument(help="Name of a study (see baselines/study), or path of a TOML file.")],
    jobs: Annotated[int | None, typer.Option(help="Processes side by side; default: one per core.")] = None,
    work: Work = Path(".dacompare"),
    out: Out = Path("reports/study"),
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Compare settings with each other, and say what each way of choosing takes."""

    def work_through() -> None:
        from dacompare.report import write_study
        from dacompare.study import load_study, run_study, write_results

        check_jobs(jobs)
        check_folder(out, "--out")
        check_folder(work, "--work")
        chosen = load_study(name)

        def keep(results: dict[str, Any]) -> None:
            write_results(results, out / f"{chosen.slug}.json")
            write_study(results, out / f"{chosen.slug}.html")

        run_study(chosen, n_jobs=jobs, work=work, progress=not quiet, finished=keep)
        say_where(out / f"{chosen.slug}.html", quiet)

    guarded(work_through, debug)
