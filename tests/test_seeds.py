"""Lessons run with other seeds: what fails is named, what has run is kept."""

import ast
import json
import os
import re

import nbformat
import numpy as np
import pytest
import seeds
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

SETUP = """import numpy as np
from ae_helpers.claims import claim"""

THIN = """first = np.random.default_rng(0).integers(2**40)
claim("It is below one with the first seed", 0.75 if first == FIRST else 1.5, "<", 1.0)
claim("One is less than four", 1, "<", 4)
claim("Seconds pass", 1.0, "<", 2.0, timed=True)
for name, n in (("two", 2), ("three", 3)):
    claim(f"{name} is more than one", n, ">", 1)
for n in (5, 4):
    claim("They are above three", n, ">", 3)
claim("Arrays agree", np.array_equal([1], [1]))"""


@pytest.fixture
def course(tmp_path):
    """A folder for a course; gives back a function that puts a notebook into it."""
    (tmp_path / "docs").mkdir()
    for folder in seeds.FOLDERS:
        (tmp_path / folder).mkdir(parents=True)

    def write(name, *cells):
        notebook = new_notebook(cells=[new_code_cell(source) for source in (SETUP, *cells)])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, tmp_path / name)
        return tmp_path / name

    write.root = tmp_path
    write.page = lambda: (tmp_path / "docs" / "claims.md").read_text(encoding="utf-8")
    return write


# ----------------------------------------------------------------------------- other seeds


def _rewritten(source, seed=2):
    notebook = new_notebook(cells=[new_markdown_cell("text"), new_code_cell(source)])
    seeds.with_seed(notebook, seed)
    return notebook.cells[1].source


def _values(source, **names):
    """What a cell's calls get: each function among ``names`` gives back its argument."""
    exec(compile(ast.parse(_rewritten(source)), "cell", "exec"), names)
    return names["found"]


def _same(x=None, *_, **keywords):
    return x if x is not None else next(iter(keywords.values()))


@pytest.mark.parametrize(
    "call, value",
    [
        ("set_random_seed(5)", 2005),
        ("default_rng(3)", 2003),
        ("spoil(seed=1)", 2001),
        ("PCA(random_state=4)", 2004),
        ("PCA(random_state=generator)", "a generator"),
        ("default_rng(generator)", "a generator"),
        ("[set_random_seed(s) for s in (0, 1)]", [2000, 2001]),
        ("spoil(sigma=1)", 1),
        ("own(seed=1)", 2001),
        ("own()", 2000),
    ],
)
def test_a_seed_is_shifted_once_and_nothing_else_is(call, value):
    own = "def own(seed=0):\n    return default_rng(seed)\n"
    functions = dict.fromkeys(("set_random_seed", "default_rng", "spoil", "PCA"), _same)
    assert _values(f"{own}found = {call}", generator="a generator", **functions) == value


def test_seed_zero_runs_the_notebook_as_it_is_saved():
    assert "s + 0" in _rewritten("np.random.default_rng(7)", seed=0)


def test_magics_are_python_too():
    assert "run_line_magic" in _rewritten("%time x = 1")


# ----------------------------------------------------------------------------- a whole run


def test_a_claim_that_fails_with_one_seed_only_is_found(course, capsys):
    first = int(np.random.default_rng(1000).integers(2**40))  # what seed 1 makes of seed 0
    course("notebooks/01_thin.ipynb", THIN.replace("FIRST", str(first)), "assert True")
    assert seeds.main(["--n", "2"], course.root) == 1
    page = course.page()
    failed, measured, timed, notebooks = re.split(r"\n## .*\n", page)[1:]
    assert re.search(r"01\]\(\.\./notebooks/01_thin\.ipynb\), seed 2: ✗ It is below", failed)
    assert failed.count("\n- ") == 1 and "seed 1" not in failed
    rows = re.findall(r"^\| (.*?) \| \[01\].*? \| (.*?) \| (.*?) \| (.*?) \|$", measured, re.M)
    assert [row[:2] for row in rows] == [
        ("**fails** -33.3 %", "It is below one with the first seed"),
        ("25.0 %", "They are above three"),
        ("50.0 %", "two is more than one"),
        ("66.7 %", "three is more than one"),
        ("75.0 %", "One is less than four"),
    ]
    assert {row[2:] for row in rows} == {("not saved", "1, 2")}
    assert timed.count("Seconds pass") == 1 and "Seconds" not in measured
    assert "| [01_thin](../notebooks/01_thin.ipynb) | 5 | 1 | 1 | 1, 2 |" in notebooks
    assert "seed 2: ✗ It is below" in capsys.readouterr().out


