"""Read the solution notebooks: one exercise is some given cells, an answer, and its check."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat


@dataclass
class Exercise:
    """One exercise of a notebook: the sources of its cells, in the order in which they run."""

    number: str
    given: list[str] = field(default_factory=list)
    answer: str = ""
    check: str = ""
    points: int = 0
    text: str = ""
    notes: list[str] = field(default_factory=list)


def read(path: Path) -> tuple[list[str], list[Exercise]]:
    """Return the setup cells of a notebook and its exercises, in order."""
    setup, exercises, given = [], [], []
    for cell in nbformat.read(path, 4).cells:
        meta = cell.metadata.get("nbgrader", {})
        heading = re.match(r"## (\d+)\.(\d+) ", cell.source)
        if cell.cell_type == "markdown" and heading:
            exercises.append(Exercise("-".join(heading.groups()), text=cell.source))
            given = exercises[-1].given
        elif cell.cell_type == "markdown":
            if exercises and "solution-note" in cell.metadata.get("tags", []):
                exercises[-1].notes.append(cell.source)
        elif meta.get("solution"):
            exercises[-1].answer = cell.source
        elif meta.get("grade"):
            exercises[-1].check, exercises[-1].points = cell.source, meta["points"]
        else:
            (given if exercises else setup).append(cell.source)
    return setup, exercises


def wrong_answers(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield number of the exercise, expected part of the message, and code, for each block."""
    for block in path.read_text(encoding="utf-8").split("# %% check-")[1:]:
        head, _, code = block.partition("\n")
        number, _, message = head.partition(": ")
        yield number, message.strip(), code


def prepare(setup: list[str], exercise: Exercise, space: dict) -> dict:
    """Run what is given before the answer, in a copy of the names that `setup` has made."""
    if not space:
        space["__name__"] = "__main__"
        for source in setup:
            exec(source, space)
    names = dict(space)
    for source in exercise.given:
        exec(source, names)
    return names


def verdict(names: dict, answer: str, check: str) -> str | None:
    """Run an answer and its check; return the message of what was raised, or None if it passes."""
    try:
        exec(answer, names)
    except NotImplementedError:
        pass
    except Exception as error:
        return f"{type(error).__name__} in the answer: {error}"
    try:
        exec(check, names)
    except AssertionError as error:
        return str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None
