"""The audit can fail: a good notebook passes every check, and each bad one fails the right one."""

import json

import audit
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

OPENING = """# 2 · Small things

Why is a small thing smaller than a large one? Whoever builds boxes has to know, and so do we,
because everything later stands on it.

**You will be able to**

- tell small from large
- measure both
- doubt what you measured

**You need** [1 · Large things](01_large.ipynb)

**Time** reading 10 min · running 20 s"""

SETUP = """import keras
import numpy as np

from ae_helpers.claims import claim

keras.utils.set_random_seed(0)"""

MEASURE = """limit = 0.5
small = np.random.default_rng(0).random(3) / 10
claim("A small thing is below one half", small.max() < limit)"""

CLOSING = """## Key points

- Small is small.
- Large is large.
- Both were measured.

## Exercises

[Exercises](../exercises/02_small.ipynb)

## Going further

- Small and Large (1999), *On size*, doi:10.1000/182.
- Medium (2020), *In between*,
  arXiv:2001.00001.

**Next** [3 · Medium things](03_medium.ipynb)"""


def _picture(**metadata):
    return new_output("display_data", {"image/png": "aGVsbG8="}, metadata={"image/png": metadata})


@pytest.fixture
def path(tmp_path):
    """Where the notebook lies, among its neighbors."""
    (tmp_path / "notebooks").mkdir()
    for name in ("01_large.ipynb", "03_medium.ipynb"):
        (tmp_path / "notebooks" / name).touch()
    return tmp_path / "notebooks" / "02_small.ipynb"


@pytest.fixture
def good(path):
    """A small notebook without a fault; cells 1, 3, 5 and 7 hold code."""
    notebook = new_notebook(
        cells=[
            new_markdown_cell(OPENING),
            new_code_cell(SETUP),
            new_markdown_cell("## 2.1 Small\n\n**Predict** How small? `colour = simply`"),
            new_code_cell(MEASURE, outputs=[_picture(alt="A small thing, in gray.")]),
            new_markdown_cell("It is small.\n\n## 2.2 Large\n\n**Predict** How large?"),
            new_code_cell('claim("It is no larger now", small.min() < limit)'),
            new_markdown_cell("**Predict** And twice? See [above](#2.1-Small)."),
            new_code_cell('claim("Twice small is small", (2 * small < limit).all())'),
            new_markdown_cell(CLOSING),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    for i, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{i}"
    for i, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), 1):
        cell.execution_count = i
    return notebook


def _faults(check, notebook, path):
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return list(check(audit.read(path), path))


@pytest.mark.parametrize("check", audit.CHECKS, ids=lambda check: check.__name__)
def test_a_good_notebook_has_no_fault(check, good, path):
    assert _faults(check, good, path) == []


def _edit(i, old, new):
    def change(notebook):
        assert old in notebook.cells[i].source
        notebook.cells[i].source = notebook.cells[i].source.replace(old, new)

    return change


def _add(i, text):
    return lambda notebook: notebook.cells[i].update(source=notebook.cells[i].source + text)


def _output(i, output):
    return lambda notebook: notebook.cells[i].outputs.append(output)


def _claim(arguments):
    return lambda notebook: notebook.cells[5].update(source=f"fixed = 3\nclaim({arguments})")


def _tag(name):
    def change(notebook):
        notebook.cells[3].metadata["tags"] = [name]

    return change


def _swap(notebook):
    a, b = notebook.cells[3], notebook.cells[5]
    a.execution_count, b.execution_count = b.execution_count, a.execution_count


def _same_id(notebook):
    notebook.cells[3]["id"] = notebook.cells[2]["id"]


def _no_markdown_first(notebook):
    notebook.cells.insert(0, new_code_cell("x = 1"))


