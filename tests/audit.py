"""Read a saved notebook and say where its form breaks the rules of this course.

Nothing is executed. Each ``check_...`` takes the notebook and its path and yields one sentence for
each fault. test_notebooks.py puts them to the course's notebooks, test_audit.py to bad ones.
"""

import ast
import builtins
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import facts
import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

# Seconds that a notebook may say it runs, start to end.
BUDGET = {0: 15, 1: 40, 2: 75, 3: 60, 4: 65, 5: 75, 6: 30, 7: 70, 8: 70, 9: 60, 10: 60}
ORIENTATION = 0  # the notebook that shows the way: it teaches no method, so it has no exercises

MOST_READING = 60  # minutes
MOST_READING_ORIENTATION = 12
MOST_CODE_LINES = 20
CLAIMS = (5, 10)
MOST_BYTES = 1_500_000
IGNORE_TAGS = {"nbval-ignore-output", "nbval-skip"}
IGNORE_MARKS = re.compile(r"^\s*#\s*(NBVAL_IGNORE_OUTPUT|NBVAL_SKIP|PYTEST_VALIDATE_IGNORE)", re.M)
AVOID = re.compile(r"\b(simply|obviously)\b", re.I)
BRITISH = re.compile(
    r"\b(\w*colour\w*|grey\w*|centre[ds]?|behaviour\w*|neighbour\w*"
    r"|(?:normal|visual|optim|regular|initial|general|standard)is(?:e|ed|es|ing|ation))\b",
    re.I,
)
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\ufe0f]")
LINK = re.compile(r"!?\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)[^)]*\)")
HTML_LINK = re.compile(r"""<(?:a|img)\b[^>]*?\b(?:href|src)=["'](?P<target>[^"']+)["']""", re.I)


def read(path: Path) -> NotebookNode:
    """Read a notebook as it is: nbformat's own reader mends what this audit looks for."""
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def _number(path: Path) -> int:
    return int(path.stem[:2])


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _prose(cell: NotebookNode) -> str:
    """The cell's Markdown without fenced and inline code."""
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", cell.source, flags=re.M | re.S)


def _markdown(notebook: NotebookNode) -> str:
    return "\n\n".join(_prose(cell) for cell in notebook.cells if cell.cell_type == "markdown")


