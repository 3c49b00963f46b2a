"""Look over what a learner handed in, and make of it a notebook that can be graded.

Nothing that was handed in is changed: all of this works on what was read. The text of an answer
stays as it is.
"""

import bisect
import json
import re
from difflib import SequenceMatcher
from pathlib import Path

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

LARGE, TOO_LARGE = 20, 200  # MB: a file is named; a file is not read
NEW = {"code": new_code_cell, "raw": new_raw_cell}
# What no exercise asks for: nothing is forbidden by it, but a person should read the cell.
NAMED = re.compile(
    r"\b(?:socket|urllib|requests|subprocess|gradebook|submitted|solutions|ctypes"
    r"|os\.(?:system|fork|kill|environ))\b"
)
NO_ANSWER = "# No answer was handed in here."


class UnreadableError(Exception):
    """There is nothing that can be graded; the message says why."""


def find(folder: Path, name: str, others: set[str]) -> tuple[Path, list[str], list[str]]:
    """Find the notebook that a learner handed in for the assignment `name`.

    `folder` holds all that the learner handed in, `others` are the names of other assignments.
    Returns the path, what was repaired, and what a person should look at.
    """
    files = list_files(folder, others)
    files = [path for path in files if ".ipynb" in path.name] or files
    if not files:
        raise UnreadableError("nothing was handed in")
    right = folder / name / f"{name}.ipynb"
    path = right if right in files else max(files, key=lambda p: _alike(name, p.name))
    said = path.relative_to(folder).as_posix()
    look = [f"{len(files)} files were handed in; graded: {said}"] if len(files) > 1 else []
    return path, [f"file name ({said})"] if path != right else [], look


