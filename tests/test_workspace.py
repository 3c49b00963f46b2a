"""A learner's copies: new editions arrive, and nothing that a learner wrote is ever lost."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output

from ae_helpers import workspace

ONE, TWO = "notebooks/01_one.ipynb", "notebooks/02_two.ipynb"


def _write(path, *sources):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [new_code_cell(source, id=f"cell{i}") for i, source in enumerate(sources)]
    nbformat.write(new_notebook(cells=cells), path)


def _sources(path):
    return [cell.source for cell in nbformat.read(path, 4).cells]


def _make(course):
    for name in ("notebooks/00_start.ipynb", ONE, TWO, "exercises/01_one.ipynb"):
        _write(course / name, f"'{name}'", "1 + 1")
    for name in ("ae_helpers/README", "docs/data.md", "notebooks/00_arrays.npz", "notebooks/a.py"):
        (course / name).parent.mkdir(exist_ok=True)
        (course / name).write_bytes(b"\x93NUMPY\r\n")
    return course


def _run_and_save(path):
    """Do what JupyterLab does when a learner runs all cells and saves."""
    notebook = nbformat.read(path, 4)
    for number, cell in enumerate(notebook.cells, 1):
        cell.execution_count = number
        cell.outputs = [new_output("execute_result", {"text/plain": "2"}, execution_count=number)]
    notebook.cells.append(new_code_cell(""))
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, path)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A small course in a folder with a space and an umlaut, which is the current one."""
    course = _make(tmp_path / "my cöurse")
    monkeypatch.chdir(course)
    monkeypatch.delenv("MAKELEVEL", raising=False)
    return course