def _sections(notebook: NotebookNode) -> dict[str, str]:
    """Heading of the second level to the text below it, in the notebook's order."""
    parts = re.split(r"^## +(.+?) *$", _markdown(notebook), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _bullets(text: str) -> list[str]:
    return re.findall(r"^[-*] +(.+(?:\n +.+)*)", text, flags=re.M)


def _tree(cell: NotebookNode) -> ast.Module:
    return ast.parse(TransformerManager().transform_cell(cell.source))


# ------------------------------------------------------------------------------------- anatomy


def check_opening(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """Title, question, a paragraph, what you will be able to do, what you need, time."""
    first = notebook.cells[0]
    if first.cell_type != "markdown":
        yield "the first cell is not Markdown"
        return
    text = first.source
    if not re.match(rf"# {_number(path)} · \S", text):
        yield f"the first line is not '# {_number(path)} · Title'"
    marks = ["**Question**", "**You will be able to**", "**You need**", "**Time**"]
    places = [text.find(mark) for mark in marks]
    for mark, place in zip(marks, places, strict=True):
        if place < 0:
            yield f"the first cell lacks {mark}"
    if min(places) < 0:
        return
    if places != sorted(places):
        yield "the first cell's parts are out of order"
    if not re.match(r".*\n\n\*\*Question\*\*", text):
        yield "**Question** does not stand right under the title"
    if len(text[places[0] : places[1]].partition("\n")[2].split()) < 15:
        yield "no paragraph under the question says what the notebook asks and why"
    able = len(_bullets(text[places[1] : places[2]]))
    if not 3 <= able <= 5:
        yield f"it lists {able} things that you will be able to do, not 3 to 5"
    if _number(path) > 1 and not LINK.search(text[places[2] : places[3]]):
        yield "'You need' links to no notebook"
    try:
        lesson = facts.read_facts(notebook)
    except ValueError as error:
        yield str(error)
        return
    if any(need >= lesson.number for need in lesson.needs):
        yield f"it needs the lessons {lesson.needs}, not all of which come before it"
    budget = BUDGET[_number(path)]
    if lesson.running > budget:
        yield f"it says that it runs {lesson.running} s; its budget is {budget} s"


def check_reading_minutes(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """The first cell says the minutes that are counted; no lesson takes over an hour."""
    minutes = facts.reading_minutes(notebook)
    says = re.search(r"reading (\d+) min", notebook.cells[0].source)
    if says and int(says[1]) != facts.rounded(minutes):
        yield f"it says reading {says[1]} min; counted are {minutes:.1f}: {facts.rounded(minutes)}"
    if _number(path) == ORIENTATION and minutes > MOST_READING_ORIENTATION:
        yield f"it takes {minutes:.1f} minutes to read, not at most {MOST_READING_ORIENTATION}"
    elif facts.rounded(minutes) > MOST_READING:
        yield f"it takes {minutes:.1f} minutes to read, not at most {MOST_READING}"


def check_setup_cell(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """The second cell imports everything, sets the seed, and prints nothing."""
    setup = notebook.cells[1]
    if setup.cell_type != "code":
        yield "the second cell is not the setup cell"
        return
    tree = _tree(setup)
    if setup.outputs:
        yield "the setup cell prints something"
    if not any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree)):
        yield "the setup cell imports nothing"
    for i, cell in enumerate(_code_cells(notebook)[1:], 2):
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in _tree(cell).body):
            yield f"code cell {i} imports; imports belong in the setup cell"


def check_seeds(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """Keras's seed is set in the setup cell; NumPy's generators are given theirs."""
    called = [
        (i, ast.unparse(node.func), node)
        for i, cell in enumerate(_code_cells(notebook), 1)
        for node in ast.walk(_tree(cell))
        if isinstance(node, ast.Call)
    ]
    if not any(i == 1 and name.endswith("set_random_seed") and c.args for i, name, c in called):
        yield "the setup cell does not call set_random_seed with a number"
    for i, name, call in called:
        if name.endswith("default_rng") and not (call.args or call.keywords):
            yield f"code cell {i} makes a random generator without a seed"
        if re.fullmatch(r"(np|numpy)\.random\.[a-z_]+", name) and not name.endswith("default_rng"):
            yield f"code cell {i} calls {name}, whose seed is not its own; use default_rng(seed)"


def check_sections(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """Numbered sections, then Key points, Exercises, Going further, and the next notebook."""
    headings = re.findall(r"^## +(.+?) *$", _markdown(notebook), flags=re.M)
    numbered = [h for h in headings if re.match(r"\d", h)]
    for i, heading in enumerate(numbered, 1):
        if not heading.startswith(f"{_number(path)}.{i} "):
            yield f"section '{heading}' should be numbered {_number(path)}.{i}"
    if len(numbered) < 2:
        yield "there are fewer than two numbered sections"
    closing = ["Key points", "Exercises", "Going further"]
    if headings[-3:] != closing:
        yield f"it does not end with {', '.join(closing)}"
    for heading in set(headings) - set(numbered) - set(closing):
        yield f"the section '{heading}' has no number"
    if len(re.findall(r"^# ", _markdown(notebook), flags=re.M)) != 1:
        yield "there is not exactly one title"
    if "**Next**" not in notebook.cells[-1].source:
        yield "the last cell does not say what comes next"


def check_closing(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """3 to 5 key points; a link to the exercises; papers that can be found."""
    sections = _sections(notebook)
    points = len(_bullets(sections.get("Key points", "")))
    if not 3 <= points <= 5:
        yield f"it has {points} key points, not 3 to 5"
    papers = _bullets(sections.get("Going further", ""))
    if not papers:
        yield "'Going further' lists nothing"
    for paper in papers:
        if not re.search(r"\((19|20)\d\d\)", paper):
            yield f"no year in parentheses: {paper[:60]}"
        if not re.search(r"doi:10\.|doi\.org/10\.|arXiv:\d{4}\.\d{4,5}|https://", paper):
            yield f"no DOI, arXiv number or address: {paper[:60]}"
    exercises = f"../exercises/{path.name}"
    if _number(path) != ORIENTATION and exercises not in sections.get("Exercises", ""):
        yield f"'Exercises' does not link to {exercises}"


def check_predictions(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """The learner is asked to predict before running."""
    asked = _markdown(notebook).count("**Predict**")
    if asked < (1 if _number(path) == ORIENTATION else 3):
        yield f"it asks for {asked} predictions"


# ------------------------------------------------------------------------------- code and outputs


def check_executed_in_one_go(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """Every code cell was run, from top to bottom, in a fresh kernel."""
    counts = [cell.execution_count for cell in _code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"the cells' numbers are {str(counts)[:60]}, not 1 to {len(counts)}"
    for i, cell in enumerate(_code_cells(notebook), 1):
        if not cell.source.strip():
            yield f"code cell {i} is empty"


def check_cell_length(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """A cell that the page shows holds one idea: at most 20 lines of code."""
    for i, cell in enumerate(_code_cells(notebook), 1):
        lines = [s for s in map(str.strip, cell.source.splitlines()) if s and s[0] != "#"]
        if len(lines) > MOST_CODE_LINES and not facts.is_folded(cell):
            yield f"code cell {i} has {len(lines)} lines of code, not at most {MOST_CODE_LINES}"


FOLDS = {"source_hidden": "hide-input", "outputs_hidden": "hide-output"}


def _is_hidden(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("jupyter", {}).get("outputs_hidden"))


def check_folds(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """A folded cell is folded in JupyterLab and on the site; what answers a prediction is folded.

    The fold of an output shows the first words of a text, so a figure or a table comes first.
    """
    for i, cell in enumerate(_code_cells(notebook), 1):
        for key, tag in FOLDS.items():
            folded = bool(cell.metadata.get("jupyter", {}).get(key))
            if folded != (tag in cell.metadata.get("tags", [])):
                yield f"code cell {i} has only one of {key} and the tag {tag}"
        if _is_hidden(cell) and not (cell.outputs and _is_picture_or_table(cell.outputs[0])):
            yield f"the first output of code cell {i}, which is folded, is no figure and no table"
    asked = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            asked = asked or "**Predict**" in cell.source
        elif asked and any("data" in output for output in cell.outputs):
            if not _is_hidden(cell):
                number = _code_cells(notebook).index(cell) + 1
                yield f"code cell {number} answers a prediction and is not folded"
            asked = False


def _is_picture_or_table(output: NotebookNode) -> bool:
    data = output.get("data", {})
    kinds = any(re.match(r"image/|.*widget-view", kind) for kind in data)
    return kinds or "<table" in data.get("text/html", "")


def check_outputs(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """No red output, and no echo of a figure beside the figure."""
    for i, cell in enumerate(_code_cells(notebook), 1):
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"code cell {i} ends in an error: {output.ename}"
            elif output.get("name") == "stderr":
                yield f"code cell {i} writes to stderr: {output.text[:60]!r}"
            plain = output.get("data", {}).get("text/plain", "")
            if re.match(r"\[?<?(Figure|matplotlib|Axes)\b", plain) and len(output.data) == 1:
                yield f"code cell {i} echoes {plain[:40]!r}"
        if re.search(r"\bplt\.show\(", cell.source):
            yield f"code cell {i} calls plt.show; plots.show(fig, alt=...) gives a text alternative"


def check_alt_text(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """Every picture has a text alternative."""
    for i, cell in enumerate(_code_cells(notebook), 1):
        for output in cell.outputs:
            for kind in output.get("data", {}):
                alt = output.metadata.get(kind, {}).get("alt", "")
                if kind.startswith("image/") and len(alt.split()) < 3:
                    yield f"a figure of code cell {i} has no text alternative"
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            if re.search(r"!\[\s*\]\(", cell.source):
                yield "an image in the text has no text alternative"
            for tag in re.findall(r"<img\b[^>]*>", cell.source, flags=re.I):
                if not re.search(r"""\balt=["'][^"']""", tag):
                    yield "an image in the text has no text alternative"


def check_share_of_ignored_cells(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """Fewer than one code cell in five is left out of the comparison of outputs."""
    cells = _code_cells(notebook)
    ignored = [
        cell
        for cell in cells
        if IGNORE_TAGS & set(cell.metadata.get("tags", [])) or IGNORE_MARKS.search(cell.source)
    ]
    if len(ignored) * 5 >= len(cells):
        yield f"{len(ignored)} of {len(cells)} code cells are left out of the comparison"


# -------------------------------------------------------------------------------------- claims


_CALLED_OR_FILLED = ast.Call | ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp


def _names(node: ast.AST, context: type) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, context)}


def _constant_names(notebook: NotebookNode) -> set[str]:
    """Names that never hold a measurement: built-in, imported, or set to a literal only."""
    modules, literal, measured = set(dir(builtins)), set(), set()
    for tree in map(_tree, _code_cells(notebook)):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                modules |= {(a.asname or a.name).partition(".")[0] for a in node.names}
            elif isinstance(node, ast.Assign):
                filled = any(isinstance(n, _CALLED_OR_FILLED) for n in ast.walk(node.value))
                kind = measured if filled or _names(node.value, ast.Load) - literal else literal
                for target in node.targets:
                    kind |= _names(target, ast.Store)
            elif isinstance(node, ast.FunctionDef):
                measured.add(node.name)
            elif not isinstance(node, ast.Name):
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.Name):  # a loop's, a with's, an import's target
                        measured |= _names(child, ast.Store)
    return (modules | literal) - measured


def _always_true(node: ast.AST, constant: set[str]) -> bool:
    """Whether a condition, or a part of it that decides alone, cannot be false."""
    if not _names(node, ast.Load) - constant:
        return True
    if isinstance(node, ast.BoolOp):
        parts = [_always_true(value, constant) for value in node.values]
        return any(parts) if isinstance(node.op, ast.Or) else all(parts)
    if isinstance(node, ast.Compare):
        sides = [ast.dump(side) for side in (node.left, *node.comparators)]
        return len(set(sides)) < len(sides)
    return False


def _is_sentence(node: ast.AST) -> bool:
    """Whether it is a plain string, or one with bare names in it (a loop's: no number formats)."""
    if isinstance(node, ast.JoinedStr):
        holes = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        return all(isinstance(h.value, ast.Name) and h.format_spec is None for h in holes)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_a_comparison(condition: ast.AST) -> bool:
    """Whether it asks which of two numbers is the larger."""
    less_or_more = ast.Lt | ast.LtE | ast.Gt | ast.GtE
    return any(
        isinstance(node, ast.Compare) and any(isinstance(op, less_or_more) for op in node.ops)
        for node in ast.walk(condition)
    )


def _claims(cell: NotebookNode) -> list[ast.Call]:
    calls = [node for node in ast.walk(_tree(cell)) if isinstance(node, ast.Call)]
    return [call for call in calls if re.search(r"(^|\.)claim$", ast.unparse(call.func))]


SIGNS = {"<": ast.Lt(), "<=": ast.LtE(), ">": ast.Gt(), ">=": ast.GtE()}


def _faults_of_claim(call: ast.Call, constant: set[str]) -> Iterator[str]:
    if len(call.args) not in (2, 4) or {k.arg for k in call.keywords} - {"timed"}:
        yield "a claim needs a sentence and two numbers with a sign between them, or a fact"
        return
    sentence, condition, *rest = call.args
    if not _is_sentence(sentence):
        yield f"a claim's sentence is computed: {ast.unparse(sentence)[:60]}"
    if rest:
        sign = SIGNS.get(getattr(rest[0], "value", None))
        if sign is None:
            yield f"the sign of a claim is {ast.unparse(rest[0])}"
            return
        condition = ast.Compare(condition, [sign], [rest[1]])
    elif _is_a_comparison(condition):
        yield f"give it its two numbers: {ast.unparse(condition)[:60]}"
    if _always_true(condition, constant):
        yield f"this claim cannot fail: {ast.unparse(condition)[:60]}"


def check_claims(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """A claim is a plain sentence and two numbers, or a fact, that the measurement could break."""
    constant = _constant_names(notebook)
    count = 0
    for i, cell in enumerate(_code_cells(notebook), 1):
        for call in _claims(cell):
            count += 1
            yield from (f"code cell {i}: {fault}" for fault in _faults_of_claim(call, constant))
        for output in cell.outputs:
            told = output.get("data", {}).get("text/plain", "")
            if told.startswith("✓") and re.search(r"\d\.\d{3}", re.sub(r"   \[.*\]$", "", told)):
                yield f"code cell {i}: a claim's sentence tells a measured number: {told[:60]}"
    if _number(path) == ORIENTATION:
        low, high = 1, count
    else:
        low, high = CLAIMS
    if not low <= count <= high:
        yield f"it makes {count} claims, not {low} to {high}"


# --------------------------------------------------------------------------------- text and file


def check_links(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """Links into the course lead somewhere."""
    for target in link_targets(
        "\n".join(c.source for c in notebook.cells if "mark" in c.cell_type)
    ):
        if (path.parent / target).exists() or _exercise_not_yet_written(target, path):
            continue
        yield f"the link to {target} leads nowhere"


def link_targets(text: str) -> set[str]:
    """What a Markdown text links to inside the repository, without the #part."""
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.M | re.S)
    found = {m["target"] for pattern in (LINK, HTML_LINK) for m in pattern.finditer(text)}
    inside = {t for t in found if not re.match(r"[a-z][a-z0-9+.-]*:|#", t, re.I)}
    return {unquote(target.partition("#")[0]) for target in inside}


def _exercise_not_yet_written(target: str, path: Path) -> bool:
    """A lesson may be there before its own exercises are: neither they nor a solution exist."""
    folder = path.parent.parent / "exercises"
    return target == f"../exercises/{path.name}" and not any(
        (place / path.name).exists() for place in (folder, folder / "solutions")
    )


UNSAFE = re.compile(  # a call of these, or a module of these names
    r"(eval|exec|compile|__import__|(os\.)?(system|popen|exec\w*|spawn\w*)|run_(line|cell)_magic"
    r"|getoutput|(subprocess|pickle|joblib|dill|marshal|shelve|ctypes|socket)(\..*)?)"
)
PRIVATE = re.compile(
    r"(?:/(?:home|root|Users)/[\w.-]+|[A-Z]:\\+Users\\+\w+|\btoken=\w+|\bpassword=\w+|@\w+\.local\b)"
)


def check_safety(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """No shell, no pickle and no eval in the code; no path, name or token of anybody's machine."""
    for i, cell in enumerate(_code_cells(notebook), 1):
        tree = ast.walk(_tree(cell))
        for node in tree:
            names = []
            if isinstance(node, ast.Call):
                names = [ast.unparse(node.func)]
                names += [f"pickle, by {k.arg}" for k in node.keywords if k.arg == "allow_pickle"]
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names = [getattr(node, "module", None) or "", *(n.name for n in node.names)]
            for name in names:
                if UNSAFE.fullmatch(name.rpartition("get_ipython().")[2]) or "pickle" in name:
                    yield f"code cell {i} uses {name}"
    for found in sorted(set(PRIVATE.findall(nbformat.writes(notebook)))):
        yield f"it tells {found}"


def check_words(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """Words to avoid, American spelling, no emoji."""
    for i, cell in enumerate(notebook.cells):
        text = _prose(cell) if cell.cell_type == "markdown" else cell.source
        for word in AVOID.findall(text):
            yield f"cell {i} says '{word}'"
        if set(EMOJI.findall(text)) - set("✓✗"):
            yield f"cell {i} has an emoji"
        if cell.cell_type == "markdown":
            for word in BRITISH.findall(text.partition("## Going further")[0]):
                yield f"cell {i} spells '{word}'"


def check_file(notebook: NotebookNode, path: Path) -> Iterator[str]:
    """A valid notebook of version 4.5, small, with unique cell ids, for any Python 3 kernel."""
    if path.stat().st_size >= MOST_BYTES:
        yield f"it is {path.stat().st_size / 1e6:.2f} MB large"
    for error in nbformat.validator.iter_validate(notebook):
        yield f"it is not valid: {error.message}"
    if (notebook.nbformat, notebook.nbformat_minor) != (4, 5):
        yield f"its format is {notebook.nbformat}.{notebook.nbformat_minor}, not 4.5"
    for name, count in Counter(cell.get("id") for cell in notebook.cells).items():
        if count > 1:
            yield f"{count} cells have the id {name}"
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "its kernel is not python3"


CHECKS = [value for name, value in list(globals().items()) if name.startswith("check_")]
