"""Notebooks run from top to bottom, and the pages that ``make run`` writes of them."""

import base64
import os
import re
import subprocess
import sys

import nbformat
import pytest
import run
from bs4 import BeautifulSoup
from jupyter_client import AsyncKernelClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output


def _write(path, *cells):
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in cells]), path)
    return path


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A folder for a course, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _files(folder):
    return {path.name: path.read_bytes() for path in (folder / "notebooks").iterdir()}


# ----------------------------------------------------------------------------- the command


def test_a_run_reports_each_notebook_and_changes_none(root, course, environment):
    _write(course / "notebooks" / "01_good.ipynb", "x = 1", "print('seen', x)")
    _write(course / "notebooks" / "02_bad.ipynb", "print('before')", "1 / 0", "print('after')")
    (course / "notebooks" / "03_torn.ipynb").write_text('{"cells": [')
    (course / "notebooks" / "04_other.ipynb").write_text("[1, 2]")
    before = _files(course)
    result = subprocess.run(
        [sys.executable, root / "tests" / "run.py"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment | {"TQDM_MININTERVAL": "0"},
        timeout=300,
    )
    lines = result.stdout.splitlines()
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert "01_good:  50%" in result.stderr  # the progress bar
    assert re.match(r"✓ 01_good +\d+\.\d s +slowest cell +\d+\.\d s +peak memory", lines[0])
    assert lines[0].endswith(" MiB") == os.path.exists("/proc/self/status")
    assert lines[1].startswith("✗ 02_bad")
    assert "1 of 4 notebooks ran" in lines[5]
    assert "02_bad.ipynb: cell [2]: ZeroDivisionError: division by zero" in lines[6]
    assert "03_torn.ipynb: it is not a notebook: Notebook does not appear to be JSON" in lines[7]
    assert "04_other.ipynb: it is not a notebook" in result.stdout
    assert _files(course) == before
    built = {path.stem: path.read_text(encoding="utf-8") for path in (course / "build").iterdir()}
    assert set(built) == {"01_good", "02_bad"}
    assert "seen 1" in built["01_good"]
    assert "ZeroDivisionError" in built["02_bad"] and "before" in built["02_bad"]


def test_save_writes_the_outputs_of_a_notebook_that_ran(course):
    path = _write(course / "notebooks" / "01_good.ipynb", "x = 1", "print('seen', x)")
    bad = _write(course / "notebooks" / "02_bad.ipynb", "print('before')", "1 / 0")
    before = bad.read_bytes()
    assert run.main(["--save", str(path), str(bad)]) == 1
    saved = nbformat.read(path, 4)
    assert [cell.execution_count for cell in saved.cells] == [1, 2]
    assert saved.cells[1].outputs[0].text == "seen 1\n"
    assert all("execution" not in cell.metadata for cell in saved.cells)
    assert bad.read_bytes() == before and not (course / "build").exists()


def test_a_kernel_that_dies_is_reported(course, capsys):
    _write(course / "notebooks" / "01_dies.ipynb", "x = 1", "import os; os._exit(3)")
    assert run.main([]) == 1
    assert "01_dies.ipynb: cell [2]: its kernel died" in capsys.readouterr().out


def test_a_kernel_that_does_not_start_is_reported(course, capsys, monkeypatch):
    _write(course / "notebooks" / "01_still.ipynb", "x = 1")
    monkeypatch.setattr(AsyncKernelClient, "wait_for_ready", _never_ready)
    assert run.main([]) == 1
    assert "01_still.ipynb: no kernel started: it waits" in capsys.readouterr().out


async def _never_ready(self, timeout):
    raise RuntimeError("it waits")


def test_a_cell_over_its_limit_is_named(course, capsys):
    _write(course / "notebooks" / "01_slow.ipynb", "x = 1", "import time\ntime.sleep(600)")
    assert run.main(["--limit", "1"]) == 1
    told = capsys.readouterr().out
    assert "01_slow.ipynb: cell [2]: it ran longer than 1 s: import time" in told


@pytest.mark.parametrize(
    "arguments, told", [([], "0 of 0"), (["gone.ipynb"], "gone.ipynb: it cannot be read: No")]
)
def test_no_notebook_is_a_failure(course, arguments, told, capsys):
    assert run.main(arguments) == 1 and told in capsys.readouterr().out


def test_where_nothing_can_be_written_nothing_runs(course, monkeypatch, capsys):
    path = _write(course / "notebooks" / "01_marks.ipynb", "open('ran', 'w')")
    (course / "build").write_text("a file")
    assert run.main([]) == 1
    assert "nothing can be written into build: " in capsys.readouterr().out

    def refuse(dir):
        raise PermissionError(13, "Permission denied", str(dir))

    monkeypatch.setattr(run.tempfile, "TemporaryFile", refuse)
    assert run.main(["--save", str(path)]) == 1
    told = capsys.readouterr().out.splitlines()[-1]
    assert told == f"✗ {path}: nothing can be written into {path.parent}: Permission denied"
    assert not (path.parent / "ran").exists()


def test_the_messages_of_an_output_widget_are_left_alone(course):
    """Answering them is what makes nbclient miss a cell's reply, and wait for ever."""
    source = "import ipywidgets\nipywidgets.interact(lambda x: print('seen', x), x=(0, 9))"
    path = _write(course / "notebooks" / "01_slider.ipynb", source)
    assert run.main(["--save", str(path)]) == 0
    outputs = nbformat.read(path, 4).cells[0].outputs
    assert "".join(output.get("text", "") for output in outputs) == "seen 4\n"


# ----------------------------------------------------------------------------- pages


def _page(*cells):
    return BeautifulSoup(run.to_html(new_notebook(cells=list(cells)), "a page"), "html.parser")


def _fetched(page):
    """What a browser would ask another host for."""
    places = [tag.get("src") or tag.get("href") for tag in page.select("script, link, img, iframe")]
    styles = "".join(tag.text for tag in page.select("style"))
    scripts = "".join(tag.text for tag in page.select("script"))
    named = re.findall(r"@import|url\(.?https?:", styles) + re.findall("https?:", scripts)
    return [place for place in places if place and not place.startswith("data:")] + named


def test_an_equation_is_mathml():
    page = _page(
        new_markdown_cell("The code $z$ and `$HOME`:\n\n$$L = \\frac{1}{n}$$"),
        new_markdown_cell("\\begin{align*}a &= b\\end{align*}"),
    )
    inline, block, environment = page.find_all("math")
    assert (inline.text, inline["display"]) == ("z", "inline")
    assert block.find("mfrac").text == "1n" and block["display"] == "block"
    assert environment.text == "a=b" and page.find("code").text == "$HOME"


def test_an_equation_that_is_not_tex_is_named():
    with pytest.raises(ValueError, match=r"the equation \\frac is not TeX"):
        _page(new_markdown_cell("$\\frac$"))


def test_a_slider_is_its_picture_and_a_figure_has_its_alternative():
    view = {"model_id": "1", "version_major": 2, "version_minor": 0}
    data = {"application/vnd.jupyter.widget-view+json": view, "image/png": "UE5H"}
    alt = 'An "empty" figure & no more.'
    output = new_output("display_data", data, metadata={"image/png": {"alt": alt}})
    notebook = new_notebook(cells=[new_code_cell("", outputs=[output])])
    state = {"state": {"1": {}}, "version_major": 2, "version_minor": 0}
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": state}
    page = BeautifulSoup(run.to_html(notebook, "a page"), "html.parser")
    (image,) = page.find_all("img")
    assert image["alt"] == alt
    assert base64.b64decode(image["src"].partition("base64,")[2]) == b"PNG"
    assert not page.find_all("script") and "widgets" in notebook.metadata


def test_every_page_of_the_course_reads_offline(root):
    for folder in ("notebooks", "exercises/solutions"):
        for path in sorted((root / folder).glob("*.ipynb")):
            notebook = nbformat.read(path, 4)
            for cell in notebook.cells:
                cell.source = cell.source if cell.cell_type == "markdown" else ""  # slow, and safe
            page = BeautifulSoup(run.to_html(notebook, path.stem), "html.parser")
            assert _fetched(page) == [], path
            figures = [
                output.metadata["image/png"]["alt"]
                for cell in notebook.cells
                for output in cell.get("outputs", ())
                if "image/png" in output.get("data", {})
            ]
            assert [image["alt"] for image in page.select(".output_png img")] == figures, path
            for code in page.select("code, pre"):
                code.decompose()
            prose = " ".join(cell.text for cell in page.select(".rendered_html"))
            assert "$" not in prose and "\\" not in prose, path
