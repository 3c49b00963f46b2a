"""What each lesson says of itself in its first cell, and what can be counted in it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

WORDS_A_MINUTE = 170
SECONDS_A_LINE, SECONDS_A_FIGURE, SECONDS_A_PREDICTION = 4, 40, 30


class Lesson(NamedTuple):
    """What stands in a lesson's first cell. ``needs`` are the numbers of other lessons."""

    number: int
    title: str
    question: str
    needs: tuple[int, ...]
    reading: int  # minutes
    running: int  # seconds


def read_facts(notebook: NotebookNode) -> Lesson:
    """Read the first cell.

    Raises
    ------
    ValueError
        If a part is missing, or not written as it must be: the message says which.
    """
    text = notebook.cells[0].source
    forms = {
        "'# N · Title'": r"\A# (?P<number>\d+) · (?P<title>\S.*)",
        "'**Question** ...?', one sentence": r"^\*\*Question\*\* (?P<question>[^\n.?!]+\?)$",
        "'**You need** ...'": r"^\*\*You need\*\*(?P<needs>.+?)(?=\n\n|\Z)",
        "'**Time** reading M min · running S s'": (
            r"^\*\*Time\*\* reading (?P<reading>\d+) min · running (?P<running>\d+) s$"
        ),
    }
    found = {}
    for form, pattern in forms.items():
        match = re.search(pattern, text, flags=re.M | (re.S if "needs" in pattern else 0))
        if not match:
            raise ValueError(f"the first cell lacks {form}")
        found |= match.groupdict()
    return Lesson(
        int(found["number"]),
        found["title"].strip(),
        found["question"],
        tuple(map(int, re.findall(r"\]\((\d\d)_\w+\.ipynb", found["needs"]))),
        int(found["reading"]),
        int(found["running"]),
    )


def is_folded(cell: NotebookNode) -> bool:
    """Whether the page shows a cell's output alone."""
    return bool(cell.metadata.get("jupyter", {}).get("source_hidden"))


def code_lines(cell: NotebookNode) -> int:
    """How many lines of a cell are not blank."""
    return sum(bool(line.strip()) for line in cell.source.splitlines())


def figures(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """The pictures and the sliders among the saved outputs."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if any(re.match(r"image/|.*widget-view", kind) for kind in output.get("data", {})):
                yield output


def reading_minutes(notebook: NotebookNode) -> float:
    """The minutes that a notebook takes to read: words, visible code, figures and predictions."""
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    code = [c for c in notebook.cells if c.cell_type == "code" and not is_folded(c)]
    words = len(re.findall(r"\S*\w\S*", prose))
    seconds = (
        SECONDS_A_LINE * sum(map(code_lines, code))
        + SECONDS_A_FIGURE * len(list(figures(notebook)))
        + SECONDS_A_PREDICTION * prose.count("**Predict**")
    )
    return words / WORDS_A_MINUTE + seconds / 60


def rounded(minutes: float) -> int:
    """To a multiple of 5, at least 5."""
    return max(5, 5 * round(minutes / 5))


def sections(notebook: NotebookNode) -> dict[str, list[NotebookNode]]:
    """The cells of each section, by its number; those above the first section under ''.

    A text cell belongs to the last section that begins in it.
    """
    found, now = {"": []}, ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for now in re.findall(r"^## (\d+\.\d+) ", cell.source, flags=re.M):
                found[now] = []
        found[now].append(cell)
    return found


def lessons(folder: Path) -> list[Lesson]:
    """The facts of every notebook in a folder, in order."""
    found = []
    for path in sorted(folder.glob("*.ipynb")):
        try:
            found.append(read_facts(nbformat.read(path, 4)))
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from None
    return found
