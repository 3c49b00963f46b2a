"""Make a printed page for each lesson, what a teacher needs at a glance: ``make handout``.

Writes build/handout: a page for each lesson, all of them as ``all.html``, and, where Chromium is
installed, ``all.pdf`` with one A4 page for each. What is said comes from the saved notebooks,
the exercises and docs/workshop/plans.md.
"""

import html
import re
import subprocess
import sys
from pathlib import Path

import nbformat
from slides import ROOT, Part, read_lesson, render

sys.path.insert(0, str(ROOT / "tests"))

from chromium import find_chromium
from facts import sections
from rehearse import PLANS, Plan, read_plans

FIGURES = {  # lesson: the section of its figure, and which one there
    0: ("0.1", 0), 1: ("1.5", -1), 2: ("2.12", -1), 3: ("3.10", 1), 4: ("4.9", 0), 5: ("5.10", 0),
    6: ("6.2", 0), 7: ("7.3", 0), 8: ("8.6", -1), 9: ("9.2", 0), 10: ("10.4", 0),
}  # fmt: skip
NUMBERS = {
    "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10, "twelve": 12,
    "fifteen": 15, "twenty": 20,
}  # fmt: skip
LONG = 3  # seconds from which a section is said to run long
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{style}</style>
{pages}
</html>
"""


def running_seconds(notebook: nbformat.NotebookNode) -> dict[str, float]:
    """The seconds that each section takes at least: what its text announces, what its progress
    bars say in the saved run, or the longer time of a timed claim, whichever is most.
    """
    found = {}
    for section, cells in sections(notebook).items():
        said, shown, claimed = 0, 0, [0]
        for cell in cells:
            if cell.cell_type == "markdown":
                for word in re.findall(r"\b[Aa]bout (\w+) seconds", cell.source):
                    said += int(word) if word.isdigit() else NUMBERS.get(word, 0)
            for output in cell.get("outputs", []):
                bars = re.findall(r"100%\|.*?(?:epochs, |\[)(\d+):(\d\d)", output.get("text", ""))
                shown += sum(60 * int(m) + int(s) for m, s in bars)
                claim = output.get("metadata", {}).get("claim", {})
                if claim.get("timed"):
                    claimed += [claim["left"], claim["right"]]
        found[section] = max(said, shown, *claimed)
    return found


def read_exercises(path: Path) -> tuple[str, dict[str, str]]:
    """The minutes that a lesson's exercises take, and their titles by number."""
    if not path.exists():
        return "no exercises", {}
    text = "\n".join(c.source for c in nbformat.read(path, 4).cells if c.cell_type == "markdown")
    minutes = re.search(r"\*\*Time\*\* (.*? minutes)", text)[1]
    return f"exercises {minutes}", dict(re.findall(r"^## (\d+\.\d+) (.*)", text, flags=re.M))


def read_advice(plans: list[Plan], number: int) -> tuple[list[str], dict[str, str]]:
    """What the plans say of a lesson: the exercises for the class, what to do if late.

    Of the second, each section's first advice, the weekly sessions before the other plans.
    """
    exercises, late = [], {}
    for plan in sorted(plans, key=lambda plan: not plan.name.startswith("Session")):
        for row in plan.rows:
            exercises += re.findall(rf"Exercise ({number}\.\d+)", row.text)
            advice = row.text.rpartition(" | ")[2].strip(" |")
            mine = [name for name in row.sections if name.startswith(f"{number}.")]
            if mine and advice and not late.keys() & mine:
                late |= dict.fromkeys(mine, "") | {mine[-1]: f"{', '.join(mine)}: {advice}"}
    return list(dict.fromkeys(exercises)), {name: text for name, text in late.items() if text}


def _rows(parts: list[Part], seconds: dict[str, float]) -> str:
    """A row for each section: its number, its questions, the seconds if it runs long."""
    rows = ""
    for section in dict.fromkeys(part.section for part in parts):
        mine = [part for part in parts if part.section == section]
        asked = " <br>".join(render(part.question) for part in mine if part.question)
        runs = seconds.get(section, 0)
        rows += (
            f"<tr><th scope=row>{section}</th><td><b>{render(mine[0].title)}</b> {asked}</td>"
            f"<td>{f'{runs:.0f} s' if runs >= LONG else ''}</td></tr>\n"
        )
    return rows


def make_page(path: Path, plans: list[Plan]) -> str:
    """A lesson's page, as an element of an HTML page."""
    notebook = nbformat.read(path, 4)
    lesson, parts, points = read_lesson(notebook)
    seconds = running_seconds(notebook)
    minutes, titles = read_exercises(ROOT / "exercises" / path.name)
    exercises, late = read_advice(plans, lesson.number)
    section, place = FIGURES[lesson.number]
    figure = [part.figure for part in parts if part.section == section and part.figure][place]
    needs = ", ".join(map(str, lesson.needs)) or "nothing before it"
    text = (
        f"<article>\n<header><h1>{lesson.number} · {render(lesson.title)}</h1>\n"
        f'<p class="question">{render(lesson.question)}</p>\n'
        f"<p>reading {lesson.reading} min · running {lesson.running} s · {minutes} · "
        f"needs {needs}</p></header>\n<main>\n<table><thead><tr><th scope=col></th>"
        "<th scope=col>Section, and what to ask</th><th scope=col>At least</th></tr></thead>\n"
        f"<tbody>{_rows(parts, seconds)}</tbody></table>\n<div>{figure.html()}\n"
    )
    text += _list("Key points", points)
    text += _list("For the class", [f"Exercise {n}: {titles[n]}" for n in exercises])
    text += _list("If late, what goes first", list(late.values()))
    return f"{text}</div>\n</main>\n</article>\n"


def _list(title: str, items: list[str]) -> str:
    """A heading and a list, or nothing if the list is empty."""
    shown = "".join(f"<li>{render(item)}</li>" for item in items)
    return f"<h2>{title}</h2>\n<ul>{shown}</ul>\n" if items else ""


def print_pdf(chromium: str, page: Path, pdf: Path) -> None:
    """Let Chromium print a page."""
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-pdf-header-footer",
        "--virtual-time-budget=5000",
    ]
    command = [chromium, *options, f"--print-to-pdf={pdf}", page.resolve().as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def main(folder: Path = ROOT / "build" / "handout") -> None:
    """Write the pages of all lessons into a folder, and print them if there is a Chromium."""
    folder.mkdir(parents=True, exist_ok=True)
    style = (Path(__file__).parent / "handout.css").read_text("utf-8")
    plans = read_plans(PLANS.read_text("utf-8"))
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    made = {path.stem: make_page(path, plans) for path in paths}
    for name, pages in (made | {"all": "".join(made.values())}).items():
        text = PAGE.format(title=html.escape(name), style=style, pages=pages)
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    chromium = find_chromium()
    if chromium:
        print_pdf(chromium, folder / "all.html", folder / "all.pdf")
    print(f"{folder}: {len(made)} pages{', and all.pdf' * bool(chromium)}")


if __name__ == "__main__":
    main()
