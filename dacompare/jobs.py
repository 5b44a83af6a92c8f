"""Run independent stages side by side, and keep going when one of them fails."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dacompare.environment import peak_memory_mb


@dataclass(frozen=True)
class Job:
    """One stage to run: a name for the progress bar, a function and its arguments."""

    name: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class Outcome:
    """What became of a set of jobs."""

    errors: dict[Hashable, str] = field(default_factory=dict)
    interrupted: bool = False
    peak_memory_mb: float = 0.0


def run_jobs(jobs: Sequence[Job], *, n_jobs: int, outcome: Outcome, advance: Callable[[str], None]) -> None:
    """Run every job; note the reasons of those that fail.

    Parameters
    ----------
    jobs : sequence of Job
        Independent of each other, the longest first.
    n_jobs : int
        Processes. The results do not depend on it: every job brings its own seed and its own thread limits.
    outcome : Outcome
        Gets an entry in ``errors`` for each job that raised, and ``interrupted`` on Ctrl-C: what is done stays.
        ``peak_memory_mb`` grows to the largest size of any process that ran a job.
    advance : callable
        Told the name of each job as it ends.
    """
    from joblib import Parallel, delayed

    if outcome.interrupted or not jobs:
        return
    parallel = Parallel(n_jobs=min(n_jobs, len(jobs)), return_as="generator_unordered", batch_size=1)
    waiting = {job.name for job in jobs}
    try:
        for name, error, peak in parallel(delayed(attempt)(job) for job in jobs):
            outcome.peak_memory_mb = max(outcome.peak_memory_mb, peak)
            if error is not None:
                outcome.errors[name] = error
            waiting.discard(name)
            advance(name)
    except KeyboardInterrupt:
        outcome.interrupted = True
    except Exception as error:  # a worker was killed, most likely for want of memory: keep what the others did
        reason = f"a worker process died ({type(error).__name__}); fewer --jobs need less memory"
        outcome.errors.update(dict.fromkeys(waiting, reason))


def attempt(job: Job) -> tuple[str, str | None, float]:
    """Run one job; return its name, the reason in words where it failed, and the peak memory of this process."""
    from sklearn import config_context

    reason = None
    try:
        with config_context(transform_output="default"):  # stages work on arrays, whatever the user has set
            job.function(*job.args, **job.options)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
    return job.name, reason, peak_memory_mb()
