"""Check this machine and run notebooks: ``python -m ae_helpers doctor`` and ``... run``."""

import argparse
import importlib.metadata
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

SUPPORTED_PYTHON = ((3, 11), (3, 13))


class Check(NamedTuple):
    """One thing that the course needs: what was found, and how to mend what is wrong.

    ``state`` is "ok", "slow" (the course runs, less comfortably) or "broken" (it would not run).
    """

    name: str
    state: str
    found: str
    mend: str


def check_machine() -> list[Check]:
    """Check Python, packages, cores, memory, disk, data and the Jupyter kernel.

    Returns
    -------
    list of Check
        One entry for each, in that order; ``mend`` is empty where nothing is wrong.

    Examples
    --------
    >>> check_machine()[0].name
    'Python'
    """
    return [
        _check_python(),
        *_check_packages(),
        _check_cores(),
        _check_memory(),
        _check_disk(),
        _check_data(),
        _check_kernel(),
    ]


def _check_python() -> Check:
    low, high = SUPPORTED_PYTHON
    found = ".".join(map(str, sys.version_info[:3]))
    if low <= sys.version_info[:2] <= high:
        return Check("Python", "ok", found, "")
    wanted = f"{low[0]}.{low[1]} to {high[0]}.{high[1]}"
    return Check("Python", "broken", found, f"install Python {wanted} and run make lab again")


def _check_packages() -> list[Check]:
    from packaging.requirements import Requirement

    mend = "run make lab, or: python -m pip install -r requirements.txt -e ."
    try:
        wanted = importlib.metadata.requires("ae-helpers") or []
    except importlib.metadata.PackageNotFoundError:
        return [Check("ae-helpers", "broken", "not installed", mend)]
    checks = []
    for requirement in map(Requirement, wanted):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            checks.append(Check(requirement.name, "broken", "not installed", mend))
            continue
        fits = requirement.specifier.contains(found, prereleases=True)
        checks.append(
            Check(requirement.name, "ok", found, "")
            if fits
            else Check(requirement.name, "broken", f"{found}, not {requirement.specifier}", mend)
        )
    if all(check.state == "ok" for check in checks):
        checks.append(_check_tensorflow())
    return checks


def _check_tensorflow() -> Check:
    name = "TensorFlow runs"
    try:
        from ae_helpers._tensorflow import tf

        result = float(tf.reduce_sum(tf.ones((2, 2))))
    except Exception as error:
        mend = "delete the folder .venv and run make lab; on Windows install the VC++ runtime too"
        return Check(name, "broken", f"{type(error).__name__}: {error}", mend)
    return Check(name, "ok" if result == 4 else "broken", f"1 + 1 + 1 + 1 = {result:.0f}", "")


def _check_cores() -> Check:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    mend = "" if cores >= 2 else "expect about twice the running times that the notebooks name"
    return Check("processor cores", "slow" if mend else "ok", str(cores), mend)


def _check_memory() -> Check:
    import psutil

    free = psutil.virtual_memory().available / 2**30
    mend = "close other programs: a notebook needs up to 1.5 GiB"
    state = "ok" if free >= 2 else "slow" if free >= 1 else "broken"
    return Check("free memory", state, f"{free:.1f} GiB", "" if state == "ok" else mend)


def _check_disk() -> Check:
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    state = "ok" if free >= 0.5 else "broken"
    mend = "" if state == "ok" else "free at least 0.5 GiB on this disk"
    return Check("free disk", state, f"{free:.1f} GiB", mend)


def _check_data() -> Check:
    from ae_helpers import data

    try:
        split = data.load_digits()
    except (ValueError, OSError, ModuleNotFoundError) as error:
        return Check("digits", "broken", type(error).__name__, str(error))
    found = f"{len(split.x_train):,} to train on, {len(split.x_test):,} to test"
    return Check("digits", "ok", found, "")


def _check_kernel() -> Check:
    name = "Jupyter kernel"
    mend = "run: python -m ipykernel install --sys-prefix"
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

        spec = KernelSpecManager().get_kernel_spec("python3")
    except (ImportError, NoSuchKernel) as error:
        return Check(name, "broken", str(error), mend)
    started = shutil.which(spec.argv[0]) or spec.argv[0]
    native = spec.resource_dir.startswith(sys.prefix) or (
        Path(started).exists() and Path(started).samefile(sys.executable)
    )
    if native:
        return Check(name, "ok", spec.resource_dir, "")
    return Check(name, "broken", f"it starts another Python: {started}", mend)


def doctor() -> int:
    """Print every check with its cure.

    Returns
    -------
    int
        0 if the course would run, else 1.
    """
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


class Run(NamedTuple):
    """How one notebook ran: seconds, the slowest cell's seconds, the kernel's peak memory."""

    path: Path
    seconds: float
    slowest: float
    peak_mib: float
    failure: str


