"""What the tests share."""

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
