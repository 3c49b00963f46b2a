"""Read the exercises: each is some given cells, an answer, a short look at it, and its check."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat


@dataclass
class Exercise:
    """One exercise of a notebook: the sources of its cells, in the order in which they run.

    ``look`` is the check that a learner sees, ``check`` the graded one; ``folded`` holds the marks
    (``check-4-1``) of the cells that arrive folded.
    """

    number: str
    given: list[str] = field(default_factory=list)
    answer: str = ""
    look: str = ""
    check: str = ""
    points: int = 0
    text: str = ""
    notes: list[str] = field(default_factory=list)
    folded: set[str] = field(default_factory=set)

    @property
    def starter(self) -> str:
        """What stands in the answer's cell before anything is written."""
        return self.answer.partition("### BEGIN SOLUTION")[0].rstrip() + "\n"


def read(path: Path) -> tuple[list[str], list[Exercise]]:
    """Return the setup cells of a notebook and its exercises, in order.

    The questions at the head are the exercise 0: "4-0" in notebook 4.
    """
    setup, exercises, given = [], [], []
    for cell in nbformat.read(path, 4).cells:
        meta = cell.metadata.get("nbgrader", {})
        mark = meta.get("grade_id", "")
        heading = re.match(r"## (\d+)\.(\d+) ", cell.source)
        if cell.cell_type == "markdown" and heading:
            exercises.append(Exercise("-".join(heading.groups()), text=cell.source))
            given = exercises[-1].given
        elif cell.cell_type == "markdown":
            if exercises and "solution-note" in cell.metadata.get("tags", []):
                exercises[-1].notes.append(cell.source)
        elif meta.get("solution"):
            exercises[-1].answer = cell.source
        elif mark.startswith("look-"):
            exercises[-1].look = cell.source
        elif meta.get("grade"):
            exercises[-1].check, exercises[-1].points = cell.source, meta["points"]
        else:
            (given if exercises else setup).append(cell.source)
        if exercises and cell.metadata.get("jupyter", {}).get("source_hidden"):
            exercises[-1].folded.add(mark)
    return setup, exercises


def blocks(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield number of the exercise, expected part of the message, and code, for each block.

    Nothing is expected of the blocks in ``right_answers``: they pass.
    """
    for block in path.read_text(encoding="utf-8").split("# %% check-")[1:]:
        head, _, code = block.partition("\n")
        number, _, message = head.partition(": ")
        yield number.strip(), message.strip(), code


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


def verdicts(names: dict, answer: str, exercise: Exercise) -> tuple[str | None, str | None]:
    """Run an answer, the look at it and its check; return what each says, None where it passes.

    What is no assertion, a learner would meet as a traceback: it is marked "RAW".
    """
    try:
        exec(answer, names)
    except NotImplementedError:
        pass
    except Exception as error:
        said = f"RAW {type(error).__name__} in the answer: {error}"
        return said, said
    return _said(exercise.look, names), _said(exercise.check, names)


def _said(source: str, names: dict) -> str | None:
    try:
        exec(source, names)
    except AssertionError as error:
        return str(error)
    except Exception as error:
        return f"RAW {type(error).__name__}: {error}"
    return None