def list_files(folder: Path, others: set[str]) -> list[Path]:
    """All files in a learner's folder, without links and other assignments."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.resolve() == folder.resolve() / path.relative_to(folder)  # no link to elsewhere
        and not {*others, ".ipynb_checkpoints"} & set(path.relative_to(folder).parts)
        and path.name not in ("timestamp.txt", ".DS_Store")
    ]


def read(path: Path) -> tuple[list[NotebookNode], list[str]]:
    """Read the cells of a notebook without their outputs, and say what is odd about the file."""
    size = path.stat().st_size / 2**20
    if size > TOO_LARGE:
        raise UnreadableError(f"{path.name} has {size:.0f} MB: too large to be read")
    try:
        raw = json.loads(path.read_bytes())
        sheets = raw.get("worksheets") or [raw]  # the format of before 2015 has worksheets
        cells = [_cell(cell) for sheet in sheets for cell in sheet["cells"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableError(f"{path.name} is not a notebook ({type(error).__name__})") from None
    return cells, [f"{size:.0f} MB, outputs left out"] if size > LARGE else []


def repair(
    template: NotebookNode, handed_in: list[NotebookNode]
) -> tuple[NotebookNode, list[str], list[str]]:
    """Bring the cells that were handed in into the form of the released notebook `template`.

    Cells that are given and locked are as they were released, each once and in its place; answers,
    and cells that a learner added, are as the learner wrote them. Returns the notebook, what was
    repaired, and what a person should look at.
    """
    released, fixed, look = template.cells, [], []
    found, taken = _recognize(released, handed_in)
    left_out = set()
    for t, places in found.items():
        extra = [i for i in places if i != taken[t]]
        if extra and _mark(released[t]):
            twice = {_plain(handed_in[i].source) for i in places} - {_plain(released[t].source)}
            fixed.append(f"{_name(released[t])} stood {len(places)} times")
            if _is_answer(released[t]) and len(twice) > 1:
                look.append(f"{_name(released[t])}: {len(twice)} answers, the last one counts")
            # An earlier answer stays as a cell of the learner's own: the later one may use it.
            same = {_plain(released[t].source), _plain(handed_in[taken[t]].source)}
            locked = not _is_answer(released[t])
            left_out |= {i for i in extra if locked or _plain(handed_in[i].source) in same}
    at = {i: t for t, i in taken.items()}
    moved = _out_of_order([at[i] for i in sorted(at)])
    if names := [_name(released[t]) for t in sorted(moved) if released[t].cell_type == "code"]:
        fixed.append(f"back in order: {', '.join(names)}")
    result = [  # each cell with its place in the released notebook, or None
        (at.get(i), cell)
        for i, cell in enumerate(handed_in)
        if i not in left_out and at.get(i) not in moved
    ]
    put_back = []
    for t in reversed(range(len(released))):
        if t in taken and t not in moved or released[t].cell_type != "code":
            continue
        cell = handed_in[taken[t]] if t in taken else from_dict(released[t])
        if t not in taken:
            put_back.append(_name(released[t]))
            if _is_answer(released[t]):  # the starter would undo an answer that was not recognized
                cell.source = NO_ANSWER
                look.append(f"{_name(released[t])} was not found")
        later = (n for n, (place, _) in enumerate(result) if place is not None and place > t)
        result.insert(next(later, len(result)), (t, cell))
    if put_back:
        fixed.append(f"put back: {', '.join(reversed(put_back))}")
    cells = [_restored(cell, None if t is None else released[t], fixed) for t, cell in result]
    for cell in cells:
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("locked"):
            look += [
                f"{_name(cell)} names {word}" for word in sorted(set(NAMED.findall(cell.source)))
            ]
    unmarked = sum(1 for note in fixed if note == "marks")
    fixed = [note for note in fixed if note != "marks"]
    fixed += [f"marks of {unmarked} cells"] if unmarked else []
    return new_notebook(cells=cells, metadata=template.metadata), fixed, look


def _restored(cell: NotebookNode, given: NotebookNode | None, fixed: list[str]) -> NotebookNode:
    """Make a cell anew: with marks and, where it is locked, text as they were released."""
    kind = given.cell_type if given else cell.cell_type
    new = NEW.get(kind, new_markdown_cell)(cell.source)
    mark = _mark(given) if given else None
    if mark:
        if _mark(cell) != mark:
            fixed.append("marks")
        new.metadata = from_dict(given.metadata)
        if not _is_answer(given) and _plain(cell.source) != _plain(given.source):
            fixed.append(f"text of {mark}")
        if not _is_answer(given):
            new.source = given.source
    elif given and kind == "code" and _plain(cell.source) != _plain(given.source):
        fixed.append(f"{_name(given)} is changed, and was kept")
    return new


def _recognize(released, handed_in) -> tuple[dict[int, list[int]], dict[int, int]]:
    """For each released cell: the places where it was handed in, and the one that counts."""
    marks = {_mark(cell): t for t, cell in enumerate(released) if _mark(cell)}
    ids = {cell.id: t for t, cell in enumerate(released)}
    texts = {_plain(cell.source): t for t, cell in enumerate(released)}
    found: dict[int, list[int]] = {}
    for i, cell in enumerate(handed_in):
        t = marks.get(_mark(cell))
        t = ids.get(cell.get("id")) if t is None else t
        t = texts.get(_plain(cell.source)) if t is None else t
        if t is not None:
            found.setdefault(t, []).append(i)
    known = {i for places in found.values() for i in places}
    for t, cell in enumerate(released):  # answers without any mark: by the name that they define
        starter = re.search(r"^((?:def |class )?)(\w+)(?=\(| *=)", cell.source, re.M)
        if _is_answer(cell) and starter and not _answers(cell, found.get(t, []), handed_in):
            word = re.compile(rf"^{starter[1]}{starter[2]}\b", re.M)
            own = [
                i
                for i, c in enumerate(handed_in)
                if c.cell_type == "code" and i not in known and word.search(c.source)
            ]
            if own:
                found[t] = sorted(found.get(t, []) + own[-1:])
    taken = {
        t: (_answers(released[t], places, handed_in) or places[:1])[-1]
        for t, places in found.items()
    }
    return found, taken


def _answers(cell: NotebookNode, places: list[int], handed_in) -> list[int]:
    """Those of the places of an answer in which something was written."""
    if not _is_answer(cell):
        return []
    return [i for i in places if _plain(handed_in[i].source) not in ("", _plain(cell.source))]


def _out_of_order(places: list[int]) -> set[int]:
    """All but a longest rising part of `places`."""
    tails: list[int] = []
    lengths = []
    for place in places:
        n = bisect.bisect(tails, place)
        tails[n : n + 1] = [place]
        lengths.append(n)
    kept, n = set(), len(tails) - 1
    for place, length in zip(reversed(places), reversed(lengths), strict=True):
        if length == n and place < min(kept, default=place + 1):
            kept.add(place)
            n -= 1
    return set(places) - kept


def _cell(raw: dict) -> NotebookNode:
    source = raw.get("source", raw.get("input", ""))
    source = source if isinstance(source, str) else "".join(map(str, source))
    cell = NEW.get(raw["cell_type"], new_markdown_cell)(source)
    cell.id = str(raw.get("id", ""))
    mark = raw.get("metadata", {}).get("nbgrader", {}).get("grade_id")
    cell.metadata = from_dict({"nbgrader": {"grade_id": mark}} if isinstance(mark, str) else {})
    return cell


def _mark(cell: NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _is_answer(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def _name(cell: NotebookNode) -> str:
    return _mark(cell) or f"the cell “{cell.source.strip().partition(chr(10))[0][:40]}”"


def _plain(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _alike(name: str, other: str) -> float:
    return SequenceMatcher(None, name, other.partition(".ipynb")[0]).ratio()
