"""The audit can fail: a good notebook passes every check, and each bad one fails the right one."""

import json

import audit
import facts
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

OPENING = """# 2 · Small things

**Question** How small can a thing be?

Why is a small thing smaller than a large one? Whoever builds boxes has to know, and so do we,
because everything later stands on it.

**You will be able to**

- tell small from large
- measure both
- doubt what you measured

**You need** [1 · Large things](01_large.ipynb)

**Time** reading 5 min · running 20 s"""

SETUP = """import keras
import numpy as np

from ae_helpers.claims import claim

keras.utils.set_random_seed(0)"""

MEASURE = """limit = 0.5
small = np.random.default_rng(0).random(3) / 10
claim("A small thing is below one half", small.max(), "<", limit)
claim("There are three of them", small.shape == (3,))"""

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


def _folded(*what):
    """The marks of a cell whose input, output or both are folded."""
    keys = {"input": "source_hidden", "output": "outputs_hidden"}
    return {"jupyter": {keys[w]: True for w in what}, "tags": [f"hide-{w}" for w in what]}


def _table():
    return new_output("display_data", {"text/html": "<table></table>", "text/plain": "Table: t"})


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
            new_code_cell(
                MEASURE,
                outputs=[_picture(alt="A small thing, in gray.")],
                metadata=_folded("output"),
            ),
            new_markdown_cell("It is small.\n\n## 2.2 Large\n\n**Predict** How large?"),
            new_code_cell(
                'claim("It is no larger now", small.min(), "<=", limit)\n'
                'claim("It took no time", seconds(small), "<", 1, timed=True)'
            ),
            new_markdown_cell("**Predict** And twice? See [above](#2.1-Small)."),
            new_code_cell('claim("Twice small is small", (2 * small).max(), "<", limit)'),
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
    return lambda notebook: notebook.cells[3].metadata["tags"].append(name)


def _untag(i):
    return lambda notebook: notebook.cells[i].metadata.pop("tags")


def _long(i, folded=False):
    def change(notebook):
        notebook.cells[i].source += "\nx = 1" * 18
        if folded:
            notebook.cells[i].metadata |= _folded("input", "output")

    return change


def _wordy(words):
    """A text of so many words, and an opening that says how long it takes to read."""

    def change(notebook):
        notebook.cells[4].source += " word" * words
        minutes = audit.facts.rounded(audit.facts.reading_minutes(notebook))
        notebook.cells[0].source = notebook.cells[0].source.replace(
            "reading 5 min", f"reading {minutes} min"
        )

    return change


