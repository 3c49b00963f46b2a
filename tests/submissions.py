"""Make 40 submissions of an assignment, good and bad, and say what a fair person would give each.

``python tests/submissions.py COURSE NAME`` fills ``submitted`` of a course folder that make
assignment made. Then ``make grade`` grades them, and the same with ``--compare`` shows the grades
beside the fair ones.
"""

import argparse
import copy
import csv
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

ROOT = Path(__file__).resolve().parent.parent


class Submission(NamedTuple):
    """What a learner hands in: the file's name, its content, and the points that are fair."""

    kind: str
    file: str
    content: bytes
    fair: float


LOOPS = [
    """while True:
    pass""",
    """import time
while True:
    try:
        time.sleep(1)
    except BaseException:
        pass""",
    """while True:
    print("still here")""",
]
EATERS = [
    """hog = []
while True:
    hog.append(b"x" * 10**8)""",
    """import subprocess, sys, time
hog = "import time; hog = b'x' * 10**9; time.sleep(60)"
for _ in range(8):
    subprocess.Popen([sys.executable, "-c", hog])
time.sleep(60)""",
    """import os, signal
os.kill(os.getpid(), signal.SIGKILL)  # as the system does with an eater""",
]
INTRUDERS = [
    """for at in ("..", "../..", {course!r}, {root!r}, "/usr", "/"):
    try:
        open(at + "/intruder.txt", "w")
    except OSError as error:
        print(error)""",
    """open({course!r} + "/gradebook.db", "wb").write(b"full marks")""",
]
SOCKETS = [
    """import socket
socket.create_connection(("192.0.2.1", 80), timeout=5)""",
    """import urllib.request
exec(urllib.request.urlopen("http://127.0.0.1:8888/answer", timeout=5).read())""",
]
THIEF = """import json
course, root = {course!r} + "/source", {root!r} + "/exercises"
for folder in (course, root, "../source", "../../source", "../../../source"):
    for at in ("/{name}/{name}.ipynb", "/solutions/{name}.ipynb"):
        try:
            cells = json.load(open(folder + at))["cells"]
        except OSError as error:
            print(error)
        else:
            exec("".join(next("".join(c["source"]) for c in cells if {mark!r} in str(c))))"""
THIEVES = [THIEF, THIEF.replace("except OSError", "except ZeroDivisionError")]


