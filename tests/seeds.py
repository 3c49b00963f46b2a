"""Run lessons and solutions with other seeds, and write how far each claim is from failing.

``make seeds``, or ``python tests/seeds.py [--n 5] [--seeds 7,8] [notebook ...]``, runs each
notebook once for each seed and writes docs/claims.md. The notebooks carry nothing for it: seed k
adds 1000 k to every seed in their code, in memory. What has run is kept in build/seeds until the
notebook's code, or the code of the package that it imports, changes; so a run that was broken off
goes on where it was.
"""

import argparse
import ast
import hashlib
import json
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat
import psutil
from execute import CellFailedError, execute
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from tqdm import tqdm

from ae_helpers.workspace import write_atomically

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("notebooks", "exercises/solutions")
THIN = 5  # percent
ONE_KERNEL = 2 * 2**30  # bytes of memory that a lesson takes at its peak, about
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}

SHIFTED = "(lambda s: s + {} if isinstance(s, __import__('numbers').Integral) else s)(0)"
CAUGHT = "__import__('ae_helpers.claims', fromlist=['claims']).ClaimError"


# --------------------------------------------------------------------------- a run with a seed


class _OtherSeed(ast.NodeTransformer):
    """Shift what seeds a generator, and let a failing claim not hide those that follow."""

    def __init__(self, seed: int, local: set[str]):
        self.seed, self.local = seed, local

    def _shift(self, node: ast.expr) -> ast.expr:
        call = ast.parse(SHIFTED.format(1000 * self.seed), mode="eval").body
        call.args = [node]
        return call

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        name = ast.unparse(node.func).rpartition(".")[2]
        if name in ("set_random_seed", "default_rng"):
            node.args[:1] = map(self._shift, node.args[:1])
        if name not in self.local:  # a function of the notebook hands its seed on to one of these
            for keyword in node.keywords:
                if keyword.arg in ("seed", "random_state"):
                    keyword.value = self._shift(keyword.value)
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        self.generic_visit(node)
        if isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "claim":
            caught = ast.ExceptHandler(ast.parse(CAUGHT, mode="eval").body, None, [ast.Pass()])
            return ast.Try([node], [caught], [], [])
        return node


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _tree(cell: NotebookNode) -> ast.Module:
    return ast.parse(TransformerManager().transform_cell(cell.source))


def with_seed(notebook: NotebookNode, seed: int) -> None:
    """Rewrite a notebook's code, in place, so that it runs with other seeds."""
    trees = [_tree(cell) for cell in _code_cells(notebook)]
    local = {n.name for t in trees for n in ast.walk(t) if isinstance(n, ast.FunctionDef)}
    for cell, tree in zip(_code_cells(notebook), trees, strict=True):
        changed = ast.fix_missing_locations(_OtherSeed(seed, local).visit(tree))
        cell.source = ast.unparse(changed)


def claims_in(notebook: NotebookNode) -> list[dict]:
    """The claims among a notebook's outputs, each with its numbers as they are shown."""
    found = []
    for cell in _code_cells(notebook):
        for output in cell.outputs:
            if "claim" in output.get("metadata", {}):
                shown = re.search(r"   \[(.*)\]$", output.data["text/plain"])
                found.append(output.metadata.claim | {"shown": shown[1] if shown else ""})
    return found


def run(path: Path, seed: int, limit: float, kept: Path) -> dict:
    """Run a notebook with a seed; keep its claims in the file ``kept`` if no cell failed."""
    notebook = nbformat.read(path, 4)
    key = digest(notebook)
    with_seed(notebook, seed)
    try:
        execute(notebook, path, limit)
    except CellFailedError as error:
        return {"claims": claims_in(notebook), "error": str(error)}
    result = {"key": key, "claims": claims_in(notebook), "error": None}
    write_atomically(kept, json.dumps(result, indent=1))
    return result


# ------------------------------------------------------------------------------ what has run