def _told(sentence):
    return new_output("display_data", {"text/plain": f"✓ {sentence}"}, metadata={"claim": {}})


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
    (audit.check_opening, _edit(0, "**Question**", "Question:"), "lacks **Question**"),
    (audit.check_opening, _edit(0, "thing be?", "thing be."), "lacks '**Question** ...?'"),
    (audit.check_opening, _edit(0, "thing be?", "thing? And so"), "lacks '**Question** ...?'"),
    (audit.check_opening, _edit(0, "# 2 · Small things\n", "# 2 · Small things\n\nWhy?\n"),
     "right under the title"),
    (audit.check_opening, _edit(0, "01_large", "03_medium"), "not all of which come before"),
    (audit.check_opening, _edit(0, "- measure both\n", ""), "2 things"),
    (audit.check_opening, _edit(0, "- measure both\n", "- measure\n" * 4), "6 things"),
    (audit.check_opening, _edit(0, "(01_large.ipynb)", ""), "links to no notebook"),
    (audit.check_opening, _edit(0, "running 20 s", "running"), "lacks '**Time** reading M min"),
    (audit.check_opening, _edit(0, "running 20 s", "running 76 s"), "its budget is 75 s"),
    (audit.check_opening, _edit(0, OPENING.split("\n\n")[2], "Why?"), "no paragraph"),
    (audit.check_reading_minutes, _edit(0, "reading 5", "reading 10"), "counted are 3.6: 5"),
    (audit.check_reading_minutes, _wordy(10_200), "not at most 60"),
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
    (audit.check_cell_length, _long(3), "22 lines of code, not at most 20"),
    (audit.check_folds, _untag(3), "only one of outputs_hidden"),
    (audit.check_folds, lambda n: n.cells[5].metadata.update(tags=["hide-input"]), "source_hidden"),
    (audit.check_folds, _output(5, _table()), "code cell 3 answers a prediction"),
    (audit.check_folds, lambda n: n.cells[3].outputs.insert(0, _told("It holds")), "no figure"),
    (audit.check_folds, lambda n: n.cells[3].update(outputs=[]), "no figure and no table"),
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
    (audit.check_claims, _claim('"It holds", 1, "<", 2'), "cannot fail: 1 < 2"),
    (audit.check_claims, _claim('"It holds", fixed, "<=", 4'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", limit, "<", 4'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", np.pi, ">", 3'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", bool(1)'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", same(small) or True'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", same(small) or fixed'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", small.max() == small.max()'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", small.max(), ">=", small.max()'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", not False'), "cannot fail"),
    (audit.check_claims, _claim('"It holds", small.max() < 1'), "give it its two numbers: small"),
    (audit.check_claims, _claim('"It holds", (small < 1).all()'), "give it its two numbers"),
    (audit.check_claims, _claim('"It holds", 0 < small.max() < 1'), "give it its two numbers"),
    (audit.check_claims, _claim('"It holds", all(s > 0 for s in small)'), "its two numbers"),
    (audit.check_claims, _claim('"It holds", small.max(), "==", 1'), "the sign of a claim is '=='"),
    (audit.check_claims, _claim('"It holds", small.max(), sign, 1'), "the sign of a claim is sign"),
    (audit.check_claims, _claim('f"It is {small:.3f}", small.max(), "<", 1'), "is computed"),
    (audit.check_claims, _claim('f"It is {small.max()}", small.max(), "<", 1'), "is computed"),
    (audit.check_claims, _output(5, _told("It is 0.0417   [0.0417 < 1]")), "a measured number"),
    (audit.check_claims, _claim('"It holds"'), "a sentence and two numbers"),
    (audit.check_claims, _claim('"It holds", small.max(), "<"'), "a sentence and two numbers"),
    (audit.check_claims, _claim('"It holds", holds=same(small)'), "a sentence and two numbers"),
    (audit.check_claims, lambda n: n.cells[5].update(source="x = 1"), "makes 3 claims, not 5"),
    (audit.check_claims, _add(5, "\nclaim('It holds', same(small))" * 6), "11 claims, not 5 to 10"),
    (audit.check_links, _edit(0, "01_large.ipynb", "01_gone.ipynb"), "01_gone.ipynb leads"),
    (audit.check_links, _add(4, "\n[it](../docs/gone.md#part)"), "../docs/gone.md leads"),
    (audit.check_links, _add(4, '\n<a href="gone.md">it</a>'), "gone.md leads"),
    (audit.check_links, _add(4, "\n[it](../exercises/03_medium.ipynb)"), "03_medium.ipynb leads"),
    (audit.check_safety, _add(3, "\neval('1')"), "uses eval"),
    (audit.check_safety, _add(3, "\n!ls"), "uses get_ipython().system"),
    (audit.check_safety, _add(3, "\nos.system('ls')"), "uses os.system"),
    (audit.check_safety, _add(3, "\nimport subprocess"), "uses subprocess"),
    (audit.check_safety, _add(3, "\nnp.load(f, allow_pickle=True)"), "by allow_pickle"),
    (audit.check_safety, _output(5, _told("/Use" + "rs/mona/course")), "rs/mona"),
    (audit.check_safety, _add(4, " http://127.0.0.1/?token=a1b2"), "it tells token=a1b2"),
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
    "arguments",
    [
        'small.max(), "<", 1',
        'max(small), ">=", fixed',
        'fixed, "<", small.sum()',
        'errors[0], "<", 1, timed=True',
        "True and np.allclose(small, fixed)",
        "all(np.isclose(s, fixed) for s in small)",
        "small.shape == (3,)",
    ],
)
def test_an_honest_claim_passes(arguments, good, path):
    good.cells[5].source += f'\nfixed = 3\nclaim(f"It holds for {{name}}", {arguments})'
    good.cells[3].source += "\nerrors = []\nerrors.append(small.max())"
    assert _faults(audit.check_claims, good, path) == []


def test_a_folded_cell_may_be_long(good, path):
    _long(3, folded=True)(good)
    assert _faults(audit.check_cell_length, good, path) == []
    assert _faults(audit.check_folds, good, path) == []


def test_the_figure_that_answers_may_come_from_a_later_cell(good, path):
    _output(5, new_output("stream", text="training: 100 %"))(good)
    _output(7, _table())(good)
    good.cells[7].metadata |= _folded("input", "output")
    assert _faults(audit.check_folds, good, path) == []


def test_a_name_that_is_measured_later_is_no_constant(good, path):
    good.cells[7].source = 'limit = small.max()\nclaim("It holds", limit, "<", 1)'
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


# --------------------------------------------------------------------------- facts and counts


def test_the_first_cell_is_read(good):
    assert facts.read_facts(good) == (2, "Small things", "How small can a thing be?", (1,), 5, 20)


def test_reading_minutes_are_counted(good):
    notebook = new_notebook(
        cells=[
            new_markdown_cell("one two - three **Predict**"),  # the dash is no word
            new_code_cell("a = 1\n\n# two\nb = 3", outputs=[_picture(), _table(), _picture()]),
            new_code_cell("folded = 1", metadata=_folded("input"), outputs=[_picture()]),
        ]
    )
    seconds = 60 * 4 / 170 + 3 * 4 + 3 * 40 + 30
    assert facts.reading_minutes(notebook) == pytest.approx(seconds / 60)


@pytest.mark.parametrize("minutes, said", [(1, 5), (7.4, 5), (7.6, 10), (62.4, 60), (62.6, 65)])
def test_minutes_are_rounded_to_five(minutes, said):
    assert facts.rounded(minutes) == said
