import os
import socket
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from dacompare.stages.folder import is_finished, locked, read_json, require, said, stage_folder, write_json, writing


def _write(folder, text="hello"):
    with writing(folder) as draft:
        (draft / "row.json").write_text(text)


def test_the_key_follows_settings_seed_version_and_inputs(tmp_path):
    def key(settings=None, seed=0, version=1, inputs=()):
        return stage_folder(tmp_path, "train", settings or {"a": 1}, seed=seed, version=version, inputs=inputs).name

    names = {
        key(),
        key({"a": 2}),
        key(version=2),
        key(seed=1),
        key(inputs=[tmp_path / "x"]),
        key(inputs=[tmp_path / "y"]),
    }
    assert len(names) == 6
    assert key({"a": 1, "b": 2}) == key({"b": 2, "a": 1})


def test_a_stage_is_finished_only_when_all_its_files_are_what_it_wrote(tmp_path):
    folder = tmp_path / "seed-0" / "stage"
    assert not is_finished(folder)
    _write(folder)
    assert is_finished(folder)
    (folder / "row.json").write_text("altered")
    assert not is_finished(folder)
    _write(folder)
    assert is_finished(folder)
    (folder / "row.json").unlink()
    assert not is_finished(folder)


def test_a_failing_stage_leaves_nothing_behind(tmp_path):
    folder = tmp_path / "stage"

    def fail():
        with writing(folder) as draft:
            (draft / "half.json").write_text("{")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_broken_done_file_means_not_finished(tmp_path):
    _write(tmp_path / "stage")
    (tmp_path / "stage" / "done.json").write_text("[1]")
    assert not is_finished(tmp_path / "stage")


def test_one_run_at_a_time(tmp_path):
    with locked(tmp_path):
        assert (tmp_path / "lock").read_text().split() == [str(os.getpid()), socket.gethostname()]
    assert not (tmp_path / "lock").exists()
    (tmp_path / "lock").write_text(f"1 {socket.gethostname()}\n")  # process 1 is always alive
    with pytest.raises(RuntimeError, match="in use by process 1.*--work"), locked(tmp_path):
        pass
    (tmp_path / "lock").write_text("1 another-machine\n")
    with pytest.raises(RuntimeError, match="another machine uses this folder.*--work"), locked(tmp_path):
        pass


def test_one_process_holds_a_folder_once(tmp_path):
    with locked(tmp_path):
        with pytest.raises(RuntimeError, match="in use by process"), locked(tmp_path):
            pass
        assert (tmp_path / "lock").exists()
    with locked(tmp_path):
        pass


def test_of_several_that_start_at_once_one_gets_the_folder(tmp_path):
    def hold(folder):
        start.wait()
        try:
            with locked(folder):
                done.wait()
                return True
        except RuntimeError:
            refused.release()
            return False

    for round_ in range(20):
        start, done, refused = threading.Barrier(4), threading.Event(), threading.Semaphore(0)
        with ThreadPoolExecutor(4) as pool:
            found = [pool.submit(hold, tmp_path / str(round_)) for _ in range(4)]
            for _ in range(3):
                assert refused.acquire(timeout=60)
            done.set()
        assert sum(one.result() for one in found) == 1


def test_the_lock_of_a_dead_process_is_taken_over_and_its_drafts_are_removed(tmp_path):
    (tmp_path / "lock").write_text(f"999999999 {socket.gethostname()}\n")
    (tmp_path / "seed-0" / "train-dann-0.tmp-999999999").mkdir(parents=True)
    with locked(tmp_path):
        assert (tmp_path / "lock").read_text().split()[0] == str(os.getpid())
        assert list((tmp_path / "seed-0").iterdir()) == []


def test_what_did_not_finish_is_not_read(tmp_path):
    require(None)
    with pytest.raises(FileNotFoundError, match="train-dann did not finish"):
        require(tmp_path / "train-dann")


def test_warnings_become_sentences_each_once():
    with said() as sentences:
        for text in ("b", "a", "b"):
            warnings.warn(text, stacklevel=1)
    assert sentences == ["a", "b"]


def test_json_is_sorted_and_refuses_nan(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1, "a": [2.5, None]})
    assert (tmp_path / "a.json").read_text() == '{"a": [2.5, null], "b": 1}\n'
    assert read_json(tmp_path / "a.json") == {"a": [2.5, None], "b": 1}
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "b.json", {"x": float("nan")})
