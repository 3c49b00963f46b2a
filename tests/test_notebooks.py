"""The form of every notebook of the course; audit.py has the rules."""

from pathlib import Path

import audit
import pytest

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PRACTICE = sorted((ROOT / "exercises").rglob("[01]*.ipynb"))


@pytest.mark.parametrize("check", audit.CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_form(path, check):
    faults = list(check(audit.read(path), path))
    assert not faults, f"{path.name}:\n" + "\n".join(faults)


def test_the_course_begins_at_zero_and_each_number_stands_once():
    numbers = [int(path.stem[:2]) for path in NOTEBOOKS]
    assert numbers[0] == 0 and len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("path", PRACTICE, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_exercises_and_solutions_are_safe_and_tell_nothing_private(path):
    assert not list(audit.check_safety(audit.read(path), path))
