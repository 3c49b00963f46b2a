"""Setting up, for real: venv, pip, uv, hashes and all, in a small course of two packages."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BASE = getattr(sys, "_base_executable", sys.executable)
pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs make and a POSIX shell")
slow = pytest.mark.slow  # some seconds each


def _pythons():
    """Find what other Pythons are here, by the names in PATH and where pyenv keeps them."""
    names = ["python2.7", *(f"python3.{minor}" for minor in range(6, 16))]
    found = [path for name in names if (path := shutil.which(name))]
    found += map(str, Path.home().glob(".pyenv/versions/*/bin/python"))
    for path in found:
        ask = [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        said = subprocess.run(ask, capture_output=True, text=True)
        if said.returncode == 0:
            yield said.stdout.strip(), path


PYTHONS = dict(_pythons())


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    """A folder with what the small course needs, as an instructor would carry it into a class."""
    folder = tmp_path_factory.mktemp("wheels")
    (folder / "pins.txt").write_text(_pins("six"))
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
    if subprocess.run([*command, "--require-hashes", "-r", folder / "pins.txt"]).returncode:
        pytest.skip("the packages cannot be downloaded here")
    return folder


def _pins(*names):
    text = (ROOT / "requirements.txt").read_text()
    stanza = r"^{}==(?:.*\\\n)*.*\n"
    return "".join(re.search(stanza.format(n), text, re.M)[0] for n in ("setuptools", "uv", *names))


class Course:
    """A small course: the real Makefile and package, but two pins and no dependencies."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment
        folder.mkdir(parents=True)
        shutil.copy(ROOT / "Makefile", folder)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "ae_helpers", folder / "ae_helpers", ignore=ignored)
        text = (ROOT / "pyproject.toml").read_text()
        for name in ("dependencies", "test", "teach"):
            text = re.sub(rf"^{name} = \[.*?\]\n", f"{name} = []\n", text, flags=re.M | re.S)
        text = re.sub("^(readme|license).*\n", "", text, flags=re.M)
        (folder / "pyproject.toml").write_text(text)
        (folder / "requirements.txt").write_text(_pins())

    @property
    def venv(self):
        return self.folder / ".venv"

    def make(self, *arguments, before=(), python=BASE, **environment):
        return subprocess.run(
            [*before, "make", f"PYTHON={python}", *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
        )

    def install(self, wheels, **more):
        return self.make("install", f"WHEELS={wheels}", **more)

    def works(self):
        ask = [self.venv / "bin" / "python", "-c", "import ae_helpers as a; print(a.__file__)"]
        said = subprocess.run(ask, cwd="/", capture_output=True, text=True)
        return said.stdout.strip() == str(self.folder / "ae_helpers" / "__init__.py")

    def pin(self, text):
        (self.folder / "requirements.txt").write_text(text)


@pytest.fixture
def course(tmp_path, environment):
    return Course(tmp_path / "course", environment)


@pytest.fixture(scope="module")
def shared(tmp_path_factory, environment):
    without_home = {name: value for name, value in environment.items() if name != "HOME"}
    return Course(tmp_path_factory.mktemp("my courses") / "Kurs für alle", without_home)


@pytest.fixture
def ready(shared, wheels):
    """A course that is set up, whatever the test before has left: that is what install is for."""
    done = shared.install(wheels)
    assert done.returncode == 0 and shared.works(), done.stdout + done.stderr
    (shared.venv / "mine").touch()  # something that a rebuild would lose
    return shared


@slow
def test_no_network_no_home_and_a_strange_path(shared, wheels):
    alone = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode:
        alone = []  # then without a look at what would be fetched
    first = shared.install(wheels, before=alone)
    assert first.returncode == 0 and shared.works(), first.stdout + first.stderr
    start = time.perf_counter()
    second = shared.install(wheels, before=alone)
    assert time.perf_counter() - start < 1  # about 0.15 s on an idle machine
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


@slow
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_each_python_that_fits(version, course, wheels):
    if version not in PYTHONS or sys.version.startswith(version):
        pytest.skip(f"no Python {version} here, or the tests run in it")
    done = course.install(wheels, python=PYTHONS[version])
    assert done.returncode == 0, done.stdout + done.stderr
    assert course.works() and f"version = {version}." in (course.venv / "pyvenv.cfg").read_text()


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.8", "3.10", "3.14"])
def test_a_python_that_does_not_fit_is_told_so(version, course):
    if version not in PYTHONS:
        pytest.skip(f"no Python {version} here")
    for command in ("doctor", "install"):
        said = subprocess.run(
            [PYTHONS[version], "-m", "ae_helpers", command],
            cwd=course.folder, capture_output=True, text=True,
        )  # fmt: skip
        assert said.returncode == 1 and said.stdout == ""
        assert said.stderr.startswith("The course needs Python 3.11, 3.12 or 3.13, but this is")
        assert f"Python {version}" in said.stderr and "Traceback" not in said.stderr
    made = course.make("install", python=PYTHONS[version])
    assert made.returncode != 0 and "The course needs Python" in made.stderr
    assert not course.venv.exists()


def test_make_takes_the_first_python_that_fits(course, tmp_path):
    stubs = tmp_path / "bin"
    stubs.mkdir()
    for name in ("python3", "python3.13", "python3.12", "python3.11"):
        fits = name in ("python3.12", "python3.11")
        answer = f"#!/bin/sh\ncase $1 in -c) {str(fits).lower()};; *) echo $0;; esac\n"
        (stubs / name).write_text(answer)
        (stubs / name).chmod(0o755)
    path = f"{stubs}{os.pathsep}{course.environment['PATH']}"
    assert course.make("install", python="", PATH=path).stdout == f"{stubs}/python3.12\n"


@slow
def test_new_pins_are_installed_into_what_is_there_or_nothing_is(ready, wheels, tmp_path):
    two, three = _pins(), _pins("six")
    other_file = two + re.sub("sha256:....", "sha256:0000", three.removeprefix(two))
    for pins, folder in [(three, tmp_path), (other_file, wheels)]:
        ready.pin(pins)
        failed = ready.install(folder)
        assert failed.returncode != 0 and "The installation did not end" in failed.stdout
        assert "WHEELS=" in failed.stdout and "Traceback" not in failed.stderr
        assert ready.works() and not _has_six(ready)
    assert "Hash mismatch for `six" in failed.stderr
    ready.pin(three)
    assert ready.install(wheels).returncode == 0
    assert ready.works() and _has_six(ready) and (ready.venv / "mine").exists()


def _has_six(course):
    return any(course.venv.glob("lib/python*/site-packages/six.py"))


def _interrupt(course, wheels, sent):
    """Begin an installation, and send its processes a signal in the middle of it."""
    process = subprocess.Popen(
        ["make", "install", f"PYTHON={BASE}", f"WHEELS={wheels}"],
        cwd=course.folder, env=course.environment, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    while not any((course.venv / "bin").glob("pip")) or (course.venv / "course").read_text():
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, sent)
    said, _ = process.communicate()
    assert process.returncode != 0
    return said


@slow
def test_a_moved_course_is_set_up_anew_and_what_was_there_stays_until_then(ready, wheels, tmp_path):
    ready.folder = ready.folder.rename(ready.folder.with_name("moved"))
    mine, before = ready.venv / "mine", ready.folder / ".venv.before"
    assert not ready.works()
    failed = ready.install(tmp_path)
    assert failed.returncode != 0 and "The installation did not end" in failed.stdout
    assert mine.exists() and not before.exists()
    (ready.venv / "bin" / "pip").rename(ready.venv / "bin" / "no-pip")  # the sign of a new one
    assert "The installation did not end: Ctrl-C" in _interrupt(ready, wheels, signal.SIGINT)
    assert mine.exists() and not before.exists()
    _interrupt(ready, wheels, signal.SIGKILL)
    assert before.exists()
    assert ready.install(wheels).returncode == 0
    assert ready.works() and not mine.exists() and not before.exists()


@slow
def test_of_two_at_once_one_waits_for_the_other(ready, wheels):
    (ready.venv / "bin" / "python").unlink()
    command = ["make", "install", f"PYTHON={BASE}", f"WHEELS={wheels}"]
    two = [subprocess.Popen(command, cwd=ready.folder, env=ready.environment) for _ in range(2)]
    assert [process.wait() for process in two] == [0, 0]
    assert ready.works() and not (ready.venv / "mine").exists()


def _everything_in(folder):
    return {
        path.relative_to(folder): path.is_file() and path.read_bytes() for path in folder.rglob("*")
    }


def test_an_environment_of_somebody_else_that_does_not_fit_stays_as_it_is(course):
    subprocess.run([BASE, "-m", "venv", "--without-pip", course.venv], check=True)
    (course.venv / "mine").write_text("years of work")
    before = _everything_in(course.venv)
    for _ in range(2):
        stopped = course.make("install")
        assert stopped.returncode != 0 and "✗ ae-helpers" in stopped.stdout
        for part in ("is left as it is", "Move it away", "VENV="):
            assert part in stopped.stdout
    assert _everything_in(course.venv) == before


def test_a_folder_that_is_no_environment_stays_as_it_is(course):
    course.venv.mkdir()
    (course.venv / "notes.txt").touch()
    stopped = course.make("install")
    assert stopped.returncode != 0 and "bin/python: No such file" in stopped.stdout
    assert [path.name for path in course.venv.iterdir()] == ["notes.txt"]


@slow
def test_an_environment_of_somebody_else_that_runs_the_course_is_adopted(course):
    subprocess.run([BASE, "-m", "venv", "--without-pip", course.venv], check=True)
    (packages,) = course.venv.glob("lib/python*/site-packages")
    ours = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "ours.pth").write_text(f"import site; list(map(site.addsitedir, {ours}))\n")
    before = _everything_in(course.venv)
    assert "used as it is" in course.make("install").stdout
    assert course.make("install").stdout == ""
    after = _everything_in(course.venv)
    assert set(after) - set(before) == {Path("course")}
    assert {path: after[path] for path in before} == before
    (packages / "ours.pth").unlink()
    course.pin(_pins("six"))
    assert "✗ ae-helpers" in course.make("install").stdout


def test_clean_keeps_the_environment_and_the_learners_work(course):
    for name in ("build", "work", ".venv"):
        (course.folder / name).mkdir()
    assert course.make("clean").returncode == 0
    assert not (course.folder / "build").exists()
    assert (course.folder / "work").exists() and course.venv.exists()
