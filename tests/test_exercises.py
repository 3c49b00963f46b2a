"""Exercises: made from their solutions, right answers pass, wrong ones get help, grades come."""

import ast
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
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "exercises"
SOLUTIONS = FOLDER / "solutions"
CONFIG = SOLUTIONS / "nbconvert_config.py"
NAMES = sorted(path.stem for path in SOLUTIONS.glob("*.ipynb"))

IN_CLASS = (10, 15)  # minutes

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


def fed(kind, name):
    """Blocks of tests/right_answers or tests/wrong_answers."""
    return list(answers.blocks(ROOT / "tests" / kind / f"{name}.py"))


def minutes(exercise):
    return int(re.search(r"\*\*Minutes\*\* (\d+)", exercise.text)[1])


def lines(source):
    return [line for line in source.splitlines() if line.strip()]


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
    found = [e for e in found if not e.number.endswith("-0")]
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
def test_questions_stand_at_the_head(name):
    _, (questions, *_) = solved(name)
    assert questions.number == f"{int(name[:2])}-0"
    asked = re.findall(r"^\*\*([a-e])\*\* ", questions.text, re.M)
    assert asked == list("abcde"[: len(asked)]) and 3 <= len(asked) <= 5
    assert f'answers = dict.fromkeys("{"".join(asked)}")' in questions.answer
    assert not questions.look and minutes(questions) <= 5


@each
def test_a_short_look_stands_open_and_the_check_is_folded(name):
    for e in solved(name)[1]:
        if e.look:
            assert 3 <= len(lines(e.look)) <= 8, f"look-{e.number}: {len(lines(e.look))} lines"
            assert (
                "with check(" in e.look
                and 'print("' in e.look
                and f"look-{e.number}" not in e.folded
            )
        assert e.look or e.number.endswith("-0"), f"look-{e.number} is missing"
        assert f"check-{e.number}" in e.folded, f"check-{e.number} is not folded"
        assert e.check.startswith("# The graded check") and "with check(" in e.check
        assert f"solution-{e.number}" not in e.folded


@each
def test_minutes_points_and_stars_agree(name):
    _, found = solved(name)
    in_class = []
    for e in found:
        says = re.search(r"^\*\*Minutes\*\* (\d+) · \*\*Points\*\* (\d+)(.*)$", e.text, re.M)
        assert says, f"{e.number} lacks its minutes and points"
        assert int(says[2]) == e.points, f"{e.number}: its check gives {e.points} points"
        assert abs(e.points - minutes(e) / 5) <= 1, (
            f"{e.number}: {minutes(e)} min, {e.points} points"
        )
        if not e.number.endswith("-0"):
            assert re.fullmatch(r" · ★{1,3}( · in class)?", says[3]), f"{e.number}: {says[3]}"
        if says[3].endswith("in class"):
            in_class.append(minutes(e))
    assert len(in_class) == 1 and IN_CLASS[0] <= in_class[0] <= IN_CLASS[1]
    head = nbformat.read(SOLUTIONS / f"{name}.ipynb", 4).cells[0].source
    total = 5 * round(sum(map(minutes, found)) / 5)
    assert f"**Time** about {total} minutes" in head, f"the minutes add up to {total}"


@each
def test_nothing_of_the_solution_is_in_the_exercise(name):
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", 4)
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"nbgrader", "jupyter", "tags"} and "attachments" not in cell
        folded = cell.metadata.get("jupyter"), cell.metadata.get("tags")
        assert folded in [(None, None), ({"source_hidden": True}, ["hide-input"])]
        assert "<details open" not in cell.source  # hints are folded
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "# your code here" in text and "SOLUTION" not in text
    full = "\n".join(c.source for c in nbformat.read(SOLUTIONS / f"{name}.ipynb", 4).cells)
    for e in solved(name)[1]:
        parts = re.findall("### BEGIN SOLUTION(.*?)### END SOLUTION", e.answer, re.S)
        told = [line for line in "".join(parts).splitlines() if len(line.strip()) > 30]
        kept = [line for line in told if text.count(line.strip()) >= full.count(line.strip())]
        assert not kept, f"{e.number} tells {kept}"
        assert not [note for note in e.notes if note in text]


