"""How the saved notebooks are laid out for the web site; tests/browser has the site itself."""

import json
import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

pytest.importorskip("sphinx")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "docs" / "site"))

import build


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory):
    """What Sphinx would read: with the solutions, and without them."""
    folders = [tmp_path_factory.mktemp(name) / "source" for name in ("all", "learner")]
    for folder, solutions in zip(folders, (True, False), strict=True):
        build.lay_out(folder, solutions)
    return folders


def test_every_notebook_becomes_a_page(laid_out, root):
    for folder in ("notebooks", "exercises", "exercises/solutions"):
        names = {path.name for path in (root / folder).glob("*.ipynb")}
        assert {path.name for path in (laid_out[0] / folder).glob("*.ipynb")} == names


def test_a_learner_gets_no_solution_and_no_link_to_one(laid_out):
    assert not (laid_out[1] / "exercises" / "solutions").exists()
    for path in laid_out[1].rglob("*.md"):
        assert not re.search(r"\]\([^)]*solutions", path.read_text(encoding="utf-8")), path.name
    for path in (laid_out[1] / "exercises").glob("*.ipynb"):
        assert "BEGIN SOLUTION" not in path.read_text(encoding="utf-8")


def test_the_front_page_shows_each_lesson_and_four_pictures(laid_out, root):
    page = (laid_out[0] / "index.md").read_text(encoding="utf-8")
    lessons = list((root / "notebooks").glob("*.ipynb"))
    assert page.count('class="lesson-card"') == len(lessons)
    assert page.count('src="front/') == len(list((laid_out[0] / "front").iterdir())) == 4
    assert "<!--" not in page and "](../" not in page


def test_a_lesson_has_its_bar_its_tags_and_its_live_figure(laid_out):
    for number in build.LIVE:
        path = next((laid_out[0] / "notebooks").glob(f"{number:02}_*.ipynb"))
        notebook = nbformat.read(path, 4)
        assert "page-bar" in notebook.cells[0].source
        assert "**Time** reading" not in notebook.cells[0].source
        live = [c.source for c in notebook.cells if 'class="live"' in c.source]
        assert len(live) == 1 and f"_static/live/{number:02}.js" in live[0]


def test_folds_become_tags_and_sliders_their_still_picture(tmp_path):
    slider = {"application/vnd.jupyter.widget-view+json": {}, "image/png": "", "text/plain": "x"}
    cells = [
        new_code_cell("1", metadata={"jupyter": {"source_hidden": True, "outputs_hidden": True}}),
        new_code_cell("2", metadata={"nbgrader": {"grade": True}}),
        new_code_cell("3", outputs=[new_output("display_data", slider)]),
    ]
    notebook = new_notebook(cells=cells, metadata={"widgets": {}})
    build._write_page(tmp_path / "a.ipynb", notebook)
    first, second, third = json.loads((tmp_path / "a.ipynb").read_text())["cells"]
    assert first["metadata"]["tags"] == ["hide-input", "hide-output"]
    assert second["metadata"]["tags"] == ["hide-input"]
    assert set(third["outputs"][0]["data"]) == {"image/png", "text/plain"}
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize(
    "written, linked",
    [
        ("doi:10.1126/science.1127647: deep", "[doi:10.1126/science.1127647](https://doi.org/10."),
        ("arXiv:1502.01852: the", "[arXiv:1502.01852](https://arxiv.org/abs/1502.01852): the"),
        ("https://a.org/b.pdf: in two", "<https://a.org/b.pdf>: in two"),
        ("[a](https://a.org/b.pdf) x", "[a](https://a.org/b.pdf) x"),
    ],
)
def test_sources_become_links(written, linked):
    cell = new_markdown_cell(f"arXiv:1111.1111\n\n## Going further\n\n- A (2000), {written}")
    build._link_sources(cell)
    assert linked in cell.source and cell.source.startswith("arXiv:1111.1111\n")


def test_a_missing_place_for_a_live_figure_is_named():
    notebook = new_notebook(cells=[new_markdown_cell("# 5 · Colors\n\n## 5.1 Nothing")])
    with pytest.raises(SystemExit, match="Lesson 5 has no slider and no section"):
        build._add_live_figure(notebook, 5)


def test_the_learners_archive_folds_every_output(tmp_path, root):
    path = next((root / "notebooks").glob("02_*.ipynb"))
    folded = nbformat.reads(build._fold(path), 4)
    shown = [c for c in folded.cells if c.get("outputs")]
    assert shown and all(c.metadata["jupyter"]["outputs_hidden"] for c in shown)
    names = {p.name for pattern in build.LEARNERS for p in root.glob(pattern)}
    assert {"README.md", "Makefile", "requirements.txt", path.name, "cli.py"} <= names
    assert not any("solutions" in pattern for pattern in build.LEARNERS)
