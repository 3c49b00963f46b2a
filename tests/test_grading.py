"""Grading survives what learners hand in: repaired without touching an answer, run in a sandbox."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import submissions
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent
GRADING = ROOT / "exercises" / "grading"
NAME = "01_pca_and_where_it_stops"  # trains nothing

sys.path.insert(0, str(GRADING))
import repair  # noqa: E402
import sandbox  # noqa: E402


@pytest.fixture(scope="module")
def maker(tmp_path_factory):
    """A maker of submissions, with what it makes written into its course folder."""
    course = tmp_path_factory.mktemp("grading") / "my course"
    for folder, origin in [("release", "exercises"), ("source", "exercises/solutions")]:
        (course / folder / NAME).mkdir(parents=True)
        shutil.copy(ROOT / origin / f"{NAME}.ipynb", course / folder / NAME)
    maker = submissions.Maker(course, NAME)
    maker.write()
    return maker


def look_over(maker, learner):
    path, *_ = repair.find(maker.course / "submitted" / learner, NAME, set())
    return repair.repair(maker.released, repair.read(path)[0])


def code(notebook, marked=True):
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell for cell in cells if not marked or cell.metadata.get("nbgrader")]


def test_there_are_forty_and_each_kind(maker):
    made = maker.all()
    assert len(made) == 40 and len({one.kind for one in made.values()}) == 15
    assert all(0 <= one.fair <= maker.total for one in made.values())


def test_each_is_brought_into_the_released_form(maker):
    marks = [cell.metadata.nbgrader.grade_id for cell in code(maker.released)]
    for learner, one in maker.all().items():
        if one.kind == "not a notebook":
            with pytest.raises(repair.UnreadableError, match="is not a notebook"):
                look_over(maker, learner)
            continue
        notebook, fixed, look = look_over(maker, learner)
        assert [cell.metadata.nbgrader.grade_id for cell in code(notebook)] == marks
        for cell, given in zip(code(notebook), code(maker.released), strict=True):
            assert cell.metadata == given.metadata
            assert cell.metadata.nbgrader.solution or cell.source == given.source
        told = one.kind in ("deleted check", "copied cell", "stripped metadata")
        assert bool(fixed) == told, f"{learner}: {fixed}"
        nbformat.validate(notebook)


def test_no_answer_is_touched_or_lost(maker):
    for learner, one in maker.all().items():
        if one.kind != "not a notebook":
            answers = [c.source for c in nbformat.reads(one.content.decode(), 4).cells]
            kept = [cell.source for cell in look_over(maker, learner)[0].cells]
            starters = [c.source for c in code(maker.released)]
            lost = set(answers) - set(kept) - set(starters)
            assert not lost, f"{learner}: {lost}"
            assert repair.NO_ANSWER not in kept


def test_an_answer_below_its_check_is_put_before_it(maker):
    notebook = maker.notebook()
    answer = next(c for c in notebook.cells if c.id == maker.marks[2])
    notebook.cells.remove(answer)
    notebook.cells.append(answer)
    repaired, fixed, _ = repair.repair(maker.released, notebook.cells)
    marks = [cell.metadata.nbgrader.grade_id for cell in code(repaired)]
    assert marks == [cell.metadata.nbgrader.grade_id for cell in code(maker.released)]
    assert fixed == [f"back in order: {maker.marks[2]}"]


def test_an_answer_that_was_written_into_a_new_cell_is_found(maker):
    notebook, full = maker.notebook(2), maker.notebook()
    mark = maker.marks[2]
    notebook.cells.append(new_code_cell(next(c for c in full.cells if c.id == mark).source))
    repaired, _, _ = repair.repair(maker.released, notebook.cells)
    found = next(
        c for c in repaired.cells if c.metadata.get("nbgrader", {}).get("grade_id") == mark
    )
    assert found.source == notebook.cells[-1].source


def test_changed_checks_are_put_back_and_changed_given_cells_kept(maker):
    notebook = maker.notebook()
    first, check = code(notebook, marked=False)[0], code(notebook)[1]
    first.source += "\nimport math"
    check.source, check.metadata.nbgrader.points = "pass", 100
    repaired, fixed, _ = repair.repair(maker.released, notebook.cells)
    assert [note for note in fixed if note == "text of check-1-0"]
    assert code(repaired)[1].metadata.nbgrader.points == 1
    assert any("import math" in cell.source for cell in repaired.cells)


def test_links_are_not_followed_and_large_files_not_read(tmp_path, monkeypatch, maker):
    path = tmp_path / "me" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    if os.name != "nt":
        path.symlink_to(maker.course / "source" / NAME / f"{NAME}.ipynb")
        with pytest.raises(repair.UnreadableError, match="nothing was handed in"):
            repair.find(tmp_path / "me", NAME, set())
        path.unlink()
    path.write_text("{}" + " " * 2**20)
    monkeypatch.setattr(repair, "TOO_LARGE", 0.5)
    with pytest.raises(repair.UnreadableError, match="too large"):
        repair.read(path)


HOSTILE = [
    "import os\nprint('home', os.environ['HOME'] == os.getcwd())",
    "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=1)",
    "with open('here.txt', 'w') as file:\n    for _ in range(100): file.write('x' * 10**6)",
    "hog = []\nwhile True: hog.append(b'x' * 10**7)",
    "while True: pass",
    "import os; os._exit(0)",
    "for _ in range(30): print('y' * 10**6)",
    "print('still here')",
]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits of the system")
@pytest.mark.parametrize("how", ["bubblewrap", "unshare", "none"])
def test_the_sandbox_stops_a_cell_and_runs_the_next(how, tmp_path):
    if how != "none" and sandbox.best_walls(tmp_path, (how,)) != how:
        pytest.skip(f"{how} does not work here")
    limits = sandbox.Limits(cell_seconds=4, memory_mib=1000, files_mib=50, output_mib=1)
    notebook = new_notebook(cells=[new_code_cell(source) for source in HOSTILE])
    notebook, notes, _ = sandbox.run(notebook, limits, how, tmp_path)
    said = [
        [o.get("ename") or o.text for o in cell.outputs if o.output_type != "display_data"]
        for cell in notebook.cells
    ]
    assert said[0] == ["home True\n"] and said[-1] == ["still here\n"]
    assert said[1] in (["OSError"], ["TimeoutError"], ["ConnectionRefusedError"])
    assert said[2] == ["OSError"]
    assert said[3] == ["NotRun"] and said[4][-1] == "NotRun" and said[5] == ["NotRun"]
    assert len("".join(said[6])) < 1.1 * 2**20 and "cut: too much output" in said[6][-1]
    assert len(notes) >= 4 and not list(tmp_path.glob("work/core*"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits of the system")
def test_one_of_each_kind_gets_the_grade_that_is_fair(tmp_path, environment, maker):
    course = tmp_path / "my course"
    (course / "source").mkdir(parents=True)
    shutil.copytree(maker.course / "source" / NAME, course / "source" / NAME)
    shutil.copy(ROOT / "exercises" / "solutions" / "nbgrader_config.py", course)
    path = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])

    def run(*command):
        return subprocess.run(
            [sys.executable, *command],
            cwd=course, env=environment | {"PATH": path}, capture_output=True, text=True,
        )  # fmt: skip

    assert run("-m", "nbgrader", "generate_assignment", NAME).returncode == 0
    maker = submissions.Maker(course, NAME)
    made = maker.write(kinds=1)
    if sandbox.best_walls(tmp_path / "box") != "bubblewrap":  # then these two are not held back
        for learner in ("writes_outside_1", "reads_the_solutions_1"):
            shutil.rmtree(course / "submitted" / learner)
            del made[learner]
    before = _digests(course / "submitted")
    result = run(str(GRADING / "grade.py"), str(course), NAME, "--workers=2", "--cell-seconds=15")
    assert result.returncode == 0, result.stdout + result.stderr
    for kind, who, fair, given, fixed, look in submissions.compare(course, NAME, made):
        assert given == fair, f"{kind}: {who} has {given}, not {fair}; {fixed}; {look}"
        if kind in ("endless loop", "memory eater", "not a notebook"):
            assert look, f"{who} needs a person's eye"
        page = (course / "feedback" / who / NAME / f"{NAME}.html").read_text(encoding="utf-8")
        assert all(mark.replace("solution", "check") in page for mark in maker.marks)
    assert _digests(course / "submitted") == before
    assert not list(tmp_path.rglob("intruder.txt"))


def _digests(folder):
    return {p: hashlib.md5(p.read_bytes()).digest() for p in folder.rglob("*") if p.is_file()}
