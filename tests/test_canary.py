"""Were nbval gone: a lesson run by nbclient and compared with what is saved, without nbval.

nbval's last release is of March 2024. This test says early that the comparison does not hang on it;
docs/reliability.md says how to switch. It compares what nbval compares: text, tables, errors and
lines on stderr, after the replacements of nbval_sanitize.cfg; not the pixels of pictures.
"""

import re
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from execute import execute

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ["notebooks/06_transposed_convolutions.ipynb"]
SANITIZE = (ROOT / "tests" / "nbval_sanitize.cfg").read_text("utf-8")
RULES = re.findall(r"^regex: (.*)\nreplace: (.*)$", SANITIZE, re.M)


def seen(cell):
    """What a cell shows, made comparable: the text of each stream, and of each other output."""
    streams, others = {}, []
    for output in cell.outputs:
        if output.output_type == "stream":
            streams[output.name] = streams.get(output.name, "") + output.text
        elif output.output_type == "error":
            others.append((output.ename, output.evalue))
        else:
            texts = {kind: text for kind, text in output.data.items() if kind.startswith("text/")}
            others.append({kind: clean(text) for kind, text in texts.items()})
    return {name: clean(text) for name, text in streams.items()}, others


def clean(text):
    """The text after nbval's replacements; of a line that was written over, its last state."""
    text = re.sub(r"[^\n]*\r(?=[^\n])", "", text)
    for found, put in RULES:
        text = re.sub(found, put, text)
    return text.strip()


def differences(saved, fresh):
    """The numbers of the code cells that show something else than is saved."""
    pairs = zip(saved.cells, fresh.cells, strict=True)
    code = [(a, b) for a, b in pairs if a.cell_type == "code"]
    return [
        number
        for number, (a, b) in enumerate(code, 1)
        if "nbval-ignore-output" not in a.metadata.get("tags", []) and seen(a) != seen(b)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_shows_what_is_saved(name):
    saved = nbformat.read(ROOT / name, 4)
    fresh = deepcopy(saved)
    for cell in fresh.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    execute(fresh, ROOT / name)
    assert differences(saved, fresh) == []


def test_a_difference_is_found_and_a_measured_number_is_none():
    saved = nbformat.read(ROOT / LESSONS[0], 4)
    code = [cell for cell in saved.cells if cell.cell_type == "code"]
    tables = [i for i, c in enumerate(code, 1) if "measured" in str(c.outputs)]
    fresh = deepcopy(saved)
    for cell in fresh.cells:
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                html = output.data["text/html"]
                output.data["text/html"] = re.sub(r'(class="measured">)[^<]+', r"\g<1>7", html)
    assert tables and differences(saved, fresh) == []
    number = tables[0]
    nth = [cell for cell in fresh.cells if cell.cell_type == "code"][number - 1]
    nth.outputs = nth.outputs[:-1]
    assert differences(saved, fresh) == [number]
