"""Grade an assignment: look over what was handed in, run each notebook in a sandbox, save grades.

``make grade COURSE=folder NAME=assignment``, or ``python exercises/grading/grade.py folder
assignment``. The folder is nbgrader's: docs/teaching.md. Nothing in its ``submitted`` is changed.
"""

import argparse
import csv
import os
import shutil
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat
import repair
import sandbox
from nbconvert import HTMLExporter
from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_markdown_cell, new_output
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import GetGrades
from nbgrader.utils import determine_grade, is_grade, parse_utc
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from ae_helpers.workspace import write_atomically

OTHER_FILES = 100  # MB of what was handed in beside the notebook


@dataclass
class Graded:
    """One learner's notebook as it ran, what was repaired, and what a person should look at."""

    learner: str
    notebook: NotebookNode
    fixed: list[str] = field(default_factory=list)
    look: list[str] = field(default_factory=list)
    given: float | None = None  # by a person, in nbgrader's own pages

    @property
    def points(self) -> float:
        """What a person gave, or else what the checks say."""
        return sum(p for p, *_ in self.checks().values()) if self.given is None else self.given

    def checks(self) -> dict[str, tuple[float, float, str]]:
        """For each check: its points, the most it gives, and what it says where it fails."""
        said = {}
        for cell in filter(is_grade, self.notebook.cells):
            errors = [o.evalue for o in cell.outputs if o.output_type == "error"]
            points, most = determine_grade(cell)
            said[cell.metadata.nbgrader.grade_id] = (points, most, "".join(errors[:1]))
        return said


class Course:
    """nbgrader's folder of a course, and one assignment of it."""

    def __init__(self, folder: Path, name: str):
        self.folder, self.name = folder, name
        self.others = {path.name for path in (folder / "release").glob("*")} - {name}
        self.template = nbformat.read(folder / "release" / name / f"{name}.ipynb", 4)
        self.source = folder / "source" / name / f"{name}.ipynb"
        self.url = f"sqlite:///{folder / 'gradebook.db'}"

    def learners(self) -> list[str]:
        """All who handed in anything."""
        return sorted(
            path.name
            for path in (self.folder / "submitted").iterdir()
            if path.is_dir() and path.name[0] != "."
        )

    def unread(self, learner: str, why: str, **notes) -> Graded:
        """Return what a learner gets of whom nothing could run: no points, and the reason."""
        notebook = from_dict(self.template)
        for cell in filter(is_grade, notebook.cells):
            cell.outputs = [new_output("error", ename="NotRun", evalue=why, traceback=[f"✗ {why}"])]
        return Graded(learner, notebook, look=[why], **notes)

    def grade(self, learner: str, limits: sandbox.Limits, how: str, cache: Path) -> Graded:
        """Look over a learner's submission and run it. Whatever goes wrong ends here."""
        fixed = []
        try:
            folder = self.folder / "submitted" / learner
            path, fixed, look = repair.find(folder, self.name, self.others)
            cells, odd = repair.read(path)
            notebook, repaired, doubtful = repair.repair(self.template, cells)
            fixed, look = fixed + odd + repaired, look + doubtful
            with tempfile.TemporaryDirectory(prefix="grade-") as box:
                work = Path(box) / "work"
                shutil.copytree(cache, work / ".cache")
                if beside := _copy_others(path, folder, work, self.others):
                    look.append(f"also handed in: {', '.join(beside)}")
                notebook, notes, _ = sandbox.run(notebook, limits, how, Path(box))
            return Graded(learner, notebook, fixed, look + notes)
        except repair.UnreadableError as error:
            return self.unread(learner, str(error), fixed=fixed)
        except Exception as error:
            return self.unread(learner, f"{type(error).__name__}: {error}", fixed=fixed)

    def save(self, graded: Graded) -> None:
        """Write a learner's grades into the gradebook, the notebook and the page for the learner.

        A grade that a person gave in nbgrader's own pages stays.
        """
        learner, notebook = graded.learner, graded.notebook
        with Gradebook(self.url) as book:
            book.update_or_create_student(learner)
            book.update_or_create_submission(self.name, learner, **self._timestamp(graded))
            for cell in filter(is_grade, notebook.cells):
                mark = cell.metadata.nbgrader.grade_id
                grade = book.find_grade(mark, self.name, self.name, learner)
                grade.auto_score = determine_grade(cell)[0]
                grade.needs_manual_grade = bool(graded.look) or grade.manual_score is not None
            book.db.commit()
            graded.given = book.find_submission(self.name, learner).score
        notebook.cells.insert(0, new_markdown_cell(_summary(graded)))
        path = Path(learner, self.name, f"{self.name}.ipynb")
        write_atomically(self.folder / "autograded" / path, nbformat.writes(notebook) + "\n")
        names = {"student": learner, "assignment": self.name, "notebook": self.name}
        page, _ = self._exporter().from_notebook_node(
            notebook, {"nbgrader": names | {"db_url": self.url}}
        )
        write_atomically(self.folder / "feedback" / path.with_suffix(".html"), page)

    def _timestamp(self, graded: Graded) -> dict:
        path = self.folder / "submitted" / graded.learner / self.name / "timestamp.txt"
        try:
            return {"timestamp": parse_utc(path.read_text().strip())} if path.is_file() else {}
        except (ValueError, OverflowError):
            graded.look.append("timestamp.txt holds no date")
            return {}

    def _exporter(self) -> HTMLExporter:
        options = GenerateFeedback(coursedir=CourseDirectory(root=str(self.folder))).config
        options.merge(Config(HTMLExporter={"preprocessors": [GetGrades]}))
        return HTMLExporter(config=options)