def _imported(tree: ast.AST) -> set[str]:
    """The modules of the package that a piece of code imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "ae_helpers":
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ae_helpers."):
            names.add(node.module.removeprefix("ae_helpers."))
    return names


def _without_docstrings(path: Path) -> ast.Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body[:1] = [ast.Pass()] if ast.get_docstring(node) else node.body[:1]
    return tree


def digest(notebook: NotebookNode) -> str:
    """A hash of the notebook's code and of the package's code that it imports, comments aside."""
    code = [_tree(cell) for cell in _code_cells(notebook)]
    todo, seen = set().union(*map(_imported, code)), set()
    while todo - seen:
        name = min(todo - seen)
        seen.add(name)
        code.append(_without_docstrings(ROOT / "ae_helpers" / f"{name}.py"))
        todo |= _imported(code[-1])
    return hashlib.sha256("\n".join(map(ast.unparse, code)).encode()).hexdigest()


def _kept_result(kept: Path, key: str) -> dict | None:
    try:
        result = json.loads(kept.read_text(encoding="utf-8"))
    except OSError:
        return None
    return result if result["key"] == key else None


# ------------------------------------------------------------------------------------ the page


HEAD = """# Every claim, and how far it is from failing

Written by `make seeds`, not by hand. A lesson's claims are executed: each compares two numbers of
its run. Here every lesson and every solution has also run with other seeds, which change the
trainings, the noise and the draws. A claim's **margin** is how far its left number lies on the
right side of the other, in percent of the larger one; the table gives the least over the saved run
and the seeds, thinnest first. The rows of a notebook change only when `make seeds` runs it (all, or
those that are named); the last column says with which seeds it did.
"""
COLUMNS = "| least margin | lesson | claim | saved run | seeds |\n|---:|---|---|---|---|"
SECTIONS = {
    "Failed": "",
    "Measured": COLUMNS,
    "About seconds": COLUMNS,
    "Notebooks": "| | measured | about seconds | exact facts | seeds |\n|---|---:|---:|---:|---|",
}


def margin(claim: dict) -> float:
    """How far a claim's numbers are on the right side, in percent of the larger; negative: wrong.

    Examples
    --------
    >>> margin({"left": 3.0, "sign": "<", "right": 4.0})
    25.0
    >>> margin({"left": 3.0, "sign": ">=", "right": 4.0})
    -25.0
    """
    left, right = claim["left"], claim["right"]
    distance = right - left if claim["sign"][0] == "<" else left - right
    return 100 * distance / max(abs(left), abs(right), sys.float_info.min)


def _rows_of(name: str, saved: list[dict], runs: dict[int, dict]) -> dict[str, list[str]]:
    """A notebook's lines for each section of the page."""
    stem = Path(name).stem
    link = f"[{'solution ' if 'solutions' in name else ''}{stem[:2]}](../{name})"
    seeds = ", ".join(map(str, sorted(runs)))
    rows = {section: [] for section in SECTIONS}
    for seed, result in sorted(runs.items()):
        if result["error"]:
            rows["Failed"].append(f"- {link}, seed {seed}: {result['error']}")
        for claim in result["claims"]:
            if not claim["holds"]:
                numbers = f" ({claim['shown']})" if claim["sign"] else ""
                rows["Failed"].append(f"- {link}, seed {seed}: ✗ {claim['text']}{numbers}")
    made = {}  # a sentence that a loop makes again is one row, its thinnest
    for result in runs.values():
        for claim in result["claims"]:
            made.setdefault(claim["text"], []).append(claim)
    count = dict.fromkeys(("Measured", "About seconds", "facts"), 0)
    for text, claims in made.items():
        if not claims[0]["sign"]:
            count["facts"] += 1
            continue
        section = "About seconds" if claims[0]["timed"] else "Measured"
        count[section] += 1
        shown = [claim for claim in saved if claim["text"] == text and claim["sign"]]
        least = min(map(margin, claims + shown))
        fails = "" if all(claim["holds"] for claim in claims) else "**fails** "
        numbers = min(shown, key=margin)["shown"] if shown else "not saved"
        cells = f"{fails}{least:.1f} %", link, text.replace("|", "\\|"), numbers, seeds
        rows[section].append(f"| {' | '.join(cells)} |")
    cells = f"[{stem}](../{name})", *map(str, count.values()), seeds
    rows["Notebooks"].append(f"| {' | '.join(cells)} |")
    return rows


