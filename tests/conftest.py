"""What the tests share."""

import os
import re
from pathlib import Path

# Two workers that take both cores each are slower than two that take one: 600 s against 420 s for
# all notebooks. Their kernels inherit this; it counts only before NumPy and TensorFlow start.
if "PYTEST_XDIST_WORKER" in os.environ:
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ[name] = "1"

import matplotlib
import pytest
from hypothesis import settings

matplotlib.use("agg")

# The same examples on every machine and in every run: a learner's red test must be reproducible.
settings.register_profile("course", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("course")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep a file's tests together, but those of the exercises a lesson's: they train longest."""
    from xdist.scheduler import LoadFileScheduling

    class ByLesson(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file, _, test = nodeid.partition("::")
            lesson = re.search(r"\[(\d\d)_", test) if file.endswith("test_exercises.py") else None
            return f"{file} {lesson[1]}" if lesson else file

    return ByLesson(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def root() -> Path:
    """The course's folder."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """The environment without what make has set in it: the tests may run under make."""
    ours = ("ARGS", "MAKE", "MFLAGS", "PYTHON")
    return {key: value for key, value in os.environ.items() if not key.startswith(ours)}


def pytest_collection_modifyitems(items):
    """Start the longest lessons first, so that no worker is left alone with one at the end."""
    seconds = {path: _seconds(path) for path in {item.path for item in items}}
    items.sort(key=lambda item: -seconds[item.path])


def _seconds(path: Path) -> int:
    said = path.suffix == ".ipynb" and re.search(r"running (\d+) s", path.read_text("utf-8"))
    return int(said[1]) if said else 0