def _copy_others(path: Path, folder: Path, work: Path, others: set[str]) -> list[str]:
    """Copy what was handed in beside the notebook at `path`: its code may load it."""
    beside = [
        one
        for one in repair.list_files(folder, others)
        if one.is_relative_to(path.parent) and ".ipynb" not in one.name and one != path
    ]
    if sum(one.stat().st_size for one in beside) > OTHER_FILES * 2**20:
        return [f"more than {OTHER_FILES} MB of other files, left out"]
    for one in beside:
        target = work / one.relative_to(path.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(one, target)
    return [one.relative_to(folder).as_posix() for one in beside]


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(c).replace("|", "\\|").replace("\n", " ") for c in cells) + " |"


def _summary(graded: Graded) -> str:
    rows = [_row("check", "points", "what it says"), "|---|---|---|"]
    for name, (points, most, said) in graded.checks().items():
        rows.append(_row(f"`{name}`", f"{points:g} of {most:g}", said[:300] or "✓"))
    notes = [f"Repaired: {'; '.join(graded.fixed)}."] if graded.fixed else []
    return "\n".join(["## What the checks say", "", *rows, "", *notes])


def _solution(course: Course, how: str, limits: sandbox.Limits, cache: Path) -> tuple[float, str]:
    """Run the solution as if it had been handed in; return its slowest cell and what fails."""
    notebook, *_ = repair.repair(course.template, repair.read(course.source)[0])
    with tempfile.TemporaryDirectory(prefix="grade-") as box:
        notebook, notes, slowest = sandbox.run(notebook, limits, how, Path(box))
        fonts = Path(box, "work", ".cache", "matplotlib")  # made anew, it takes seconds
        if fonts.is_dir():
            shutil.copytree(fonts, cache / "matplotlib")
    checks = Graded("", notebook).checks().items()
    failed = [f"{name}: {said}" for name, (points, most, said) in checks if points < most]
    return slowest, "\n".join(failed + notes if failed else [])


def _report(course: Course, all_graded: list[Graded]) -> str:
    """Write the table of the grades as CSV, and return it for reading."""
    rows = [_row("learner", "points", "repaired", "for a person to look at"), "|---|---|---|---|"]
    path = course.folder / "grades" / f"{course.name}.csv"
    path.parent.mkdir(exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        checks = course.unread("", "").checks()
        most = sum(most for _, most, _ in checks.values())
        writer.writerow(["learner", "points", "of", *checks, "repaired", "look at"])
        for one in sorted(all_graded, key=lambda one: one.learner):
            fixed, look = "; ".join(one.fixed), "; ".join(one.look)
            each = [points for points, _, _ in one.checks().values()]
            writer.writerow([one.learner, f"{one.points:g}", f"{most:g}", *each, fixed, look])
            rows.append(_row(one.learner, f"{one.points:g} of {most:g}", fixed, look))
    path.with_suffix(".md").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return "\n".join(rows)


def main(arguments: list[str]) -> int:
    """Grade all submissions of an assignment; 0 if each was graded."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("course", type=Path, help="nbgrader's folder")
    parser.add_argument("name", help="the assignment: 01_pca_and_where_it_stops")
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    parser.add_argument("--workers", type=int, default=cores, help="submissions at the same time")
    parser.add_argument("--memory", type=int, default=4096, help="MiB for each submission")
    parser.add_argument("--cell-seconds", type=float, help="else ten times the slowest solution")
    options = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", category=SAWarning)  # about nbgrader's own queries
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(name, str(max(1, cores // options.workers)))
    try:
        course = Course(options.course.resolve(), options.name)
        learners = course.learners()
    except OSError as error:
        print(f"{error.filename} is missing: make assignment makes a course folder.")
        return 2
    limits = sandbox.Limits(memory_mib=options.memory)
    with tempfile.TemporaryDirectory(prefix="grade-") as box:
        how = sandbox.best_walls(Path(box))
        cache = Path(box, "cache")
        cache.mkdir()
        print(f"Each submission runs in its own process; protection: {how}.")
        for what in sandbox.missing(how):
            print(f"Not prevented here: a submission can {what}.")
        slowest, failed = _solution(course, how, limits, cache)
        if failed:
            print(f"The solution itself does not pass here, so nothing was graded:\n{failed}")
            return 2
        limit = options.cell_seconds or 20 + 10 * slowest
        limits = replace(limits, cell_seconds=limit, seconds=10 * limit + 300)
        done = []
        with ThreadPoolExecutor(options.workers) as pool:
            work = [pool.submit(course.grade, who, limits, how, cache) for who in learners]
            for number, future in enumerate(as_completed(work), 1):
                graded = future.result()
                try:
                    course.save(graded)
                except Exception as error:
                    graded.look.append(f"not saved: {type(error).__name__}: {error}")
                done.append(graded)
                print(f"{number}/{len(work)} {graded.learner}: {graded.points:g}", flush=True)
    print("", _report(course, done), f"\nThe table: {course.folder}/grades", sep="\n")
    return int(any("not saved" in note for graded in done for note in graded.look))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
