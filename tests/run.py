"""Run notebooks from top to bottom, each in a fresh kernel, and tell how it went.

``make run`` writes them as HTML into ``build``; ``make refresh`` saves their outputs in them. Or:
``python tests/run.py [--save] [--limit SECONDS] [notebook ...]``.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import nbformat
from execute import CellFailedError, execute
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from tqdm import tqdm

from ae_helpers.workspace import write_atomically

BUILD = Path("build")
# What the template "classic" would fetch from other hosts: MathJax, jQuery and more.
NOTHING_FETCHED = """{% extends "index.html.j2" %}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_css %}<style>math { font-size: 115%; }</style>{% endblock %}"""


class Run(NamedTuple):
    """How a notebook ran; ``failure`` says what went wrong, and is empty where nothing did."""

    path: Path
    failure: str
    seconds: float = 0.0
    slowest: float = 0.0
    peak_mib: float | None = None

    def __str__(self) -> str:
        peak = f"{self.peak_mib:6.0f} MiB" if self.peak_mib else "     -"
        return (
            f"{'✗' if self.failure else '✓'} {self.path.stem:32} {self.seconds:6.1f} s"
            f"   slowest cell {self.slowest:5.1f} s   peak memory {peak}"
        )


class _Renderer(IPythonRenderer):
    def inline_math(self, body: str) -> str:
        return _mathml(body, "inline")

    def block_math(self, body: str) -> str:
        return _mathml(body, "block")

    def latex_environment(self, name: str, body: str) -> str:
        return _mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", "block")


def _mathml(body: str, display: str) -> str:
    try:
        return convert(body, display=display)
    except Exception as error:  # each of its errors is a class of its own
        raise ValueError(f"the equation {body} is not TeX: {type(error).__name__}") from error


def to_html(notebook: NotebookNode, name: str) -> str:
    """Write a notebook as HTML that reads without a network.

    Equations become MathML; a slider becomes the picture that it showed first.
    """
    page = nbformat.from_dict(notebook)
    page.metadata.pop("widgets", None)
    # "classic" is the template that writes the text alternatives of figures.
    exporter = HTMLExporter(template_name="classic", raw_template=NOTHING_FETCHED)
    exporter.register_filter("markdown2html", MarkdownWithMath(_Renderer(escape=False)).render)
    return exporter.from_notebook_node(page, {"metadata": {"name": name}})[0]


def run(path: Path, save: bool, limit: float) -> Run:
    """Run a notebook with a progress bar; save it if every cell ran, or write it as HTML."""
    target = path if save else BUILD / f"{path.stem}.html"
    try:
        notebook = nbformat.read(path, as_version=4)
    except OSError as error:
        return Run(path, f"it cannot be read: {error.strerror}")
    except Exception as error:  # whatever nbformat makes of a file that holds something else
        return Run(path, f"it is not a notebook: {error}")
    try:  # now, not when the work is done
        target.parent.mkdir(exist_ok=True)
        tempfile.TemporaryFile(dir=target.parent).close()
    except OSError as error:
        return Run(path, f"nothing can be written into {target.parent}: {error.strerror}")
    seconds, peaks, failure = [0.0], [None], ""
    start = time.perf_counter()
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    with tqdm(total=cells, desc=path.stem, unit="cell", leave=False) as bar:

        def count(cell_seconds, mib):
            seconds.append(cell_seconds)
            peaks.append(mib)
            bar.update()

        try:
            execute(notebook, path, limit, count)
        except CellFailedError as error:
            failure = str(error)
    result = Run(path, failure, time.perf_counter() - start, max(seconds), peaks[-1])
    if not save:
        write_atomically(target, to_html(notebook, path.stem))
    elif not failure:
        write_atomically(target, nbformat.writes(notebook) + "\n")
    return result


def main(arguments: list[str]) -> int:
    """Run notebooks one after another; 0 if there were any and every cell of each ran, else 1."""
    parser = argparse.ArgumentParser(prog="python tests/run.py", description=__doc__)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all in notebooks/")
    parser.add_argument("--save", action="store_true", help="save outputs into the notebooks")
    parser.add_argument("--limit", type=float, default=300, help="seconds for a cell (%(default)s)")
    chosen = parser.parse_args(arguments)
    runs = []
    for path in chosen.notebooks or sorted(Path("notebooks").glob("*.ipynb")):
        runs.append(run(path, chosen.save, chosen.limit))
        print(runs[-1], flush=True)
    failed = [r for r in runs if r.failure]
    seconds = sum(r.seconds for r in runs)
    print(f"\n{len(runs) - len(failed)} of {len(runs)} notebooks ran, {seconds:.0f} s in all.")
    for r in failed:
        print(f"✗ {r.path}: {r.failure}")
    return 1 if failed or not runs else 0


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")  # a Windows console may not know ✓
    sys.exit(main(sys.argv[1:]))