@pytest.mark.slow
def test_what_has_run_is_not_run_again(course):
    cell = "from pathlib import Path; open('runs', 'a').write('x')\nclaim('It ran', 1, '<', 2)"
    path = course("notebooks/01_counts.ipynb", cell)
    runs = path.parent / "runs"
    assert seeds.main(["--seeds", "7"], course.root) == 0
    assert runs.read_text() == "x"
    assert seeds.main(["--seeds", "7,8"], course.root) == 0
    assert runs.read_text() == "xx" and "| 7, 8 |" in course.page()
    course("notebooks/01_counts.ipynb", cell + "  # a comment changes nothing")
    assert seeds.main(["--seeds", "7,8"], course.root) == 0
    assert runs.read_text() == "xx"
    course("notebooks/01_counts.ipynb", cell.replace("1, '<'", "0, '<'"))
    assert seeds.main(["--seeds", "8"], course.root) == 0
    assert runs.read_text() == "xxx" and "| 8 |" in course.page()


@pytest.mark.slow
def test_a_broken_run_goes_on_where_it_was(course, monkeypatch):
    cell = "open('runs', 'a').write('x')\nclaim('It ran', 1, '<', 2)"
    path = course("notebooks/01_counts.ipynb", cell)
    real, calls = seeds.execute, []

    def breaks_off(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*arguments)

    monkeypatch.setattr(seeds, "execute", breaks_off)
    monkeypatch.setattr(seeds, "workers", lambda: 1)
    with pytest.raises(KeyboardInterrupt):
        seeds.main(["--n", "3"], course.root)
    before = len((path.parent / "runs").read_text())
    assert before < 3 and not (course.root / "docs" / "claims.md").exists()
    monkeypatch.setattr(seeds, "execute", real)
    assert seeds.main(["--n", "3"], course.root) == 0
    assert (path.parent / "runs").read_text() == "xxx"


@pytest.mark.slow
def test_an_error_and_a_hanging_cell_are_named(course):
    course("notebooks/02_error.ipynb", "claim('It ran', 1, '<', 2)", "1 / 0")
    course("exercises/solutions/03_hangs.ipynb", "import time\ntime.sleep(600)")
    assert seeds.main(["--n", "1"], course.root, limit=2) == 1
    page = course.page()
    assert "[02](../notebooks/02_error.ipynb), seed 1: cell [3]: ZeroDivisionError" in page
    assert "[solution 03](../exercises/solutions/03_hangs.ipynb), seed 1: cell [2]: it ran" in page
    assert "It ran |" in page  # the claims before the error count
    assert not list((course.root / "build").rglob("*.json"))  # both run again next time


@pytest.mark.slow
def test_the_other_notebooks_rows_stay_when_one_is_named(course):
    first = course("notebooks/01_one.ipynb", "claim('One holds', 1, '<', 4)")
    course("notebooks/02_two.ipynb", "claim('Two holds', 1, '<', 2)")
    assert seeds.main(["--n", "1"], course.root) == 0
    course("notebooks/01_one.ipynb", "claim('One holds anew', 1, '<', 3)")
    assert seeds.main(["--n", "1", os.path.relpath(first)], course.root) == 0
    page = course.page()
    assert "Two holds" in page and "One holds anew" in page and "One holds |" not in page
    assert page.index("Two holds") < page.index("One holds anew")  # 50 % before 66.7 %
    (first.parent / "02_two.ipynb").unlink()
    assert seeds.main(["--n", "1"], course.root) == 0
    assert "Two holds" not in course.page()


def test_the_saved_runs_numbers_stand_beside_the_margin():
    claim = {"text": "A | B", "left": 1, "sign": "<", "right": 2, "timed": False, "holds": True}
    output = new_output(
        "display_data", {"text/plain": "✓ A | B   [1 < 2]"}, metadata={"claim": claim}
    )
    saved = seeds.claims_in(new_notebook(cells=[new_code_cell("", outputs=[output])]))
    thinner = {"claims": [claim | {"left": 1.9, "shown": "1.9 < 2"}], "error": None}
    rows = seeds._rows_of("notebooks/01_a.ipynb", saved, {3: thinner})
    assert rows["Measured"] == ["| 5.0 % | [01](../notebooks/01_a.ipynb) | A \\| B | 1 < 2 | 3 |"]


@pytest.mark.parametrize("free, kernels", [(1, 1), (3.9, 1), (4.1, 2)])
def test_two_kernels_only_where_memory_allows(free, kernels, monkeypatch):
    memory = type("Memory", (), {"available": free * 2**30})
    monkeypatch.setattr(seeds.psutil, "virtual_memory", lambda: memory)
    monkeypatch.setattr(seeds.os, "cpu_count", lambda: 2)
    assert seeds.workers() == kernels


def test_a_result_belongs_to_the_code_that_made_it(tmp_path):
    def digest(*sources):
        return seeds.digest(new_notebook(cells=[new_code_cell(s) for s in sources]))

    plain = digest("x = 1", "y = 2")
    assert plain == digest("x = 1  # one", "y  =  2") != digest("x = 1", "y = 3")
    assert digest("from ae_helpers import metrics") != digest("import ae_helpers.metrics")
    kept = tmp_path / "1.json"
    kept.write_text(json.dumps({"key": plain}))
    assert seeds._kept_result(kept, plain) and not seeds._kept_result(kept, "another")
    assert seeds._kept_result(tmp_path / "2.json", plain) is None