BAD = [
    # check, change, part of what it says
    (audit.check_opening, _edit(0, "# 2 ·", "# 3 ·"), "not '# 2 · Title'"),
    (audit.check_opening, _edit(0, "# 2 ·", "# 2."), "not '# 2 · Title'"),
    (audit.check_opening, _no_markdown_first, "not Markdown"),
    (audit.check_opening, _edit(0, "**You need**", "You need"), "lacks **You need**"),
    (audit.check_opening, _edit(0, "- measure both\n", ""), "2 things"),
    (audit.check_opening, _edit(0, "- measure both\n", "- measure\n" * 4), "6 things"),
    (audit.check_opening, _edit(0, "(01_large.ipynb)", ""), "links to no notebook"),
    (audit.check_opening, _edit(0, "running 20 s", "running"), "the time is not written"),
    (audit.check_opening, _edit(0, "running 20 s", "running 91 s"), "its budget is 90 s"),
    (audit.check_opening, _edit(0, OPENING.split("\n\n")[1], "Why?"), "no paragraph"),
    (audit.check_setup_cell, _output(1, new_output("stream", text="hello")), "prints"),
    (audit.check_setup_cell, _add(5, "\nimport os"), "code cell 3 imports"),
    (audit.check_setup_cell, lambda n: n.cells[1].update(source="x = 1"), "imports nothing"),
    (audit.check_setup_cell, lambda n: n.cells.insert(1, n.cells[2]), "not the setup cell"),
    (audit.check_seeds, _edit(1, "set_random_seed(0)", "clear_session()"), "set_random_seed"),
    (audit.check_seeds, _edit(3, "default_rng(0)", "default_rng()"), "without a seed"),
    (audit.check_seeds, _edit(3, "default_rng(0).random", "rand"), "np.random.rand"),
    (audit.check_sections, _edit(4, "## 2.2", "## 2.3"), "should be numbered 2.2"),
    (audit.check_sections, _edit(4, "## 2.2 Large", "Large"), "fewer than two"),
    (audit.check_sections, _edit(4, "## 2.2", "## "), "has no number"),
    (audit.check_sections, _edit(4, "## 2.2", "# 2.2"), "exactly one title"),
    (audit.check_sections, _edit(8, "## Key points", "Key points"), "does not end with"),
    (audit.check_sections, _edit(8, "**Next**", "Next"), "what comes next"),
    (audit.check_closing, _edit(8, "- Large is large.\n", ""), "2 key points"),
    (audit.check_closing, _edit(8, "- Large is large.\n", "- Large.\n" * 4), "6 key points"),
    (audit.check_closing, _edit(8, "02_small.ipynb", "02_other.ipynb"), "does not link"),
    (audit.check_closing, _edit(8, "(1999)", "last year"), "no year"),
    (audit.check_closing, _edit(8, "doi:10.1000/182", "a book"), "no DOI"),
    (audit.check_closing, lambda n: n.cells[8].update(source=CLOSING.split("- Small and")[0]),
     "lists nothing"),
    (audit.check_predictions, _edit(6, "**Predict**", "Predict"), "2 predictions"),
    (audit.check_executed_in_one_go, _swap, "[1, 3, 2, 4]"),
    (audit.check_executed_in_one_go, lambda n: n.cells[7].update(execution_count=None), "None"),
    (audit.check_executed_in_one_go, lambda n: n.cells[7].update(source=" "), "is empty"),
    (audit.check_cell_length, _add(3, "\nx = 1" * 23), "26 lines"),
    (audit.check_outputs, _output(3, new_output("error", ename="E", evalue="")), "error: E"),
    (audit.check_outputs, _output(3, new_output("stream", name="stderr", text="W")), "stderr"),
    (audit.check_outputs, _output(3, new_output("execute_result", {"text/plain": "<Figure size"})),
     "echoes"),
    (audit.check_outputs, _add(3, "\nplt.show()"), "plt.show"),
    (audit.check_alt_text, _output(5, _picture()), "code cell 3 has no text"),
    (audit.check_alt_text, _output(5, _picture(alt="plot")), "code cell 3 has no text"),
    (audit.check_alt_text, _add(4, "\n![](a.png)"), "in the text"),
    (audit.check_alt_text, _add(4, '\n<img src="a.png">'), "in the text"),
    (audit.check_share_of_ignored_cells, _tag("nbval-ignore-output"), "1 of 4"),
    (audit.check_share_of_ignored_cells, _tag("nbval-skip"), "1 of 4"),
    (audit.check_share_of_ignored_cells, _add(3, "\n# NBVAL_IGNORE_OUTPUT"), "1 of 4"),
    (audit.check_claims, _claim('"It holds", True'), "cannot fail: True"),
    (audit.check_claims, _claim('"It holds", 1 < 2'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", fixed < 4'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", limit < 4'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", np.pi > 3'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", bool(1)'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", small.max() < 1 or True'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", small.max() < 1 or fixed'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", small.max() == small.max()'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", holds=not False'), "cannot fail"),
    (audit.check_claims, _claim('f"It is {small:.3f}", small.max() < 1'), "is computed"),
    (audit.check_claims, _claim('f"It is {small.max()}", small.max() < 1'), "is computed"),
    (
        audit.check_claims,
        _output(5, new_output("display_data", {"text/plain": "✓ It is 0.0417"})),
        "tells a measured number",
    ),
    (audit.check_claims, _claim('"It holds"'), "a sentence and a condition"),
    (audit.check_claims, lambda n: n.cells[5].update(source="x = 1"), "makes 2 claims"),
    (audit.check_links, _edit(0, "01_large.ipynb", "01_gone.ipynb"), "01_gone.ipynb leads"),
    (audit.check_links, _add(4, "\n[it](../docs/gone.md#part)"), "../docs/gone.md leads"),
    (audit.check_links, _add(4, '\n<a href="gone.md">it</a>'), "gone.md leads"),
    (audit.check_links, _add(4, "\n[it](../exercises/03_medium.ipynb)"), "03_medium.ipynb leads"),
    (audit.check_words, _add(4, " It is Simply small."), "says 'Simply'"),
    (audit.check_words, _add(5, "\n# obviously"), "says 'obviously'"),
    (audit.check_words, _add(4, " Its colour."), "spells 'colour'"),
    (audit.check_words, _add(4, " We normalise."), "spells 'normalise'"),
    (audit.check_words, _add(4, " \U0001f389"), "an emoji"),
    (audit.check_file, _add(4, "x" * 1_500_000), "1.50 MB"),
    (audit.check_file, _same_id, "2 cells have the id"),
    (audit.check_file, lambda n: n.update(nbformat_minor=4), "4.4, not 4.5"),
    (audit.check_file, lambda n: n.metadata.kernelspec.update(name="conda-env"), "kernel"),
]  # fmt: skip


@pytest.mark.parametrize("check, change, told", BAD)
def test_a_bad_notebook_is_caught(check, change, told, good, path):
    change(good)
    faults = _faults(check, good, path)
    assert any(told in fault for fault in faults), faults


def test_every_check_is_seen_to_fail():
    assert {check for check, _, _ in BAD} == set(audit.CHECKS)


@pytest.mark.parametrize(
    "condition",
    [
        "small.max() < 1",
        "all(s < 1 for s in small)",
        "small.max() < 1 or small.min() < 0",
        "True and small.max() < 1",
        "np.allclose(small, fixed)",
        "fixed < small.sum()",
        "errors[0] < 1",
    ],
)
def test_an_honest_claim_passes(condition, good, path):
    _claim(f'f"It holds for {{name}}", {condition}')(good)
    good.cells[3].source += "\nerrors = []\nerrors.append(small.max())"
    assert _faults(audit.check_claims, good, path) == []


def test_a_name_that_is_measured_later_is_no_constant(good, path):
    good.cells[7].source = 'limit = small.max()\nclaim("It holds", limit < 1)'
    assert _faults(audit.check_claims, good, path) == []


@pytest.mark.parametrize("place", ["", "solutions/"])
def test_a_link_to_exercises_may_dangle_only_until_they_exist(place, good, path):
    folder = path.parent.parent / "exercises" / place
    folder.mkdir(parents=True)
    assert _faults(audit.check_links, good, path) == []
    (folder / "02_small.ipynb").touch()
    assert len(_faults(audit.check_links, good, path)) == (1 if place else 0)


def test_links_in_code_and_to_other_sites_are_not_followed():
    text = "`[a](b.md)` [c](https://x.y/z) [d](#e) [f](mailto:g@h.i)\n```\n[j](k.md)\n```\n"
    assert audit.link_targets(text + "[l](m%20n.md#o) ![p](q.png)") == {"m n.md", "q.png"}
