"""Check that the course runs on this machine. The standard library does it alone: whatever else is
missing is a line with its cure, not an error."""

import atexit
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ae_helpers.__main__ import wrong_python

MEND = "run make lab, or: python -m ae_helpers install"


class Check(NamedTuple):
    """One thing that the course needs: what was found, and how to mend what is wrong.

    ``state`` is "ok", where ``mend`` is empty, "slow" (the course runs, less comfortably) or
    "broken" (it would not run).
    """

    name: str
    state: str
    found: str
    mend: str


def check_machine(kernel: bool = True) -> list[Check]:
    """Check Python, packages, cores, memory, disk, TensorFlow, data and, if asked, the kernel.

    There is an entry for each, in that order. ``kernel`` is for starting a Jupyter kernel and
    running a cell in it: a cell that asks already runs in one.

    Examples
    --------
    >>> check_machine(kernel=False)[0].name
    'Python'
    """
    mend = wrong_python()
    python = Check("Python", "broken" if mend else "ok", sys.version.split()[0], mend)
    checks = [python, *_check_packages(), _check_cores(), _check_memory(), _check_disk()]
    checks.append(_try("TensorFlow", _use_tensorflow, f"{MEND}; on Windows the VC++ runtime too"))
    checks.append(_try("digits", _load_digits, MEND))
    if kernel:
        mend = f"{MEND}, or: python -m ipykernel install --sys-prefix"
        checks.append(_try("Jupyter kernel", _run_a_cell, mend))
    return checks


def _check_packages() -> list[Check]:
    try:
        wanted = importlib.metadata.requires("ae-helpers") or []
    except importlib.metadata.PackageNotFoundError:
        return [Check("ae-helpers", "broken", "not installed", MEND)]
    needed = [line for line in wanted if "extra ==" not in line]
    pattern = re.compile(r"([\w.-]+)(?:>=([\d.]+))?")
    return [_check_package(*pattern.match(line).groups("0")) for line in needed]


def _check_package(name: str, least: str) -> Check:
    try:
        found = importlib.metadata.version(name) or "damaged"
    except importlib.metadata.PackageNotFoundError:
        return Check(name, "broken", "not installed", MEND)
    has, needs = ([int(n) for n in re.findall(r"\d+", version)] for version in (found, least))
    if has >= needs:
        return Check(name, "ok", found, "")
    return Check(name, "broken", f"{found}, not >={least}", MEND)


def _check_cores() -> Check:
    ours = hasattr(os, "sched_getaffinity")  # not all of them may be
    cores = len(os.sched_getaffinity(0)) if ours else os.cpu_count() or 1
    mend = "" if cores >= 2 else "expect about twice the running times that the notebooks name"
    return Check("processor cores", "slow" if mend else "ok", str(cores), mend)


def _check_memory() -> Check:
    try:
        import psutil
    except ImportError:
        return Check("free memory", "slow", "unknown: psutil is not installed", MEND)
    free = psutil.virtual_memory().available / 2**30
    mend = "" if free >= 2 else "close other programs: a notebook needs up to 1.5 GiB"
    state = "ok" if free >= 2 else "slow" if free >= 1 else "broken"
    return Check("free memory", state, f"{free:.1f} GiB", mend)


def _check_disk() -> Check:
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    mend = "" if free >= 0.5 else "free at least 0.5 GiB on this disk"
    return Check("free disk", "broken" if mend else "ok", f"{free:.1f} GiB", mend)


def _try(name: str, use: Callable[[], str], mend: str) -> Check:
    try:
        return Check(name, "ok", use(), "")
    except Exception as error:  # whatever it is, it is what the learner has to know
        found = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return Check(name, "broken", found, mend)


def _use_tensorflow() -> str:
    from ae_helpers.quiet import tf

    return f"1 + 1 + 1 + 1 = {int(tf.reduce_sum(tf.ones((2, 2))))}"


def _load_digits() -> str:
    from ae_helpers import data

    split = data.load_digits()
    return f"{len(split.x_train):,} to train on, {len(split.x_test):,} to test"


def _run_a_cell() -> str:
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    cell = new_code_cell("import sys, ae_helpers; print(6 * 7, sys.prefix)")
    client = NotebookClient(
        new_notebook(cells=[cell]),
        kernel_name="python3",
        timeout=60,
        allow_errors=True,
        resources={"metadata": {"path": tempfile.gettempdir()}},  # only what is installed is found
    )
    try:
        client.execute(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finally:
        atexit.unregister(client._cleanup_kernel)  # nbclient has cleaned up, and would once more
    told = "".join(output.get("text", output.get("evalue", "")) for output in cell.outputs)
    answer, _, prefix = told.strip().partition(" ")
    if answer != "42":
        raise RuntimeError(told)
    if prefix != sys.prefix:
        raise RuntimeError(f"it starts another Python, in {prefix}")
    return "6 * 7 = 42"


def doctor() -> int:
    """Print every check with its cure; the exit status is 0 if the course would run, else 1."""
    signs = {"ok": "✓", "slow": "!", "broken": "✗"}
    checks = check_machine()
    width = max(len(check.name) for check in checks)
    for check in checks:
        print(f"{signs[check.state]} {check.name:{width}}  {check.found}")
        if check.mend:
            print(f"  {'':{width}}  → {check.mend}")
    broken = sum(check.state == "broken" for check in checks)
    print(f"\n{broken} thing(s) to mend." if broken else "\nThe course runs here.")
    return 1 if broken else 0
