"""Make slides of each lesson from its saved notebook: ``make slides``, into build/slides.

A slide for each figure: the section's question, at the next press of a key the figure, and then the
claims that held. Each lesson is one file, which asks nothing of the network: the pictures and
reveal.js 5.2.1 (docs/workshop/reveal, MIT license) are in it, and equations are MathML.
"""

import html
import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from latex2mathml.converter import convert
from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
sys.path.insert(0, str(ROOT / "tests"))

from facts import Lesson, read_facts  # noqa: E402 (the tests read a lesson's facts, too)

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>{reveal}</style>
<style>{style}</style>
<div class="reveal"><div class="slides">
{slides}
</div></div>
<script>{script}</script>
<script>Reveal.initialize({{width: 1280, height: 720, margin: 0.04, center: false, display: "flex",
  hash: true, controls: false, slideNumber: "c/t", transition: "none",
  pdfSeparateFragments: false}});</script>
</html>
"""


class Figure(NamedTuple):
    """A saved picture: its kind, such as image/png, its bytes in base64, its alt text."""

    kind: str
    content: str
    alt: str

    def html(self, more: str = "") -> str:
        """The picture as an element of a page."""
        source = f"data:{self.kind};base64,{''.join(self.content.split())}"
        return f'<img src="{source}" alt="{html.escape(self.alt)}" {more}>'


class Part:
    """What is on one slide: a section's number and title, a question, a figure, claims."""

    def __init__(self, section: str, title: str, question: str) -> None:
        self.section, self.title, self.question = section, title, question
        self.figure: Figure | None = None
        self.claims: list[dict] = []  # as ae_helpers.claims puts them into an output's metadata


def read_lesson(notebook: nbformat.NotebookNode) -> tuple[Lesson, list[Part], list[str]]:
    """A lesson's facts, its parts in order, and its key points, as Markdown."""
    parts: list[Part] = []
    for cell in notebook.cells[1:]:
        if cell.cell_type == "markdown":
            _read_text(cell.source, parts)
        for output in cell.get("outputs", []):
            if claim := output.get("metadata", {}).get("claim"):
                parts[-1].claims.append(claim)
            elif figure := _read_figure(output):
                if parts[-1].figure:
                    parts.append(Part(parts[-1].section, parts[-1].title, ""))
                parts[-1].figure = figure
    points = notebook.cells[-1].source.partition("## Key points")[2].partition("\n## ")[0]
    return read_facts(notebook), parts, re.findall(r"^- (.*)", points, flags=re.M)


def _read_text(text: str, parts: list[Part]) -> None:
    """Begin a part at each heading of a section, and at a prediction if one has its figure."""
    for piece in re.split(r"^(?=## |\*\*Predict\*\*)", text, flags=re.M):
        if heading := re.match(r"## (\d+\.\d+) (.*)", piece):
            asked = re.search(r"(?:^|(?<=[.:] ))[A-Z`*][^.:?\n$]+\?", piece, flags=re.M)
            parts.append(Part(*heading.groups(), asked[0] if asked else ""))
        elif piece.startswith("**Predict**"):
            asked = piece.removeprefix("**Predict**").partition("\n\n")[0].strip()
            asked = asked[: asked.rfind("?") + 1] or asked
            if asked[0].islower():
                asked = f"Predict {asked}"
            if parts[-1].figure:
                parts.append(Part(parts[-1].section, parts[-1].title, asked))
            parts[-1].question = asked


def _read_figure(output: nbformat.NotebookNode) -> Figure | None:
    """The picture of an output, unless it is the still picture of a slider."""
    data = output.get("data", {})
    if "application/vnd.jupyter.widget-view+json" not in data:
        for kind in ("image/png", "image/gif"):
            if kind in data:
                return Figure(kind, data[kind], output.metadata[kind]["alt"])
    return None


def render(text: str) -> str:
    """A line of Markdown as HTML, its equations as MathML, its links as plain words."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    equations = re.findall(r"\$([^$]+)\$", text)
    text = MarkdownIt().renderInline(re.sub(r"\$[^$]+\$", "§", text))
    for equation in equations:
        text = text.replace("§", convert(equation), 1)
    return text


def show_claim(claim: dict) -> str:
    """A claim as an item of a list, with its two numbers if it has them."""
    numbers = ""
    if claim["sign"]:
        numbers = f"{claim['left']:.3g} {claim['sign']} {claim['right']:.3g}"
    return f"<li>{render(claim['text'])} <small>{html.escape(numbers)}</small></li>"


def show_part(part: Part) -> str:
    """A slide."""
    slide = f"<section>\n<h2><b>{part.section}</b> {render(part.title)}</h2>\n"
    if part.question:
        slide += f'<p class="question">{render(part.question)}</p>\n'
    if part.figure:
        slide += part.figure.html('class="fragment" data-fragment-index="0"' * bool(part.question))
    if part.claims:
        items = "".join(map(show_claim, part.claims))
        slide += f'\n<ul class="claims fragment" data-fragment-index="1">{items}</ul>'
    return f"{slide}\n</section>"


def make_slides(path: Path) -> str:
    """A lesson's slides, as a page."""
    lesson, parts, points = read_lesson(nbformat.read(path, 4))
    slides = [
        f'<section class="title">\n<p>{lesson.number}</p>\n<h1>{render(lesson.title)}</h1>\n'
        f'<p class="question">{render(lesson.question)}</p>\n</section>'
    ]
    slides += [show_part(part) for part in parts if part.question or part.figure or part.claims]
    items = "".join(f"<li>{render(point)}</li>" for point in points)
    slides.append(f'<section>\n<h2>Key points</h2>\n<ul class="points">{items}</ul>\n</section>')
    return PAGE.format(
        title=html.escape(f"{lesson.number} · {lesson.title}"),
        reveal=(HERE / "reveal" / "reveal.css").read_text("utf-8"),
        style=(HERE / "slides.css").read_text("utf-8"),
        script=(HERE / "reveal" / "reveal.js").read_text("utf-8").partition("\n//# source")[0],
        slides="\n".join(slides),
    )


def main(folder: Path = ROOT / "build" / "slides") -> None:
    """Write the slides of every lesson into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        page = make_slides(path)
        target = folder / f"{path.stem}.html"
        target.write_text(page, encoding="utf-8")
        print(f"{target}: {page.count('<section')} slides")


if __name__ == "__main__":
    main()
