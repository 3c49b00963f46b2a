"""Exercises: made from their solutions, unsolved they fail, wrong answers get help, grades come."""

import csv
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import answers
import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "exercises"
SOLUTIONS = FOLDER / "solutions"
CONFIG = SOLUTIONS / "nbconvert_config.py"
NAMES = sorted(path.stem for path in SOLUTIONS.glob("*.ipynb"))

each = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def names_for():
    """Return a function: what the cells before an answer have made, trained once for all tests."""
    setups, given = {}, {}

    def names_for(name, setup, exercise):
        if exercise.number not in given:
            space = setups.setdefault(name, {})
            given[exercise.number] = answers.prepare(setup, exercise, space)
        return dict(given[exercise.number])

    return names_for


def solved(name):
    return answers.read(SOLUTIONS / f"{name}.ipynb")


def test_every_lesson_but_the_map_has_exercises():
    lessons = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(NAMES) == {name for name in lessons if not name.startswith("00_")}
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(NAMES)


def test_there_are_thirty_or_more():
    assert sum(len(solved(name)[1]) for name in NAMES) >= 30


def test_they_are_what_make_exercises_makes(tmp_path):
    command = [sys.executable, "-m", "nbconvert", f"--config={CONFIG}", "--to=notebook"]
    command += [f"--output-dir={tmp_path}", *sorted(map(str, SOLUTIONS.glob("*.ipynb")))]
    subprocess.run(command, check=True, capture_output=True)
    for name in NAMES:
        made, kept = (nbformat.read(d / f"{name}.ipynb", 4) for d in (tmp_path, FOLDER))
        assert made == kept, f"exercises/{name}.ipynb is not up to date: run make exercises"


@each
def test_form(name):
    setup, found = solved(name)
    assert len(setup) == 1 and 3 <= len(found) <= 5
    assert [e.number for e in found] == [f"{int(name[:2])}-{k + 1}" for k in range(len(found))]
    for e in found:
        for part in ("**Do**", "**Why**", "<details><summary>Hint</summary>", "</details>"):
            assert part in e.text, f"{e.number} lacks {part}"
        assert re.search(r"\*\*Minutes\*\* \d+", e.text), f"{e.number} does not say its minutes"
        assert e.points >= 1 and "### BEGIN SOLUTION" in e.answer
        assert "assert " in e.check and 'print("✓' in e.check
        assert e.notes and "**A common wrong answer" in e.notes[-1]


@each
def test_nothing_of_the_solution_is_in_the_exercise(name):
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", 4)
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"nbgrader"} and "attachments" not in cell
        assert "<details open" not in cell.source  # hints are folded
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "# your code here" in text and "SOLUTION" not in text
    full = "\n".join(c.source for c in nbformat.read(SOLUTIONS / f"{name}.ipynb", 4).cells)
    for e in solved(name)[1]:
        parts = re.findall("### BEGIN SOLUTION(.*?)### END SOLUTION", e.answer, re.S)
        lines = [line for line in "".join(parts).splitlines() if len(line.strip()) > 30]
        kept = [line for line in lines if text.count(line.strip()) >= full.count(line.strip())]
        assert not kept, f"{e.number} tells {kept}"
        assert not [note for note in e.notes if note in text]


@pytest.mark.slow
@each
def test_unsolved_no_check_passes(name, names_for):
    setup, found = answers.read(FOLDER / f"{name}.ipynb")
    for e in found:
        message = answers.verdict(names_for(name, setup, e), e.answer, e.check)
        assert message is not None, f"{e.number} passes with nothing written"
        assert not message.startswith(("NameError", "SyntaxError", "IndentationError")), message


@pytest.mark.slow
@each
def test_wrong_answers_are_named(name, names_for):
    setup, found = solved(name)
    wrong = list(answers.wrong_answers(ROOT / "tests" / "wrong_answers" / f"{name}.py"))
    fed = Counter(number for number, _, _ in wrong)
    assert all(fed[e.number] >= 2 for e in found), f"two wrong answers for each check: {fed}"
    of = {e.number: e for e in found}
    for number, expected, answer in wrong:
        names = names_for(name, setup, of[number])
        message = answers.verdict(names, answer, of[number].check)
        assert message is not None, f"{number}: this passes:\n{answer}"
        assert expected and expected in message, f"{number}: says {message!r}, not {expected!r}"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("make") is None or os.name == "nt", reason="needs make")
def test_an_instructor_grades_with_nbgrader(tmp_path, environment):
    """make assignment, release, a perfect and an empty submission, autograde: full and zero."""
    tools = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])}

    def run(where, *command):
        result = subprocess.run(
            command, cwd=where, env=environment | tools, capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout + result.stderr

    name = next(n for n in NAMES if n.startswith("06"))  # trains nothing
    folder = tmp_path / "my course"
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    make = ["make", "--assume-old=install", f"VENV={venv}", f"COURSE={folder}", "LESSON=06"]
    run(ROOT, *make, "assignment")
    assert [path.name for path in tmp_path.iterdir() if path != venv] == ["my course"]
    assert [path.name for path in (folder / "release").iterdir()] == [name]
    released = nbformat.read(folder / "release" / name / f"{name}.ipynb", 4)
    unsolved = nbformat.read(FOLDER / f"{name}.ipynb", 4)
    assert [c.source for c in released.cells] == [c.source for c in unsolved.cells]

    for student, source in [("empty", "release"), ("perfect", "source")]:
        shutil.copytree(folder / source / name, folder / "submitted" / student / name)
    run(folder, sys.executable, "-m", "nbgrader", "autograde", name)
    run(folder, sys.executable, "-m", "nbgrader", "export", "--to=grades.csv")
    with open(folder / "grades.csv", newline="") as file:
        got = {
            row["student_id"]: float(row["score"])
            for row in csv.DictReader(file)
            if row["assignment"] == name
        }
    points = sum(e.points for e in solved(name)[1])
    assert got == {"perfect": points, "empty": 0}
