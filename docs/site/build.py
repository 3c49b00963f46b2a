"""Make the web site and two archives of the course from the saved notebooks: ``make site``.

Nothing is executed and nothing is fetched. The course's files are laid out in ``build/site-source``
as Sphinx wants them, and become ``build/site``. ``build/course-learner.zip`` holds what a learner
needs, every output folded and no solution in it; ``build/course-instructor.zip`` holds everything.
"""

import html
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import nbformat
from front import write_cards
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from sphinx.cmd.build import main as sphinx

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
sys.path.insert(0, str(ROOT / "tests"))

from facts import Lesson, read_facts  # noqa: E402 (the tests read a lesson's facts, too)

LESSONS, EXERCISES, SOLUTIONS = "notebooks", "exercises", "exercises/solutions"
LINKED = ("README.md", "CONTRIBUTING.md", "LICENSE", "LICENSE-text", "CITATION.cff")
LEARNERS = (  # what is in a learner's archive, beside the site
    *LINKED, "Makefile", "pyproject.toml", "requirements.txt", "environment.yml", "ae_helpers/*.py",
    "notebooks/*.ipynb", "notebooks/*.npz", "notebooks/*.py", "exercises/*.ipynb",
    "docs/*.md", "docs/*.png",
)  # fmt: skip
INSTRUCTORS = (
    "exercises/solutions/*", "tests/**/*", "docs/**/*", ".ci/*", ".github/**/*",
    "Containerfile", ".binder/*", ".devcontainer/*",
)  # fmt: skip
LIVE = {  # lesson: the words of the heading under which its live figure stands, if it has no slider
    2: "All ten digits on one map",
    5: "Place your own",
    8: "A plane that can be walked",
    10: "Lines from noise to data",
}
HEADS = {
    EXERCISES: """# Exercises

Three to five for each lesson: what to do, a hint behind a fold, a cell to fill in, and a check that
says what to look at. Read them here, do them in JupyterLab. The answers, with the reasons for them,
stand apart: [the solutions](solutions/index.md).
""",
    SOLUTIONS: """# Solutions

One for each exercise, with the reasons, and with answers that go wrong. Try it yourself first.
""",
}


def lay_out(source: Path, solutions: bool) -> None:
    """Write what Sphinx reads into a folder: the pages, and the notebooks as pages."""
    shutil.rmtree(source, ignore_errors=True)
    for pattern in (*LINKED, "docs/*.*", "docs/workshop/**/*.*"):
        for path in set(ROOT.glob(pattern)) - {ROOT / "docs" / "conf.py"}:
            _write(source / path.relative_to(ROOT), path.read_bytes())
    lessons = {path.name: _read(path) for path in sorted((ROOT / LESSONS).glob("*.ipynb"))}
    facts = {name: read_facts(notebook) for name, notebook in lessons.items()}
    for name, notebook in lessons.items():
        _open_lesson(notebook, name, facts[name])
        if facts[name].number in LIVE:
            _add_live_figure(notebook, facts[name].number)
        _write_page(source / LESSONS / name, notebook)
    for folder in (EXERCISES, SOLUTIONS) if solutions else (EXERCISES,):
        _lay_out_practice(folder, source / folder)
    cards = write_cards(ROOT / LESSONS / "00_first_look.npz", source)
    front = (source / "docs" / "index.md").rename(source / "index.md")
    _write(front, _front_page(front.read_text("utf-8"), cards, facts))
    for path in source.rglob("*.md"):
        _write(path, _mend_links(path.read_text("utf-8"), solutions))
    readme = (source / "README.md").read_text("utf-8")
    commands = readme[readme.index("## Two commands") :]  # the front page has what stands before
    _write(source / "README.md", f"# Set-up and commands\n\n{commands}")


def _lay_out_practice(folder: str, target: Path) -> None:
    """The exercises, or the solutions, and a page that lists them."""
    lines = ""
    for path in sorted((ROOT / folder).glob("*.ipynb")):
        notebook = _read(path)
        _open_practice(notebook, path.name, folder)
        title = notebook.cells[0].source.partition("\n")[0].removeprefix("# ")
        lines += f"- [{title}]({path.name})\n"
        _write_page(target / path.name, notebook)
    toctree = "```{toctree}\n:hidden:\n:glob:\n\n0*\n1*\n```\n"
    _write(target / "index.md", f"{HEADS[folder]}\n{lines}\n{toctree}")


