"""make installs once, again when it must, and says what is missing. A stub plays Python."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).resolve().parent.parent / "Makefile"
pytestmark = pytest.mark.skipif(
    shutil.which("make") is None or os.name == "nt", reason="needs make and a POSIX shell"
)

# Writes down what it is asked for. Fails or is killed in the middle of an install when told so.
STUB = """#!/bin/sh
echo "$@" >> "$LOG"
case "$*" in
    *sys.exit*) test -z "$UNFIT" ;;
    *ensurepip*) echo "3.10.4" ;;
    *"-m venv"*) rm -rf .venv && mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *"uv pip install"*) case "$INSTALL" in fails) exit 1 ;; killed) kill -9 $PPID ;; esac ;;
esac
"""


class Course:
    """A folder with the Makefile, and what make asked Python for."""

    def __init__(self, folder: Path, environment: dict[str, str]):
        self.folder = folder
        self.environment = environment
        self.log = folder.parent / "log"
        self.python = folder.parent / "python-stub"
        folder.mkdir()
        shutil.copy(MAKEFILE, folder)
        for name in ("requirements.txt", "pyproject.toml"):
            (folder / name).touch()
            os.utime(folder / name, (time.time() - 100,) * 2)
        self.python.write_text(STUB)
        self.python.chmod(0o755)

    def make(self, *arguments, **environment):
        self.log.write_text("")
        return subprocess.run(
            ["make", f"PYTHON={self.python}", *arguments],
            cwd=self.folder,
            env=self.environment | {"LOG": str(self.log)} | environment,
            capture_output=True,
            text=True,
        )

    def asked(self):
        """The calls of Python but for make's own questions."""
        return [line for line in self.log.read_text().splitlines() if not line.startswith("-c")]

    def steps(self):
        names = {"-m venv": "venv", "-m pip": "bootstrap", "-m uv": "install", "-m pytest": "test"}
        return [step for line in self.asked() for start, step in names.items() if start in line]


@pytest.fixture
def course(tmp_path, environment):
    return Course(tmp_path / "a course", environment)


def test_the_first_run_installs_and_the_second_does_not(course):
    assert course.make("test").returncode == 0
    venv, bootstrap, install, test = course.asked()
    assert venv == "-m venv --clear .venv"
    assert "pip install" in bootstrap and "uv==" in bootstrap
    assert install.endswith(
        "pip install --python .venv/bin/python --compile-bytecode -r requirements.txt -e ."
    )
    assert test.rstrip() == "-m pytest"
    assert course.make("test").returncode == 0
    assert course.steps() == ["test"]


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_a_change_of_the_requirements_installs_again(course, name):
    course.make("test")
    os.utime(course.folder / ".venv" / "course", (time.time() - 50,) * 2)
    os.utime(course.folder / name, (time.time() - 10,) * 2)
    course.make("test")
    assert course.steps() == ["bootstrap", "install", "test"]
    course.make("test")
    assert course.steps() == ["test"]


def test_an_interrupted_install_is_repeated_from_nothing(course):
    assert course.make("test", INSTALL="killed").returncode != 0
    assert "test" not in course.steps()
    assert course.make("test").returncode == 0
    assert course.steps() == ["venv", "bootstrap", "install", "test"]


def test_an_interrupted_update_is_repeated_from_nothing(course):
    course.make("test")
    os.utime(course.folder / ".venv" / "course", (1, 1))
    assert course.make("test", INSTALL="killed").returncode != 0
    course.make("test")
    assert course.steps() == ["venv", "bootstrap", "install", "test"]


def test_a_failed_update_leaves_the_environment_and_is_tried_again(course):
    course.make("test")
    os.utime(course.folder / ".venv" / "course", (1, 1))
    assert course.make("test", INSTALL="fails").returncode != 0
    assert course.steps() == ["bootstrap", "install"]
    course.make("test")
    assert course.steps() == ["bootstrap", "install", "test"]


