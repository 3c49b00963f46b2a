"""What the tests share."""

import os
from pathlib import Path

import matplotlib
import pytest
from hypothesis import settings

matplotlib.use("agg")

# The same examples on every machine and in every run: a learner's red test must be reproducible.
settings.register_profile("course", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("course")


@pytest.fixture(scope="session")
def root() -> Path:
    """The course's folder."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """The environment without what make has set in it: the tests may run under make."""
    ours = ("ARGS", "MAKE", "MFLAGS", "PYTHON")
    return {key: value for key, value in os.environ.items() if not key.startswith(ours)}
