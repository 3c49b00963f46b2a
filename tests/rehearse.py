"""Rehearse the teaching plans against the clock: ``make rehearse``.

Runs the sections that each plan of ``docs/workshop/plans.md`` names, and only these, in its order,
one kernel for each lesson of a plan. Each cell counts twice: a machine at half speed. A row passes
if its cells take at most half of its minutes, since the room needs the rest. The result goes into
``docs/benchmarks.md``. Or: ``python tests/rehearse.py [words of a plan's name ...]``.
"""

import re
import sys
import time
from pathlib import Path
from typing import NamedTuple

import nbformat
from benchmark_page import save_section
from execute import CellFailedError, execute
from facts import sections

ROOT = Path(__file__).resolve().parents[1]
PLANS = ROOT / "docs" / "workshop" / "plans.md"
HALF_SPEED, SHARE = 2, 0.5


class Row(NamedTuple):
    """A row of a plan: from minute to minute, the sections that are run live, what is done."""

    start: int
    end: int
    sections: tuple[str, ...]
    text: str


class Plan(NamedTuple):
    """A table of rows under a heading that says how many minutes it takes."""

    name: str
    minutes: int
    rows: list[Row]


def read_plans(text: str) -> list[Plan]:
    """Every plan of the page: a heading '... N minutes ...' and its table.

    Examples
    --------
    >>> page = "## Short: 15 minutes\\n| 0–10 | 2.1, 2.2 | Talk. | |\\n"
    >>> page += "| 10–15 | — | Exercise 2.1. | |\\n"
    >>> plan, = read_plans(page)
    >>> plan.minutes, plan.rows[0].sections, plan.rows[1].end
    (15, ('2.1', '2.2'), 15)
    """
    plans = []
    for heading, part in re.findall(r"^##+ (.*)\n((?:(?!#).*\n?)*)", text, flags=re.M):
        minutes = re.search(r"(\d+) minutes", heading)
        if minutes and "\n|" in f"\n{part}":
            rows = []
            for line in re.findall(r"^\| (\d+–\d+ \|.*)", part, flags=re.M):
                times, live, *rest = line.split(" | ")
                start, end = map(int, times.split("–"))
                sections = tuple(re.findall(r"\d+\.\d+", live))
                rows.append(Row(start, end, sections, " | ".join(rest)))
            plans.append(Plan(heading, int(minutes[1]), rows))
    return plans


def read_lesson(number: int) -> tuple[Path, nbformat.NotebookNode]:
    """A lesson's path and notebook."""
    path = next((ROOT / "notebooks").glob(f"{number:02}_*.ipynb"))
    return path, nbformat.read(path, 4)


def measure(number: int, names: tuple[str, ...]) -> dict[str, float]:
    """Run some sections of a lesson in a fresh kernel: the seconds that each takes.

    The imports count with the first. Raises CellFailedError if a section needs one that is missing.
    """
    path, notebook = read_lesson(number)
    cells = {
        name: [cell for cell in part if cell.cell_type == "code"]
        for name, part in sections(notebook).items()
    }
    owners = [names[0]] * len(cells[""])
    notebook.cells = list(cells[""])
    for name in names:
        notebook.cells += cells[name]
        owners += [name] * len(cells[name])
    seconds = []
    try:
        execute(notebook, path, on_cell=lambda spent, _: seconds.append(spent))
    except CellFailedError as error:
        raise CellFailedError(f"section {owners[len(seconds)]}: {error}") from None
    total = dict.fromkeys(names, 0.0)
    for name, spent in zip(owners, seconds, strict=True):
        total[name] += spent
    return total


def rehearse(plan: Plan, measured: dict) -> list[tuple[Row, float]]:
    """Each row that runs something, with the seconds that its cells take at half speed."""
    named = [name for row in plan.rows for name in row.sections]
    seconds = {}
    for number in dict.fromkeys(int(name.partition(".")[0]) for name in named):
        key = number, tuple(n for n in named if n.startswith(f"{number}."))
        if key not in measured:
            measured[key] = measure(*key)
        seconds |= measured[key]
    return [
        (row, HALF_SPEED * sum(seconds[n] for n in row.sections))
        for row in plan.rows
        if row.sections
    ]


def report(results: dict[str, list[tuple[Row, float]]]) -> str:
    """The section for docs/benchmarks.md: for each plan the row that is nearest to its limit."""
    lines = [
        "## Rehearsal of the teaching plans\n\n"
        "Written by `make rehearse`. The sections that each plan runs live, in its order; each "
        "cell counts twice, as on a machine at half speed. A row passes if its cells take at most "
        "half of its minutes.\n\n"
        "| plan | minutes of cells | tightest row | its cells, s | it allows, s | rows over |\n"
        "|---|---|---|---|---|---|\n"
    ]
    for name, rows in results.items():
        row, spent = max(rows, key=lambda r: r[1] / (r[0].end - r[0].start))
        over = sum(s > limit(r) for r, s in rows)
        lines.append(
            f"| {name} | {sum(s for _, s in rows) / 60:.1f} | {row.start}–{row.end}: "
            f"{', '.join(row.sections)} | {spent:.0f} | {limit(row):.0f} | {over} |\n"
        )
    return "".join(lines)


def limit(row: Row) -> float:
    """The seconds that a row's cells may take."""
    return SHARE * 60 * (row.end - row.start)


def main(words: list[str]) -> int:
    """Rehearse every plan, or those whose name holds one of the words; 1 if a row is over."""
    plans = read_plans(PLANS.read_text(encoding="utf-8"))
    chosen = [p for p in plans if not words or any(w.lower() in p.name.lower() for w in words)]
    results, measured, failed = {}, {}, not chosen
    for plan in chosen:
        start = time.perf_counter()
        try:
            rows = rehearse(plan, measured)
        except CellFailedError as error:
            print(f"✗ {plan.name}: {error}", flush=True)
            failed = True
            continue
        for row, seconds in rows:
            over = seconds > limit(row)
            failed |= over
            print(f"{'✗' if over else '✓'} {row.start:3}–{row.end:<3} {seconds:4.0f} s of "
                  f"{limit(row):4.0f} s   {', '.join(row.sections)}")  # fmt: skip
        if rows:
            results[plan.name] = rows
        print(f"{plan.name}: {time.perf_counter() - start:.0f} s\n", flush=True)
    if results and not words:
        save_section("rehearsal", report(results))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
