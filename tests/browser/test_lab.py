"""JupyterLab in a browser, as ``make lab`` starts it, on a copy of the course."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 300_000  # milliseconds for a lesson, on a machine that does other things, too
PROMPTS = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell .jp-InputPrompt"
RED = (
    ".jp-NotebookPanel:not(.lm-mod-hidden) [data-mime-type='application/vnd.jupyter.stderr'], "
    ".jp-NotebookPanel:not(.lm-mod-hidden) [data-mime-type='application/vnd.jupyter.error']"
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A copy of what a learner has, its outputs cleared, so that nothing saved is taken for new."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("ae_helpers", "notebooks", "exercises"):
        unwanted = shutil.ignore_patterns("solutions", ".*", "__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
    (folder / "docs").mkdir()
    for path in (ROOT / "docs").glob("*.md"):
        shutil.copy(path, folder / "docs")
    for path in folder.glob("notebooks/*.ipynb"):
        notebook = nbformat.read(path, 4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, path)
    return folder


@pytest.fixture(scope="module")
def lab(course, tmp_path_factory):
    """The address of JupyterLab, and its token."""
    settings = tmp_path_factory.mktemp("settings")
    tracker = settings / "lab" / "user-settings" / "@jupyterlab" / "notebook-extension"
    tracker.mkdir(parents=True)
    # Every cell is on the page, also those out of sight: the tests look at all of them.
    (tracker / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = ["--no-browser", f"--ServerApp.port={port}", f"--IdentityProvider.token={token}"]
    server = subprocess.Popen(
        [sys.executable, "-m", "ae_helpers", "lab", *options],
        cwd=course,
        env=os.environ | {"JUPYTER_CONFIG_DIR": str(settings)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/api?token={token}")
        yield address, token
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(address: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(address, timeout=1)
            return
        except OSError:
            time.sleep(0.5)
    pytest.fail("JupyterLab did not start in two minutes.")


def _open(page, lab, name: str) -> None:
    address, token = lab
    page.set_default_timeout(60_000)
    page.goto(f"{address}/lab/tree/work/{name}?token={token}&reset")
    page.wait_for_selector(PROMPTS)
    page.wait_for_selector(".jp-Toolbar-kernelStatus [data-icon], .jp-Notebook-ExecutionIndicator")
    page.wait_for_timeout(3000)


def _menu(page, menu: str, command: str) -> None:
    page.locator(".lm-MenuBar-item", has_text=re.compile(f"^{menu}$")).click()
    page.locator(f".lm-Menu-item[data-command='{command}']").click()


def _run_all(page) -> None:
    _menu(page, "Run", "runmenu:run-all")
    page.wait_for_timeout(1000)
    _wait_until_idle(page)


IDLE = """(prompts) => {
    const lights = document.querySelectorAll(".jp-Notebook-ExecutionIndicator[data-status='idle']");
    const waiting = [...document.querySelectorAll(prompts)].some((p) => p.innerText == "[*]:");
    return lights.length > 0 && !waiting;
}"""


def _wait_until_idle(page) -> None:
    """Wait until no cell has a star and the kernel is idle, for a second: it is so between cells.

    The star of a folded cell is not on the page.
    """
    end, quiet = time.monotonic() + LONGEST / 1000, 0
    while quiet < 4:
        if time.monotonic() > end:
            pytest.fail("The notebook did not come to rest.")
        page.wait_for_timeout(250)
        quiet = quiet + 1 if page.evaluate(IDLE, PROMPTS) else 0


def _save(page, path: Path) -> nbformat.NotebookNode:
    before = path.stat().st_mtime_ns
    _menu(page, "File", "docmanager:save")
    for _ in range(100):
        if path.stat().st_mtime_ns != before:
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(300)
    return nbformat.read(path, 4)


def _name(course: Path, number: str, folder: str = "notebooks") -> str:
    return next(course.glob(f"{folder}/{number}_*.ipynb")).relative_to(course).as_posix()


# ------------------------------------------------------------------------------- the lessons


@pytest.mark.parametrize("number", ["00", "02", "05", "06", "10"])
def test_a_lesson_runs_whole(number, page, lab, course):
    name = _name(course, number)
    _open(page, lab, name)
    _run_all(page)
    assert page.locator(RED).count() == 0
    notebook = _save(page, course / "work" / name)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    folded = [c for c in code if c.metadata.get("jupyter", {}).get("outputs_hidden")]
    assert folded == []  # an answer opens when its cell runs
    if any("plots.explore(" in cell.source for cell in code):
        _move_a_slider(page)


def _move_a_slider(page) -> None:
    picture = page.locator(".widget-image, img.jupyter-widgets").last
    before = picture.get_attribute("src")
    handle = page.locator(".noUi-handle").last
    handle.scroll_into_view_if_needed()
    handle.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([picture, before]) => picture.src != before",
        arg=[picture.element_handle(), before],
        timeout=20_000,
    )


def test_an_interrupted_lesson_runs_again(page, lab, course):
    _open(page, lab, _name(course, "06"))
    _menu(page, "Run", "runmenu:run-all")
    page.wait_for_function(
        "() => /training: +[1-9]\\d?%/.test(document.body.innerText)", timeout=LONGEST
    )
    _menu(page, "Kernel", "kernelmenu:interrupt")
    _wait_until_idle(page)
    assert "KeyboardInterrupt" in page.locator(".jp-Notebook").inner_text()
    _run_all(page)
    assert page.locator(RED).count() == 0


def test_a_lesson_leads_to_its_exercise_and_back(page, lab, course):
    _open(page, lab, _name(course, "02"))
    panel = ".jp-NotebookPanel:not(.lm-mod-hidden)"
    for link, title in [("Exercises for this notebook", "Exercises 2"), ("notebook 2", "2 ·")]:
        page.locator(f"{panel} .jp-MarkdownCell a", has_text=link).last.click()
        page.wait_for_function(
            "([h, title]) => document.querySelector(h)?.innerText.startsWith(title)",
            arg=[f"{panel} h1", title],
        )


def test_dark_leaves_figures_readable(page, lab, course):
    _set_theme(lab, "JupyterLab Dark")
    try:
        _open(page, lab, _name(course, "00"))
        _run_all(page)
        panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer").first
        ground = panel.evaluate("(e) => getComputedStyle(e).backgroundColor")
        assert max(map(int, re.findall(r"\d+", ground)[:3])) < 60
        figures = page.locator(".jp-OutputArea img").all()
        assert figures
        for figure in figures:
            assert figure.evaluate(CORNER) == [255, 255, 255, 255]
    finally:
        _set_theme(lab, "JupyterLab Light")


CORNER = """(image) => {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.drawImage(image, 0, 0);
    return [...canvas.getImageData(1, 1, 1, 1).data];
}"""


def _set_theme(lab, theme: str) -> None:
    address, token = lab
    asked = urllib.request.Request(
        f"{address}/lab/api/settings/@jupyterlab/apputils-extension:themes",
        data=json.dumps({"raw": json.dumps({"theme": theme})}).encode(),
        headers={"Authorization": f"token {token}"},
        method="PUT",
    )
    urllib.request.urlopen(asked, timeout=20)


# ------------------------------------------------------------------------------ an exercise


def _answers(number: str) -> tuple[str, str, str]:
    """The first question's right answer, a wrong one, and what the check must say of that."""
    solution = nbformat.read(next((ROOT / "exercises/solutions").glob(f"{number}_*.ipynb")), 4)
    cell = next(c for c in solution.cells if "### BEGIN SOLUTION" in c.source)
    right = re.sub(r" *### (BEGIN|END) SOLUTION\n?", "", cell.source)
    wrong = next((ROOT / "tests/wrong_answers").glob(f"{number}_*.py")).read_text("utf-8")
    _, told, block = re.split(r"^# %% [\w-]+: (.*)\n", wrong, maxsplit=1, flags=re.M)
    block = re.split(r"^# %%", block, maxsplit=1, flags=re.M)[0]
    starter = cell.source.partition("### BEGIN SOLUTION")[0]
    return right, starter + block, told


def test_an_exercise_tells_right_from_wrong(page, lab, course):
    right, wrong, told = _answers("02")
    _open(page, lab, _name(course, "02", "exercises"))
    cells = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell")
    sources = [c.source for c in _code(course / _name(course, "02", "exercises"))]
    answer = next(i for i, source in enumerate(sources) if "your code here" in source)
    check = answer + 1
    _run_cell(page, cells.nth(0))
    said = {}
    for name, text in (("wrong", wrong), ("right", right)):
        editor = cells.nth(answer).locator(".cm-content")
        editor.click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(text)
        _run_cell(page, cells.nth(answer))
        _run_cell(page, cells.nth(check))
        said[name] = cells.nth(check).locator(".jp-OutputArea").inner_text()
    assert told in said["wrong"] and "✓" not in said["wrong"]
    assert "✓" in said["right"]


def _code(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def _run_cell(page, cell) -> None:
    cell.locator(".jp-InputPrompt").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(300)
    _wait_until_idle(page)