def _place(row: str) -> tuple:
    """Failing claims first, then the thinnest; what has no margin by its notebook."""
    percent = re.match(r"\| (\*\*fails\*\* )?(-?[\d.]+) %", row)
    number = (not percent[1], float(percent[2])) if percent else ()
    return number, _notebook_of(row)


def _notebook_of(row: str) -> str:
    link = re.search(r"\]\(\.\./([^)]+\.ipynb)\)", row)
    return link[1] if link else ""


def page(fresh: dict[str, dict[str, list[str]]], old: str, root: Path) -> str:
    """The page, with fresh rows for some notebooks and the old page's for the others."""
    parts = [HEAD]
    for section, columns in SECTIONS.items():
        block = old.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
        rows = [row for notebook in fresh.values() for row in notebook[section]]
        for row in block.splitlines():
            name = _notebook_of(row)
            if name and name not in fresh and (root / name).exists():
                rows.append(row)
        lines = [*filter(None, [columns]), *sorted(rows, key=_place)] or ["Nothing."]
        parts.append("\n".join([f"## {section}", "", *lines, ""]))
    return "\n".join(parts)


# ------------------------------------------------------------------------------- the command


def workers() -> int:
    """Two kernels side by side where there are processors and memory for them, else one."""
    room = psutil.virtual_memory().available > 2 * ONE_KERNEL
    return 2 if room and (os.cpu_count() or 1) > 1 else 1


def run_all(
    paths: list[Path], seeds: list[int], root: Path, limit: float
) -> dict[str, dict[int, dict]]:
    """What each notebook claimed with each seed, and with those that ran before."""
    results, todo = {}, []
    for path in paths:
        name = path.relative_to(root).as_posix()
        folder, key = root / "build" / "seeds" / name, digest(nbformat.read(path, 4))
        before = {int(kept.stem): _kept_result(kept, key) for kept in folder.glob("*.json")}
        results[name] = {seed: result for seed, result in before.items() if result}
        todo += [(name, seed) for seed in seeds if seed not in results[name]]
    with ThreadPoolExecutor(workers()) as pool:
        runs = {
            pool.submit(
                run, root / name, seed, limit, root / "build" / "seeds" / name / f"{seed}.json"
            ): (name, seed)
            for name, seed in todo
        }
        total = len(paths) * len(seeds)
        bar = tqdm(as_completed(runs), total=total, initial=total - len(todo), unit="run")
        try:
            for done in bar:
                name, seed = runs[done]
                results[name][seed] = done.result()
                bar.set_postfix_str(f"{Path(name).stem}, seed {seed}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            print("\nBroken off. What has run is kept; the same command goes on.", file=sys.stderr)
            raise
    return results


def main(arguments: list[str], root: Path = ROOT, limit: float = 300) -> int:
    """Run, write docs/claims.md, and tell what failed: 1 if anything did, else 0."""
    parser = argparse.ArgumentParser(prog="make seeds", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "-n", "--n", type=int, default=5, help="run with the seeds 1 to N (%(default)s)"
    )
    parser.add_argument("--seeds", help="run with these, such as 7,8")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: lessons and solutions")
    options = parser.parse_args(arguments)
    named = options.seeds.split(",") if options.seeds else range(1, options.n + 1)
    seeds = [int(seed) for seed in named]
    found = [path for folder in FOLDERS for path in sorted((root / folder).glob("*.ipynb"))]
    paths = [path.resolve() for path in options.notebooks] or found
    if missing := [str(path) for path in paths if not path.exists()]:
        parser.error(f"there is no {missing[0]}")
    fresh = {}
    for name, runs in run_all(paths, seeds, root, limit).items():
        fresh[name] = _rows_of(name, claims_in(nbformat.read(root / name, 4)), runs)
    target = root / "docs" / "claims.md"
    old = target.read_text(encoding="utf-8") if target.exists() else ""
    write_atomically(target, page(fresh, old, root))
    failed = [row for rows in fresh.values() for row in rows["Failed"]]
    measured = [_place(row)[0] for rows in fresh.values() for row in rows["Measured"]]
    thin = sum(percent < THIN for _, percent in measured)
    print(*failed, f"{thin} of {len(measured)} claims are thinner than {THIN} %.", sep="\n")
    print(f"{target.relative_to(root)} is written.")
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ.update(ONE_THREAD)  # the kernels get it
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
