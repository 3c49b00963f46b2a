"""The folder for a room without a network: each file whole and right, or not there."""

import hashlib
import http.server
import importlib.util
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
_spec = importlib.util.spec_from_file_location("bundle", ROOT / "docs" / "workshop" / "bundle.py")
bundle = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bundle)

CONTENT = bytes(range(256)) * 5000


class _Reply(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        start = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        self.server.asked.append(start)
        content = self.server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: self.server.stops_after])


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Reply)
    server.content, server.asked, server.stops_after = CONTENT, [], len(CONTENT)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def wheel(server):
    url = f"http://127.0.0.1:{server.server_port}/six-1.0%2Blocal-py3-none-any.whl"
    return bundle.Wheel(url, len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


def fetch(wheel, folder):
    with tqdm(total=wheel.size, disable=True) as bar:
        bundle.fetch(wheel, folder, bar)


def test_a_file_comes_whole_under_its_own_name(wheel, tmp_path):
    fetch(wheel, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["six-1.0+local-py3-none-any.whl"]
    assert (tmp_path / wheel.name).read_bytes() == CONTENT


def test_a_download_that_broke_off_goes_on_where_it_was(server, wheel, tmp_path):
    server.stops_after = 300_000
    with pytest.raises(Exception):  # noqa: B017 (whatever requests calls it)
        fetch(wheel, tmp_path)
    assert not (tmp_path / wheel.name).exists()
    kept = (tmp_path / f"{wheel.name}.part").stat().st_size
    assert 200_000 < kept <= 300_000
    server.stops_after = len(CONTENT)
    fetch(wheel, tmp_path)
    assert server.asked == [0, kept] and (tmp_path / wheel.name).read_bytes() == CONTENT


def test_wrong_bytes_are_thrown_away(server, wheel, tmp_path):
    server.content = CONTENT[::-1]
    with pytest.raises(ValueError, match="wrong bytes"):
        fetch(wheel, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_platform_without_a_wheel_and_a_full_stick_are_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bundle, "find_wheels", lambda *_: [bundle.Wheel("http://x/a", 10**18, "")])
    assert bundle.bundle(tmp_path, ["linux"], "3.12", None) == 1
    told = capsys.readouterr()
    assert "1,000,000,000,000 MB" in told.out and "not enough space" in told.err

    def none_there(*_):
        raise ValueError("six has no wheel for linux, 3.12")

    monkeypatch.setattr(bundle, "find_wheels", none_there)
    assert bundle.bundle(tmp_path, ["linux"], "3.12", None) == 1
    assert "six has no wheel" in capsys.readouterr().err


@pytest.mark.slow
def test_another_platform_has_its_wheels():
    try:
        wheels = bundle.find_wheels("windows", "3.12")
    except subprocess.CalledProcessError:
        pytest.skip("no package index here")
    names = [wheel.name for wheel in wheels]
    assert len(set(names)) == len(names) > 150
    assert any(name.startswith("tensorflow-") for name in names)
    assert 4e8 < sum(wheel.size for wheel in wheels) < 2e9


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_the_start_script_names_the_python_it_needs(tmp_path):
    (tmp_path / "start.sh").write_text(bundle.START.format(python="3.99"))
    done = subprocess.run(
        ["sh", tmp_path / "start.sh", tmp_path / "course"], capture_output=True, text=True
    )
    assert done.returncode == 1 and "These packages are for Python 3.99" in done.stderr
    assert not (tmp_path / "course").exists()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_the_course_in_it_is_what_git_has(tmp_path):
    inside = subprocess.run(["git", "rev-parse"], cwd=ROOT, capture_output=True)
    if inside.returncode:
        pytest.skip("not a clone")
    bundle.write_course(tmp_path)
    unpack = [sys.executable, "-m", "zipfile", "-e", tmp_path / "course.zip", tmp_path / "course"]
    subprocess.run(unpack, check=True)
    there = {str(p.relative_to(tmp_path / "course")) for p in tmp_path.glob("course/**/*")}
    assert {"Makefile", "requirements.txt", "notebooks/00_start_here.ipynb"} <= there