def run_notebook(path: Path, save: bool = False, html_folder: Path | None = None) -> Run:
    """Execute a notebook from top to bottom in a fresh kernel, with a progress bar.

    Parameters
    ----------
    path : Path
        The notebook.
    save : bool
        Write the outputs into the notebook itself, if every cell ran.
    html_folder : Path, optional
        Where to write the notebook as HTML, with the outputs up to a failing cell.

    Returns
    -------
    Run
        ``failure`` names the cell and the error; empty if there was none.

    Raises
    ------
    ValueError
        If the file is not a notebook.

    Examples
    --------
    >>> run_notebook(Path("missing.ipynb"))
    Traceback (most recent call last):
    ValueError: missing.ipynb is not a notebook: No such file or directory
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from tqdm import tqdm

    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"{path} is not a notebook: {reason}") from error
    cells = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    clock = {"start": time.perf_counter(), "slowest": 0.0}
    current = {"cell": 0}
    bar = tqdm(total=len(cells), desc=path.stem, unit="cell", leave=False)

    def on_start(cell, cell_index):
        current["cell"], clock["cell"] = cells.index(cell_index) + 1, time.perf_counter()

    def on_end(cell, cell_index, execute_reply):
        clock["slowest"] = max(clock["slowest"], time.perf_counter() - clock["cell"])
        bar.update()

    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        coalesce_streams=True,
        record_timing=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        on_cell_execute=on_start,
        on_cell_executed=on_end,
    )
    failure = ""
    memory = _PeakMemory(client)
    with bar, memory:
        try:
            client.execute()
        except CellExecutionError as error:
            failure = f"cell [{current['cell']}]: {error.ename}: {error.evalue}"
        except (CellTimeoutError, DeadKernelError) as error:
            failure = f"cell [{current['cell']}]: {type(error).__name__}: {error}"
    seconds = time.perf_counter() - clock["start"]
    if save and not failure:
        write_atomically(path, nbformat.writes(notebook) + "\n")
    if html_folder:
        from nbconvert import HTMLExporter

        exporter = HTMLExporter(template_name="classic")  # the one that writes the alt texts
        body, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": path.stem}})
        html_folder.mkdir(parents=True, exist_ok=True)
        write_atomically(html_folder / f"{path.stem}.html", body)
    return Run(path, seconds, clock["slowest"], memory.mib, failure)


class _PeakMemory:
    """The largest resident memory of a client's kernel, sampled ten times a second."""

    def __init__(self, client):
        self.client, self.mib, self._done = client, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        import psutil

        while not self._done.wait(0.1):
            pid = getattr(getattr(self.client.km, "provisioner", None), "pid", None)
            try:
                if pid:
                    self.mib = max(self.mib, psutil.Process(pid).memory_info().rss / 2**20)
            except psutil.Error:
                pass  # between the kernel's end and the client's

    def __enter__(self) -> "_PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._done.set()
        self._thread.join()


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that a reader never meets half of it: into a temporary one, then rename.

    Parameters
    ----------
    path : Path
        The file; its folder exists.
    text : str
        Its new content, written as UTF-8.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_atomically(folder / "a.txt", "hello")
    >>> (folder / "a.txt").read_text()
    'hello'
    """
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        temporary = Path(file.name)
        try:
            file.write(text)
        except BaseException:
            file.close()
            temporary.unlink()
            raise
    temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
    temporary.replace(path)


def run(paths: Sequence[Path], save: bool) -> int:
    """Run notebooks one after another and print a summary.

    Parameters
    ----------
    paths : sequence of Path
        The notebooks.
    save : bool
        Write the outputs into the notebooks; otherwise as HTML into the folder ``build``.

    Returns
    -------
    int
        0 if every cell of every notebook ran, else 1.
    """
    runs = []
    for path in paths:
        try:
            runs.append(run_notebook(path, save, None if save else Path("build")))
        except ValueError as error:
            runs.append(Run(path, 0.0, 0.0, 0.0, str(error).removeprefix(f"{path} ")))
        print(_report(runs[-1]), flush=True)
    failed = [r for r in runs if r.failure]
    total = sum(r.seconds for r in runs)
    print(f"\n{len(runs) - len(failed)} of {len(runs)} notebooks ran, {total:.0f} s in all.")
    for r in failed:
        print(f"✗ {r.path}: {r.failure}")
    return 1 if failed or not runs else 0


def _report(r: Run) -> str:
    return (
        f"{'✗' if r.failure else '✓'} {r.path.stem:32} {r.seconds:6.1f} s"
        f"   slowest cell {r.slowest:5.1f} s   peak memory {r.peak_mib:6.0f} MiB"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, ``python -m ae_helpers``.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of ``sys.argv`` by default.

    Returns
    -------
    int
        The exit status.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")  # a Windows console may not know ✓
    parser = argparse.ArgumentParser(prog="python -m ae_helpers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("doctor", help="check this machine; exit 1 if the course would not run")
    runner = commands.add_parser("run", help="execute notebooks; exit 1 if one fails")
    runner.add_argument("notebooks", nargs="*", type=Path, help="default: all in notebooks/")
    runner.add_argument("--save", action="store_true", help="save outputs into the notebooks")
    chosen = parser.parse_args(arguments)
    if chosen.command == "doctor":
        return doctor()
    return run(chosen.notebooks or sorted(Path("notebooks").glob("*.ipynb")), chosen.save)