def _mend_links(text: str, solutions: bool) -> str:
    """Let a link to a folder lead to the page that lists it, and drop one to what is left out."""
    if not solutions:
        text = text.replace("\nexercises/solutions/index\n", "\n")
        text = re.sub(r"\[([^\]]*)\]\([^)\s]*solutions[^)\s]*\)", r"\1", text)
    return re.sub(r"\]\(((?:\.\./)*exercises(?:/solutions)?)\)", r"](\1/index.md)", text)


def _read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def _write_page(path: Path, notebook: NotebookNode) -> None:
    """Write a notebook as myst-nb wants it: folds as tags, and sliders as the picture they show."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        folds, tags = cell.metadata.get("jupyter", {}), set(cell.metadata.get("tags", []))
        tags |= {"hide-input"} if folds.get("source_hidden") else set()
        tags |= {"hide-input"} if cell.metadata.get("nbgrader", {}).get("grade") else set()
        tags |= {"hide-output"} if folds.get("outputs_hidden") else set()
        cell.metadata["tags"] = sorted(tags)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    _write(path, nbformat.writes(notebook))


def _open_lesson(notebook: NotebookNode, name: str, lesson: Lesson) -> None:
    """Put minutes and downloads under a lesson's title, in the place of its line on time."""
    _link_sources(notebook.cells[-1])
    links = [f'<a href="{name}" download>Notebook</a>']
    if (ROOT / EXERCISES / name).exists():
        page = name.replace(".ipynb", ".html")
        links.append(f'<a href="../{EXERCISES}/{page}">Exercises</a>')
        links.append(f'<a href="../{EXERCISES}/{name}" download>Exercises as a notebook</a>')
    minutes = f"<span>{lesson.reading} min to read</span><span>{lesson.running} s to run</span>"
    first = notebook.cells[0]
    first.source = re.sub(r"\n\*\*Time\*\* reading.*", "", first.source)
    _put_under_title(first, minutes + "".join(links))


def _add_live_figure(notebook: NotebookNode, number: int) -> None:
    """Put a live figure in the place of a lesson's slider, or at the end of its section."""
    cells, headings = notebook.cells, []
    sliders = [i for i, cell in enumerate(cells) if "plots.explore(" in cell.source]
    for i, cell in enumerate(cells):
        if cell.cell_type == "markdown" and re.search(r"^## ", cell.source, flags=re.M):
            headings.append(i)
    named = [i for i in headings if LIVE[number] in cells[i].source]
    if not sliders and not named:
        sys.exit(f"Lesson {number} has no slider and no section {LIVE[number]!r}: see LIVE.")
    place = sliders[0] + 1 if sliders else min(i for i in headings if i > named[0])
    replaces = "data-replaces" if sliders else ""
    figure = f'<div class="live" data-live="{number:02}" {replaces} hidden></div>'
    script = f'<script src="../_static/live/{number:02}.js"></script>'
    cells.insert(place, new_markdown_cell(f"{figure}\n{script}"))


def _link_sources(last: NotebookNode) -> None:
    """Make links of the papers' numbers and addresses under "Going further"."""
    head, title, sources = last.source.partition("## Going further")
    for pattern, address in (
        (r"(?<![\w(/])doi:(10\.[^\s,;:]*[^\s,;:.])", r"[doi:\1](https://doi.org/\1)"),
        (r"(?<![\w(/])arXiv:(\d{4}\.\d{4,5})", r"[arXiv:\1](https://arxiv.org/abs/\1)"),
        (r"(?<![<(])(https://[^\s,;:<>)]*[^\s,;:.<>)])(?=[\s,;:.])", r"<\1>"),
    ):
        sources = re.sub(pattern, address, sources)
    last.source = head + title + sources


def _open_practice(notebook: NotebookNode, name: str, folder: str) -> None:
    page, up = name.replace(".ipynb", ".html"), "../" * (folder.count("/") + 1)
    first = notebook.cells[0]
    if folder == SOLUTIONS:
        first.source = first.source.replace("# Exercises", "# Solutions", 1)
    _put_under_title(
        first,
        f'<a href="{name}" download>Notebook</a><a href="{up}{LESSONS}/{page}">The lesson</a>',
    )