def test_a_moved_course_is_installed_anew(course):
    course.make("test")
    course.folder = course.folder.rename(course.folder.with_name("moved"))
    course.make("test")
    assert course.steps() == ["venv", "bootstrap", "install", "test"]


def test_an_environment_whose_python_is_gone_is_built_anew(course):
    course.make("test")
    (course.folder / ".venv" / "bin" / "python").unlink()
    course.make("test")
    assert course.steps() == ["venv", "bootstrap", "install", "test"]


def test_a_python_that_does_not_fit_is_named(course):
    result = course.make("lab", UNFIT="yes")
    assert result.returncode != 0 and not (course.folder / ".venv").exists()
    for part in ("3.11, 3.12 or 3.13", f"{course.python} says: 3.10.4", "python3-venv", "PYTHON="):
        assert part in result.stderr


def test_the_first_python_that_fits_is_taken(course, tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("python3", "python3.13", "python3.12", "python3.11"):
        fits = name in ("python3.12", "python3.11")
        (folder / name).write_text(STUB if fits else "#!/bin/sh\nexit 1\n")
        (folder / name).chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    result = course.make("PYTHON=", "test", PATH=path)
    assert result.returncode == 0
    assert result.stdout.startswith("python3.12 -m venv")


def test_lab_opens_the_first_notebook_for_this_machine_only(course):
    course.make("lab", "ARGS=--no-browser --port=9999")
    command = course.asked()[-1]
    assert command.startswith("-m jupyterlab ") and command.endswith("--no-browser --port=9999")
    assert "--ServerApp.ip=127.0.0.1" in command and "token" not in command
    assert "--ServerApp.root_dir=." in command
    assert "default_url=/lab/tree/notebooks/00_start_here.ipynb" in command
    assert ("--allow-root" in command) == (os.getuid() == 0)


def test_the_news_question_is_answered_beforehand(course):
    course.make("test")
    settings = course.folder / ".venv" / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    (answer,) = json.loads(settings.read_text()).values()
    assert answer == {"fetchNews": "false", "checkForUpdates": False}


def test_nbgrader_shows_nothing_to_a_learner(course):
    course.make("test")
    jupyter = course.folder / ".venv" / "etc" / "jupyter"
    page = json.loads((jupyter / "labconfig" / "page_config.json").read_text())
    assert page == {"disabledExtensions": {"@jupyter/nbgrader": True}}
    assert json.loads((jupyter / "jupyter_server_config.d" / "nbgrader.json").read_text()) == {}


def test_exercises_are_made_by_nbconvert_from_the_solutions(course):
    solutions = course.folder / "exercises" / "solutions"
    solutions.mkdir(parents=True)
    (solutions / "01_a.ipynb").touch()
    course.make("exercises")
    command = course.asked()[-1]
    assert command.startswith("-m nbconvert --config exercises/solutions/nbconvert_config.py ")
    assert command.endswith("--output-dir exercises exercises/solutions/01_a.ipynb")


@pytest.mark.parametrize(
    "target, command",
    [
        ("run", "-m ae_helpers run a.ipynb"),
        ("refresh", "-m ae_helpers run --save a.ipynb"),
        ("test", "-m pytest a.ipynb"),
    ],
)
def test_arguments_are_passed_on(course, target, command):
    course.make(target, "ARGS=a.ipynb")
    assert course.asked()[-1] == command


def test_lock_writes_requirements_without_addresses(course):
    course.make("lock", "ARGS=--upgrade")
    command = course.asked()[-1]
    assert "uv pip compile --universal" in command
    assert "--extra test --extra teach" in command
    assert "--output-file requirements.txt" in command and "--upgrade" in command
    assert "url" not in command and "hash" not in command


def test_clean_removes_what_make_made_and_nothing_else(course):
    course.make("test")
    (course.folder / "build").mkdir()
    course.make("clean")
    left = {path.name for path in course.folder.iterdir()}
    assert left == {"Makefile", "requirements.txt", "pyproject.toml"}