class Maker:
    """Makes submissions of one assignment from its release and its solution."""

    def __init__(self, course: Path, name: str):
        self.course, self.name = course, name
        self.released, self.solved = (
            nbformat.read(course / folder / name / f"{name}.ipynb", 4)
            for folder in ("release", "source")
        )
        self.points = {  # of each answer, in their order
            _mark(cell).replace("check", "solution"): cell.metadata.nbgrader.points
            for cell in self.released.cells
            if cell.metadata.get("nbgrader", {}).get("grade")
        }
        self.marks = list(self.points)
        self.total = sum(self.points.values())

    def notebook(self, solved: int = 99) -> NotebookNode:
        """The released notebook, the first answers filled in."""
        notebook = copy.deepcopy(self.released)
        for mark in self.marks[:solved]:
            _cell(notebook, mark).source = _cell(self.solved, mark).source
        return notebook

    def bad(self, n: int, code: str, keep: bool = False) -> tuple[NotebookNode, float]:
        """A right notebook, but with `code` in answer n: for its solution, or (keep) after it."""
        notebook, mark = self.notebook(), self.marks[n]
        cell = _cell(notebook, mark)
        names = {"course": str(self.course), "root": str(ROOT), "name": self.name, "mark": mark}
        for word, value in names.items():
            code = code.replace(f"{{{word}!r}}", repr(value)).replace(f"{{{word}}}", value)
        if keep:
            cell.source += f"\n\n{code}"
            return notebook, self.total
        block = re.compile(r"^( *)### BEGIN SOLUTION.*?### END SOLUTION", re.S | re.M)
        cell.source = block.sub(lambda m: _indented(code, m[1]), cell.source)
        return notebook, self.total - self.points[mark]

    def all(self) -> dict[str, Submission]:
        """All 40, by learner."""
        made: dict[str, Submission] = {}

        def add(kind: str, notebook, fair: float, file: str = f"{self.name}/{self.name}.ipynb"):
            content = (
                notebook if isinstance(notebook, bytes) else nbformat.writes(notebook).encode()
            )
            number = 1 + sum(one.kind == kind for one in made.values())
            made[f"{kind.replace(' ', '_')}_{number}"] = Submission(kind, file, content, fair)

        last, middle = len(self.marks) - 1, len(self.marks) // 2
        for _ in range(3):
            add("perfect", self.notebook(), self.total)
            add("empty", self.notebook(0), 0)
        for solved in (1, middle, last):
            add("partial", self.notebook(solved), sum(list(self.points.values())[:solved]))
        for n, code in [(1, "for"), (middle, "x = (1,"), (last, "  y = 1\n z = 2")]:
            add("syntax error", *self.bad(n, code))
        for kind, codes in [("endless loop", LOOPS), ("memory eater", EATERS)]:
            for n, code in zip((middle, 1, last), codes, strict=True):
                add(kind, *self.bad(n, code))
        for change in (_delete_check, _delete_look_and_check, _delete_all_checks):
            add("deleted check", _changed(self.notebook(), change, self.marks[middle]), self.total)
        answer, starter = (_cell(n, self.marks[1]).source for n in (self.solved, self.released))
        for source, after in [(answer, 1), (starter, 1), ("raise ValueError('a first try')", 0)]:
            notebook = self.notebook()
            _copy(notebook, self.marks[1], source, after)
            add("copied cell", notebook, self.total)
        for change in (_strip_marks, _strip_marks_and_ids, _strip_all):
            add("stripped metadata", _changed(self.notebook(), change, ""), self.total)
        for file in (f"{self.name}/My homework (1).ipynb", f"{self.name}.ipynb", "a/b.ipynb.json"):
            add("renamed file", self.notebook(), self.total, file)
        add("not a notebook", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" * 100, 0)
        add("not a notebook", json.dumps(["cells", {"cells": 3}]).encode(), 0)
        add("output of 50 MB", _changed(self.notebook(), _large_output, ""), self.total)
        add(
            "output of 50 MB",
            *self.bad(1, "for _ in range(50):\n    print('x' * 10**6)", keep=True),
        )
        for kind, codes, keep in [
            ("writes outside", INTRUDERS, True),
            ("opens a socket", SOCKETS, False),
            ("reads the solutions", THIEVES, False),
        ]:
            for n, code in zip((middle, last), codes, strict=True):
                add(kind, *self.bad(n, code, keep))
        return made

    def write(self, kinds: int = 99) -> dict[str, Submission]:
        """Write them, or the first few of each kind, into ``submitted``."""
        made = {k: s for k, s in self.all().items() if int(k.rpartition("_")[2]) <= kinds}
        for learner, one in made.items():
            path = self.course / "submitted" / learner / one.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(one.content)
        return made


def _changed(notebook: NotebookNode, change: Callable, mark: str) -> NotebookNode:
    change(notebook, mark)
    return notebook


def _delete_check(notebook, mark):
    notebook.cells.remove(_cell(notebook, mark.replace("solution", "check")))


def _delete_look_and_check(notebook, mark):
    _delete_check(notebook, mark)
    notebook.cells.remove(_cell(notebook, mark.replace("solution", "look")))


def _delete_all_checks(notebook, mark):
    keep = [c for c in notebook.cells if not c.metadata.get("nbgrader", {}).get("grade")]
    notebook.cells = keep


def _copy(notebook, mark, source, after):
    cell = copy.deepcopy(_cell(notebook, mark))
    cell.id, cell.source = "copied", source
    notebook.cells.insert(notebook.cells.index(_cell(notebook, mark)) + after, cell)


def _strip_marks(notebook, mark):
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)


def _strip_marks_and_ids(notebook, mark):
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = NotebookNode(), f"c{number}"


def _strip_all(notebook, mark):
    _strip_marks_and_ids(notebook, mark)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]


def _large_output(notebook, mark):
    text = ("x" * 99 + "\n") * 500_000
    notebook.cells.append(new_code_cell("1", outputs=[new_output("stream", text=text)]))


def _mark(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _cell(notebook: NotebookNode, mark: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if _mark(cell) == mark)


def _indented(code: str, by: str) -> str:
    return "\n".join(by + line for line in code.splitlines())


def compare(course: Path, name: str, made: dict[str, Submission]) -> list[tuple]:
    """Kind, learner, fair grade, grade given, what was repaired, what to look at."""
    with open(course / "grades" / f"{name}.csv", newline="", encoding="utf-8") as file:
        rows = {row["learner"]: row for row in csv.DictReader(file)}
    return [
        (
            one.kind,
            who,
            one.fair,
            float(rows[who]["points"]),
            rows[who]["repaired"],
            rows[who]["look at"],
        )
        for who, one in made.items()
    ]


def main(arguments: list[str]) -> int:
    """Write the submissions, or compare the grades; 0 where all are fair."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("course", type=Path)
    parser.add_argument("name")
    parser.add_argument("--compare", action="store_true")
    options = parser.parse_args(arguments)
    maker = Maker(options.course.resolve(), options.name)
    if not options.compare:
        print(f"{len(maker.write())} submissions")
        return 0
    rows = compare(options.course, options.name, maker.all())
    print("| kind | learner | fair | given | repaired | for a person to look at |")
    print("|---|---|---|---|---|---|")
    for kind, who, fair, given, fixed, look in rows:
        mark = "" if fair == given else " ✗"
        print(f"| {kind} | {who} | {fair:g} | {given:g}{mark} | {fixed} | {look} |")
    unfair = sum(fair != given for _, _, fair, given, *_ in rows)
    print(f"\n{len(rows)} submissions, {unfair} not graded fairly")
    return int(unfair > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
