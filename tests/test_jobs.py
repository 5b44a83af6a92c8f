import os

import pytest

from dacompare.jobs import Job, Outcome, attempt, run_jobs


def _double(x, add=0):
    if x < 0:
        raise ValueError(f"x must not be negative, got {x}")
    return 2 * x + add


def _interrupt():
    raise KeyboardInterrupt


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_failing_job_is_noted_and_the_others_go_on(n_jobs):
    outcome, ended = Outcome(), []
    jobs = [Job("one", _double, (1,)), Job("bad", _double, (-1,)), Job("three", _double, (3,), {"add": 1})]
    run_jobs(jobs, n_jobs=n_jobs, outcome=outcome, advance=ended.append)
    assert sorted(ended) == ["bad", "one", "three"]
    assert outcome.errors == {"bad": "ValueError: x must not be negative, got -1"}
    assert not outcome.interrupted


def test_ctrl_c_stops_and_is_noted():
    outcome, ended = Outcome(), []
    jobs = [Job("one", _double, (1,)), Job("stop", _interrupt, ()), Job("never", _double, (1,))]
    run_jobs(jobs, n_jobs=1, outcome=outcome, advance=ended.append)
    assert outcome.interrupted
    assert "never" not in ended
    run_jobs(jobs[:1], n_jobs=1, outcome=outcome, advance=ended.append)
    assert ended == ["one"]


def test_attempt_gives_the_reason_in_words():
    *answer, peak = attempt(Job("ok", _double, (2,)))
    assert answer == ["ok", None]
    assert peak > 10
    assert attempt(Job("no", _double, (-2,)))[:2] == ("no", "ValueError: x must not be negative, got -2")


def _die():
    os._exit(9)


def test_a_killed_worker_does_not_take_the_others_along():
    outcome, ended = Outcome(), []
    run_jobs([Job("dead", _die, ()), Job("one", _double, (1,))], n_jobs=2, outcome=outcome, advance=ended.append)
    assert "dead" in outcome.errors
    assert "a worker process died" in outcome.errors["dead"]
