import hashlib
import io
import socket
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from dacompare.cli import app
from dacompare.domains import fetching
from dacompare.domains.fetching import FetchError, Remote, fetch
from dacompare.domains.folder import find_data

GOOD = b"digits" * 1000
MD5 = f"md5:{hashlib.md5(GOOD, usedforsecurity=False).hexdigest()}"


def _tar(*members):
    """Return a tar.gz of (name, content or link)."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            if isinstance(data, str):
                info.type, info.linkname = tarfile.SYMTYPE, data
                tar.addfile(info)
            else:
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return content.getvalue()


FILES = {
    "/good": GOOD,
    "/wrong": GOOD[:-1] + b"!",
    "/photos.tgz": _tar(("top/images/train/1.jpg", b"one"), ("top/images/test/2.jpg", b"two"), ("top/other", b"x")),
    "/climbs.tgz": _tar(("top/images/1.jpg", b"one"), ("top/../../evil", b"evil")),
    "/absolute.tgz": _tar(("top/images/1.jpg", b"one"), ("/tmp/evil", b"evil")),
    "/link.tgz": _tar(("top/images/1.jpg", b"one"), ("top/images/link", "../../../evil")),
    "/else.tgz": _tar(("another/1.jpg", b"one")),
    "/inner.tgz": _tar(("top/images/1.jpg", b"one"), ("top/images/link", "1.jpg")),
}


class Handler(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self):
        self.asked.append(self.path)
        content = FILES.get(self.path.replace("/half", "/good"))
        if content is None:
            self.send_error(500 if self.path == "/broken" else 404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        # "half" promises the whole file and hangs up in the middle of it.
        self.wfile.write(content[: len(content) // 2] if self.path == "/half" else content)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    Handler.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def _one(*addresses, place="set/file.gz", checksum=MD5, **more):
    return {"set": (Remote(place, addresses, checksum, **more),)}


def _listing(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() or path.is_symlink())


def test_a_good_file_is_fetched_once(server, tmp_path):
    (place,) = fetch("set", folder=tmp_path, datasets=_one(f"{server}/good"))
    assert place.read_bytes() == GOOD
    fetch("set", folder=tmp_path, datasets=_one(f"{server}/good"))
    assert Handler.asked == ["/good"]
    assert _listing(tmp_path) == ["set/file.gz"]


@pytest.mark.parametrize("first", ["wrong", "half", "broken", "nothing"])
def test_the_next_address_is_tried(first, server, tmp_path):
    (place,) = fetch("set", folder=tmp_path, datasets=_one(f"{server}/{first}", f"{server}/good"))
    assert place.read_bytes() == GOOD
    assert _listing(tmp_path) == ["set/file.gz", *(["set/file.gz.bad"] if first == "wrong" else [])]


@pytest.mark.parametrize(
    ("path", "reason"),
    [("wrong", "its md5 is .*set aside as file.gz.bad"), ("half", "IncompleteRead"), ("broken", "500"), ("no", "404")],
)
def test_without_a_good_address_every_reason_is_told_and_nothing_stays(path, reason, server, tmp_path):
    with pytest.raises(FetchError, match=f"set/file.gz could not be fetched; .*/{path}: .*{reason}"):
        fetch("set", folder=tmp_path, datasets=_one(f"{server}/{path}"))
    assert _listing(tmp_path) == (["set/file.gz.bad"] if path == "wrong" else [])
    assert not list(tmp_path.rglob(".fetching-*"))


def test_a_closed_port_is_a_reason_too(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/good"
        with pytest.raises(FetchError, match="ConnectionError"):
            fetch("set", folder=tmp_path, datasets=_one(address))
    assert _listing(tmp_path) == []


def test_a_file_of_the_wrong_size_is_refused(server, tmp_path):
    datasets = _one(f"{server}/good", checksum=None, n_bytes=10)
    with pytest.raises(FetchError, match="it has 6000 bytes, not 10"):
        fetch("set", folder=tmp_path, datasets=datasets)


def test_an_altered_file_is_set_aside_and_fetched_again(server, tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "file.gz").write_bytes(b"altered")
    (place,) = fetch("set", folder=tmp_path, datasets=_one(f"{server}/good"))
    assert place.read_bytes() == GOOD
    assert (tmp_path / "set" / "file.gz.bad").read_bytes() == b"altered"


def test_an_archive_gives_the_folder_asked_for(server, tmp_path):
    datasets = _one(f"{server}/photos.tgz", place="photos/images", checksum=None, inside="top/images")
    (place,) = fetch("set", folder=tmp_path, datasets=datasets)
    assert _listing(tmp_path) == ["photos/images/test/2.jpg", "photos/images/train/1.jpg"]
    assert (place / "train" / "1.jpg").read_bytes() == b"one"
    fetch("set", folder=tmp_path, datasets=datasets)
    assert len(Handler.asked) == 1


def test_links_inside_an_archive_are_not_made(server, tmp_path):
    fetch("set", folder=tmp_path, datasets=_one(f"{server}/inner.tgz", place="p", checksum=None, inside="top/images"))
    assert _listing(tmp_path) == ["p/1.jpg"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("climbs.tgz", "member 'top/../../evil' leads out"),
        ("absolute.tgz", "member '/tmp/evil' leads out"),
        ("link.tgz", "member 'top/images/link' leads out"),
        ("else.tgz", "holds no files in 'top/images'"),
        ("good", "ReadError"),
    ],
)
def test_an_archive_that_climbs_out_or_is_none_is_refused_whole(path, reason, server, tmp_path):
    folder = tmp_path / "data"
    datasets = _one(f"{server}/{path}", place="photos/images", checksum=None, inside="top/images")
    with pytest.raises(FetchError, match=reason):
        fetch("set", folder=folder, datasets=datasets)
    assert _listing(tmp_path) == []


def test_loaders_find_what_was_fetched_into_the_cache(server, tmp_path, monkeypatch):
    monkeypatch.delenv("DACOMPARE_DATA", raising=False)
    monkeypatch.setattr(fetching, "CACHE", tmp_path / "cache")
    monkeypatch.setattr("dacompare.domains.folder.CACHE", tmp_path / "cache")
    (place,) = fetch("set", datasets=_one(f"{server}/good"))
    assert find_data("set/file.gz", "") == place
    monkeypatch.setenv("DACOMPARE_DATA", str(tmp_path / "own"))
    (own,) = fetch("set", datasets=_one(f"{server}/good"))
    assert find_data("set/file.gz", "") == own == tmp_path / "own" / "set" / "file.gz"


def test_every_data_set_has_a_checksum_or_a_size():
    for remotes in fetching.DATASETS.values():
        for remote in remotes:
            assert remote.checksum or remote.n_bytes
            assert all(address.startswith("http") for address in remote.addresses)


def test_the_command_fetches_and_explains(server, tmp_path, monkeypatch):
    runner = CliRunner()
    monkeypatch.setattr(fetching, "DATASETS", {**_one(f"{server}/good"), "gone": (Remote("g", (f"{server}/no",)),)})
    done = runner.invoke(app, ["fetch", "set", "--data", str(tmp_path), "--quiet"])
    assert done.exit_code == 0, done.output
    assert done.output.strip() == str(tmp_path / "set" / "file.gz")
    failed = runner.invoke(app, ["fetch", "gone", "--data", str(tmp_path), "--quiet"])
    assert failed.exit_code == 1
    assert "could not be fetched" in failed.output
    unknown = runner.invoke(app, ["fetch", "sett"])
    assert unknown.exit_code == 2
    assert "did you mean 'set'?" in unknown.output