def _put_under_title(cell: NotebookNode, content: str) -> None:
    title, rest = cell.source.split("\n", 1)
    cell.source = f'{title}\n\n<div class="page-bar">{content}</div>\n{rest}'


def _front_page(text: str, cards: str, facts: dict[str, Lesson]) -> str:
    """The front page, where it stands and with the lessons, as their first cells tell them."""
    rows = "".join(
        f'<a class="lesson-card" href="{LESSONS}/{name.replace(".ipynb", ".html")}">'
        f"<b>{lesson.number}</b><span><strong>{html.escape(lesson.title)}</strong>"
        f"<em>{html.escape(lesson.question)}</em></span><small>{lesson.reading} min</small></a>\n"
        for name, lesson in facts.items()
    )
    text = text.replace("<!-- what you will build -->", cards)
    text = text.replace("<!-- the lessons -->", f'<div class="lesson-cards">\n{rows}</div>')
    return text.replace("](../", "](").replace("](claims.md", "](docs/claims.md")


def _archive(name: str, patterns: tuple[str, ...], site: Path, folded: bool) -> Path:
    """Write an archive: the files that the patterns name, and the site in a folder of its own."""
    target = BUILD / f"course-{name}.zip"
    files = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    pages = [path for path in site.rglob("*") if path.is_file()]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for path in sorted(path for path in files if "__pycache__" not in path.parts):
            inside = f"autoencoders/{path.relative_to(ROOT).as_posix()}"
            fold = folded and path.suffix == ".ipynb"
            archive.writestr(inside, _fold(path) if fold else path.read_bytes())
        for path in sorted(pages):
            archive.write(path, f"autoencoders/site/{path.relative_to(site).as_posix()}")
    return target


def _fold(path: Path) -> str:
    """A notebook with every output folded."""
    notebook = _read(path)
    for cell in notebook.cells:
        if cell.get("outputs"):
            cell.metadata.setdefault("jupyter", {})["outputs_hidden"] = True
    return nbformat.writes(notebook) + "\n"


def build(site: Path, solutions: bool) -> None:
    """Make the site, with the solutions or without them.

    Raises
    ------
    SystemExit
        If Sphinx has anything to complain of; it has said what.
    """
    source = BUILD / "site-source"
    shutil.rmtree(site, ignore_errors=True)
    lay_out(source, solutions)
    options = ["-b", "html", "-c", str(ROOT / "docs"), "-d", str(source / ".trees")]
    if sphinx([*options, "-W", "--keep-going", "-q", str(source), str(site)]):
        sys.exit("The site was not made.")
    shutil.copytree(source / "front", site / "front")
    for folder in (LESSONS, EXERCISES, SOLUTIONS) if solutions else (LESSONS, EXERCISES):
        for path in (ROOT / folder).glob("*.ipynb"):
            shutil.copy(path, site / folder)


def main() -> None:
    """Build both sites and both archives, and say how long it took and how large they are."""
    start = time.perf_counter()
    made = []
    command = [sys.executable, ROOT / "docs" / "site" / "live.py", BUILD / "live"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    live = subprocess.Popen(command, text=True, **quiet)  # beside Sphinx
    with tempfile.TemporaryDirectory() as folder:
        learners = Path(folder) / "site"
        build(learners, solutions=False)
        build(BUILD / "site", solutions=True)
        _, said = live.communicate()
        if live.returncode:
            sys.exit(f"The live figures were not made: {said}")
        for site in (learners, BUILD / "site"):
            shutil.copytree(BUILD / "live", site / "_static" / "live")
        made.append(_archive("learner", LEARNERS, learners, folded=True))
    made.append(_archive("instructor", (*LEARNERS, *INSTRUCTORS), BUILD / "site", folded=False))
    for path in (BUILD / "site", *made):
        files = path.rglob("*") if path.is_dir() else [path]
        size = sum(file.stat().st_size for file in files) / 1e6
        print(f"{path.relative_to(ROOT)}: {size:.0f} MB")
    print(f"made in {time.perf_counter() - start:.0f} s; open build/site/index.html")


if __name__ == "__main__":
    main()