def _git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    result = subprocess.run(
        ["git", *who, *arguments], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


# ----------------------------------------------------------------------------- new editions


def test_a_new_edition_arrives_by_git_pull(root, tmp_path, monkeypatch, capsys):
    upstream = _make(tmp_path / "upstream")
    shutil.copy(root / ".gitignore", upstream)
    _git(upstream, "init")
    _git(upstream, "add", ".")
    _git(upstream, "commit", "-m", "first edition")
    _git(tmp_path, "clone", "--quiet", str(upstream), "learner")
    learner = tmp_path / "learner"
    monkeypatch.chdir(learner)
    monkeypatch.delenv("MAKELEVEL", raising=False)

    assert workspace._fill(learner)[0].endswith(" now: 7")
    work = learner / "work"
    _write(work / ONE, "'my own'", "1 + 1")
    for path in work.glob("*/*.ipynb"):
        _run_and_save(path)
    _write(work / "notebooks" / "my notes.ipynb", "'extra'")
    assert _git(learner, "status", "--porcelain") == ""

    for name in (ONE, TWO, "notebooks/03_three.ipynb"):
        _write(upstream / name, f"'second edition of {name}'")
    _git(upstream, "add", ".")
    _git(upstream, "commit", "-m", "second edition")
    _git(learner, "pull", "--quiet")
    lines = workspace._fill(learner)

    assert _sources(work / ONE)[0] == "'my own'"
    assert _sources(work / TWO) == [f"'second edition of {TWO}'"]
    assert (work / "notebooks" / "03_three.ipynb").exists()
    assert (work / "notebooks" / "00_arrays.npz").read_bytes() == b"\x93NUMPY\r\n"
    assert (work / "notebooks" / "a.py").exists()  # what a lesson imports
    exercise = nbformat.read(work / "exercises" / "01_one.ipynb", 4)
    assert exercise.cells[0].outputs and len(exercise.cells) == 3  # as it was run
    assert lines[0].endswith(" now: 2")
    assert [line for line in lines if ".ipynb" in line] == [
        f"work/{ONE} has a new edition, but you edited yours. It stays."
    ]
    assert lines[-1].endswith("python -m ae_helpers fresh 01")

    assert workspace.fresh(["01"]) == 0
    assert "Yours is beside it: 01_one, mine 1.ipynb" in capsys.readouterr().out
    assert _sources(work / ONE) == [f"'second edition of {ONE}'"]
    assert _sources(work / "notebooks" / "01_one, mine 1.ipynb")[0] == "'my own'"
    assert len(workspace._fill(learner)) == 1
    assert _git(learner, "status", "--porcelain") == ""


def test_what_was_only_run_counts_as_not_edited(course):
    workspace._fill(course)
    before = workspace._digest(course / "work" / ONE)
    _run_and_save(course / "work" / ONE)
    assert workspace._digest(course / "work" / ONE) == before
    _write(course / "work" / ONE, "1 + 1", f"'{ONE}'")
    assert workspace._digest(course / "work" / ONE) != before


def test_make_names_its_own_command(course, monkeypatch):
    monkeypatch.setenv("MAKELEVEL", "1")
    workspace._fill(course)
    (course / "work" / "exercises" / "01_one.ipynb").write_text("{torn")
    assert workspace._fill(course)[1:] == [
        "work/exercises/01_one.ipynb cannot be read. It stays.",
        "  For the course's, with yours kept beside it: make fresh LESSON=exercises/01",
    ]
    assert (course / "work" / "exercises" / "01_one.ipynb").read_text() == "{torn"


def test_a_deleted_copy_comes_back(course):
    workspace._fill(course)
    (course / "work" / ONE).unlink()
    assert workspace._fill(course)[0].endswith(" now: 1")
    assert (course / "work" / ONE).read_bytes() == (course / ONE).read_bytes()


@pytest.mark.parametrize("damage", ["", "[1, 2]", "{torn", "null"])
def test_where_the_record_is_lost_every_copy_is_kept(course, damage):
    workspace._fill(course)
    _write(course / "work" / ONE, "'mine'")
    _write(course / ONE, "'new'")
    (course / "work" / workspace.GIVEN).write_text(damage)
    assert len(workspace._fill(course)) == 3
    assert _sources(course / "work" / ONE) == ["'mine'"]
    _write(course / TWO, "'new'")  # was equal to the course's, hence recorded anew
    workspace._fill(course)
    assert _sources(course / "work" / TWO) == ["'new'"]


@settings(max_examples=20)
@given(st.lists(st.sampled_from(["edit", "run", "edition", "fill", "fresh", "forget", "tear"])))
def test_nothing_that_a_learner_wrote_is_lost(tmp_path_factory, actions):
    course = _make(tmp_path_factory.mktemp("course"))
    here, written = os.getcwd(), set()
    os.chdir(course)
    try:
        for number, action in enumerate(["fill", *actions, "fill", "fresh", "fill"]):
            copy = course / "work" / ONE
            if action == "edit":
                written.add(f"'mine {number}'")
                mine = [s for s in _sources_or_none(copy) if "mine" in s]
                _write(copy, *mine, f"'mine {number}'")
            elif action == "run" and _sources_or_none(copy):
                _run_and_save(copy)
            elif action == "edition":
                _write(course / ONE, f"'edition {number}'")
            elif action == "fresh":
                assert workspace.fresh(["1"]) == 0
                assert copy.read_bytes() == (course / ONE).read_bytes()
            elif action == "forget":
                (course / "work" / workspace.GIVEN).unlink(missing_ok=True)
            elif action == "tear":
                copy.write_text(copy.read_text() + "torn")
            else:
                workspace._fill(course)
        kept = "".join(path.read_text() for path in course.glob("work/notebooks/01*"))
        assert all(text in kept for text in written)
    finally:
        os.chdir(here)


def _sources_or_none(path):
    try:
        return _sources(path)
    except (ValueError, nbformat.reader.NotJSONError):
        path.rename(path.with_stem(f"{path.stem} torn {time.monotonic_ns()}"))
        return []


# ----------------------------------------------------------------------------- a lesson as it was


@pytest.mark.parametrize(
    "lesson, found",
    [
        ("00", "notebooks/00_start.ipynb"),
        ("01", ONE),
        ("1", ONE),
        ("one", ONE),
        ("01_one", ONE),
        ("01_one.ipynb", ONE),
        (ONE, ONE),
        (f"work/{ONE}", ONE),
        (f"work\\{ONE}".replace("/", "\\"), ONE),
        ("exercises/01", "exercises/01_one.ipynb"),
        ("work/exercises/01_one.ipynb", "exercises/01_one.ipynb"),
        ("docs/data.md", "docs/data.md"),
    ],
)
def test_a_lesson_has_many_names(course, lesson, found):
    assert workspace._find(course, lesson) == found


@pytest.mark.parametrize("lesson", ["7", "ten", "", "0", "exercises/02", "elsewhere/9", "_"])
def test_an_unknown_name_is_answered_with_those_there_are(course, lesson, capsys):
    known = lesson == "0"
    assert workspace.fresh([lesson]) == (0 if known else 1)
    told = capsys.readouterr()
    assert known or (f"'{lesson}'" in told.err and "01_one.ipynb" in told.err)


def test_every_version_of_a_learner_is_kept(course, capsys):
    workspace._fill(course)
    for number in (1, 2, 3):
        _write(course / "work" / ONE, f"'mine {number}'")
        assert workspace.fresh(["01", "exercises/01"]) == 0
    names = [path.name for path in (course / "work" / "notebooks").glob("01*")]
    assert sorted(names) == [*(f"01_one, mine {n}.ipynb" for n in (1, 2, 3)), "01_one.ipynb"]
    assert [p.name for p in (course / "work" / "exercises").iterdir()] == ["01_one.ipynb"]
    assert "Reload Notebook from Disk" in capsys.readouterr().out


# ----------------------------------------------------------------------------- what goes wrong


def test_a_file_where_the_folder_should_be_is_named(course, capsys):
    (course / "work").write_text("a learner's own")
    assert workspace.lab([]) == 1 and workspace.fresh(["01"]) == 1
    told = capsys.readouterr().err
    assert told.count("Free the name work") == 2 and str(course / "work") in told
    assert (course / "work").read_text() == "a learner's own"


def test_a_folder_that_cannot_be_written_is_named(course, monkeypatch, capsys):
    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(workspace.tempfile, "mkstemp", lambda dir, prefix: refuse(dir))
    assert workspace.lab([]) == 1
    assert f"{course / 'work' / 'notebooks'}: Permission denied. " in capsys.readouterr().err


def test_another_folder_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert workspace.lab([]) == 1 and workspace.fresh(["01"]) == 1
    assert capsys.readouterr().err.count(f"{tmp_path} is not the course's folder") == 2


def test_the_course_is_found_from_a_folder_in_it(course, monkeypatch):
    workspace._fill(course)
    monkeypatch.chdir(course / "work" / "notebooks")
    assert workspace._find_course() == course


def test_git_ignores_a_learners_copies(root):
    assert "/work/" in (root / ".gitignore").read_text().splitlines()


def test_an_interrupted_write_leaves_the_old_file_and_no_rest(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        workspace.write_atomically(path, "new \ud800")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
    workspace.write_atomically(path, "new")
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


# ----------------------------------------------------------------------------- JupyterLab itself


@pytest.mark.slow
def test_lab_opens_the_first_copy_on_this_machine_only(course, environment, tmp_path):
    log = tmp_path / "log"
    with log.open("w") as file:
        server = subprocess.Popen(
            [sys.executable, "-m", "ae_helpers", "lab", "--no-browser", "--ServerApp.port=0"],
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment | {"JUPYTER_RUNTIME_DIR": str(tmp_path)},
        )
    try:
        url = None
        for _ in range(300):
            time.sleep(0.2)
            assert server.poll() is None, log.read_text()
            url = re.search(r"http://127\.0\.0\.1:\d+/lab\S*token=\w+", log.read_text())
            if url:
                break
        start = re.fullmatch(r"(.*)/lab/tree/work/notebooks/00_start\.ipynb\?(.*)", url[0])
        answer = f"{start[1]}/api/contents/work/notebooks?{start[2]}"
        with urllib.request.urlopen(answer, timeout=60) as reply:
            names = [file["name"] for file in json.load(reply)["content"]]
        assert sorted(names) == [
            "00_arrays.npz", "00_start.ipynb", "01_one.ipynb", "02_two.ipynb", "a.py",
        ]  # fmt: skip
    finally:
        server.kill()
        server.wait()