@pytest.mark.slow
@each
def test_unsolved_no_check_passes(name, names_for):
    setup, found = answers.read(FOLDER / f"{name}.ipynb")
    for e in found:
        looked, message = answers.verdicts(names_for(name, setup, e), e.answer, e)
        assert message is not None, f"{e.number} passes with nothing written"
        assert looked is not None or not e.look, f"look-{e.number} passes with nothing written"
        assert not re.match("RAW", f"{looked}{message}"), message


@pytest.mark.slow
@each
def test_right_answers_pass(name, names_for):
    setup, found = solved(name)
    of = {e.number: e for e in found}
    right = fed("right_answers", name)
    count = Counter(number for number, _, _ in right)
    assert all(count[number] >= 2 for number in of), f"two right answers for each check: {count}"
    for number, _, answer in right:
        names = names_for(name, setup, of[number])
        said = answers.verdicts(names, of[number].starter + answer, of[number])
        assert said == (None, None), f"{number}: says {said} of\n{answer}"


@pytest.mark.slow
@each
def test_wrong_answers_are_named(name, names_for):
    setup, found = solved(name)
    wrong = fed("wrong_answers", name)
    count = Counter(number for number, _, _ in wrong)
    assert all(count[e.number] >= 2 for e in found), f"two wrong answers for each check: {count}"
    of = {e.number: e for e in found}
    for number, expected, answer in wrong:
        names = names_for(name, setup, of[number])
        looked, message = answers.verdicts(names, of[number].starter + answer, of[number])
        assert message is not None, f"{number}: this passes:\n{answer}"
        said = f"{looked or ''}\n{message}"
        assert expected and expected in said, f"{number}: says {said!r}, not {expected!r}"
        assert "RAW" not in said, f"{number}: {said}"


recursive = [[1.0]]
recursive[0].append(recursive)
odd = st.sampled_from(
    [
        None, True, object(), recursive, 10**400, float("nan"), -float("inf"), 1j, b"bytes", int,
        np.zeros(0), np.full((3, 4), np.nan), np.broadcast_to(1.0, (10**6, 10**6)),
        np.array([{}], dtype=object), lambda *_: None, lambda: 0,
    ]
)  # fmt: skip
words = st.text(max_size=3)
anything = odd | st.recursive(
    st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=2),
    max_leaves=5,
)


@pytest.mark.slow
@each
def test_a_check_has_a_sentence_for_any_answer(name, names_for):
    """Whatever stands in an answer's names, or comes from its functions: no traceback, no pass."""
    setup, found = solved(name)

    @settings(max_examples=12)
    @given(st.sampled_from(found), anything, st.booleans())
    def feed(e, value, called):
        body = ast.parse(e.answer).body
        functions = [part.name for part in body if isinstance(part, ast.FunctionDef)]
        targets = [
            target for part in body if isinstance(part, ast.Assign) for target in part.targets
        ]
        plain = {node.id for target in targets for node in ast.walk(target) if hasattr(node, "id")}
        made = (lambda *_, **__: value) if called else value
        fed = dict.fromkeys(functions, made) | dict.fromkeys(plain, value)
        names = names_for(name, setup, e) | {"fed": fed}
        looked, message = answers.verdicts(names, "globals().update(fed)", e)
        assert message is not None, f"{e.number} passes with {fed}"
        assert "RAW" not in f"{looked}{message}", f"{e.number}: {looked}, {message} for {fed}"

    feed()


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

    name = next(n for n in NAMES if n.startswith("01"))  # trains nothing
    folder = tmp_path / "my course"
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    make = ["make", "--assume-old=install", f"VENV={venv}", f"COURSE={folder}", "LESSON=01"]
    run(ROOT, *make, "assignment")
    assert [path.name for path in tmp_path.iterdir() if path != venv] == ["my course"]
    assert [path.name for path in (folder / "release").iterdir()] == [name]
    released = nbformat.read(folder / "release" / name / f"{name}.ipynb", 4)
    unsolved = nbformat.read(FOLDER / f"{name}.ipynb", 4)
    assert [c.source for c in released.cells] == [c.source for c in unsolved.cells]
    folds = [[c.metadata.get(key) for key in ("jupyter", "tags")] for c in released.cells]
    assert folds == [[c.metadata.get(key) for key in ("jupyter", "tags")] for c in unsolved.cells]

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
