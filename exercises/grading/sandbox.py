"""Run one learner's notebook: the kernel in a sandbox, its outputs taken from outside.

``grade.py`` starts this file once for each submission. What a learner wrote runs in the kernel,
which has no network, sees no file but its own folder and Python's, and is bounded in memory, time,
processes, files and output. The process that talks to it stays outside.
"""

import asyncio
import builtins
import json
import os
import site
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import nbformat
import psutil
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output

ROOT = Path(__file__).resolve().parents[2]
ETC = ["ld.so.cache", "ld.so.conf", "localtime", "fonts", "passwd", "ssl", "alternatives"]
ENVIRONMENT = "PATH LANG LC_ALL TZ AE_DATA AE_DATA_DIR OMP_NUM_THREADS TF_NUM_INTRAOP_THREADS"
KEPT = [*ENVIRONMENT.split(), "TF_NUM_INTEROP_THREADS", "TF_CPP_MIN_LOG_LEVEL"]
MIB = 2**20


@dataclass
class Limits:
    """What one submission may use."""

    cell_seconds: float = 300
    seconds: float = 1800
    memory_mib: int = 4096
    files_mib: int = 200
    output_mib: float = 4  # of each cell
    processes: int = 64


# ------------------------------------------------------------------------ the walls of the sandbox


def walls(how: str, box: Path) -> list[str]:
    """Return what to write before a command so that it runs in the box."""
    if how == "unshare":
        return ["unshare", "--map-root-user", "--net", "--ipc", "--pid", "--fork", "--kill-child"]
    if how == "none":
        return []
    packages = [p for p in (*site.getsitepackages(), site.getusersitepackages()) if p in sys.path]
    read = ["/usr", "/bin", "/lib", "/lib64", *(f"/etc/{name}" for name in ETC)]
    read += [sys.base_prefix, sys.prefix, *packages, str(ROOT / "ae_helpers")]
    read += [os.environ[name] for name in ("AE_DATA_DIR",) if name in os.environ]
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for path in read:
        command += ["--ro-bind-try", path, path]
    for path in ("/tmp", "/dev/shm"):
        command += ["--bind", str(box / "work/tmp"), path]
    return [*command, "--bind", str(box / "work"), str(box / "work"), "--remount-ro", "/"]


def best_walls(box: Path, tried: tuple[str, ...] = ("bubblewrap", "unshare")) -> str:
    """Return the first of `tried` that works here, or else "none"."""
    (box / "work/tmp").mkdir(parents=True, exist_ok=True)
    for how in tried:
        command = [*walls(how, box), sys.executable, "-c", "import ipykernel, ae_helpers"]
        try:
            if subprocess.run(command, capture_output=True, timeout=60).returncode == 0:
                return how
        except (OSError, subprocess.TimeoutExpired):
            continue
    return "none"


def missing(how: str) -> list[str]:
    """Say what a submission can do here that it should not."""
    said = []
    if how != "bubblewrap":
        said += ["read and write whatever you can: solutions, gradebook, other submissions"]
    if how == "none":
        said += ["use the network"]
    if sys.platform != "linux":
        said += ["use more memory than it may for a moment, until the grader sees it"]
    return said


def _limit_resources(limits: Limits) -> None:
    if os.name == "nt":
        return
    import resource

    largest = limits.files_mib * MIB // 2  # one file alone ends in an OSError, not in a kill
    bounds = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": largest, "RLIMIT_NOFILE": 4096}
    if sys.platform == "linux":  # counts what is allocated, not TensorFlow's empty address space
        bounds["RLIMIT_DATA"] = limits.memory_mib * MIB
    for name, most in bounds.items():
        hard = resource.getrlimit(getattr(resource, name))[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(getattr(resource, name), (most, most))


def kill_tree(pid: int) -> None:
    """Kill a process and all below it."""
    try:
        process = psutil.Process(pid)
        below = process.children(recursive=True)
    except psutil.NoSuchProcess:
        return
    for one in [process, *below]:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue


class Watch(threading.Thread):
    """Kill the kernel, with all that it started, when together they use more than they may."""

    def __init__(self, limits: Limits, folder: Path):
        super().__init__(daemon=True)
        self.limits, self.folder, self.why, self.memory = limits, folder, "", 0.0

    def run(self) -> None:
        """Look five times a second."""
        while True:
            time.sleep(0.2)
            self.why = self.why or self._too_much()
            if self.why:
                for kernel in psutil.Process().children():
                    kill_tree(kernel.pid)

    def _too_much(self) -> str:
        memory, processes = 0, psutil.Process().children(recursive=True)
        for process in processes:
            try:
                memory += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        self.memory = memory / MIB
        files = sum(_size(Path(at, f)) for at, _, files in os.walk(self.folder) for f in files)
        used = {"MiB of memory": self.memory, "MiB of files": files / MIB}
        used["processes"] = len(processes)
        limits = self.limits.memory_mib, self.limits.files_mib, self.limits.processes
        over = [f"{n} {what}" for n, (what, m) in zip(limits, used.items(), strict=True) if m > n]
        return f"used more than {over[0]}" if over else ""


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


# ----------------------------------------------------------------------------------- the kernel


class _Manager(AsyncKernelManager):
    """Starts the kernel inside the walls; it talks over sockets in the box, not the network."""

    box: Path
    how: str

    @property
    def kernel_spec(self) -> KernelSpec:
        """This Python's kernel, whatever the notebook asks for."""
        home = str(self.box / "work")
        env = {name: os.environ[name] for name in KEPT if name in os.environ}
        env |= {"HOME": home, "TMPDIR": f"{home}/tmp", "NBGRADER_EXECUTION": "autograde"}
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        if os.name != "nt":
            clean = ["env", "-i", *(f"{name}={value}" for name, value in env.items())]
            argv = [*walls(self.how, self.box), *clean, *argv]
        return KernelSpec(argv=argv, env=env, language="python", interrupt_mode="message")


class _Client(NotebookClient):
    """Takes a kernel's outputs, as many as there is room for."""

    def __init__(self, *args, most: float, **options):
        super().__init__(*args, **options)
        self.most, self.taken, self.tails = most, {}, {}

    def process_message(self, msg, cell, cell_index):
        """Keep the beginning and the end of what a cell writes; widgets are not needed here."""
        kind, content = msg["msg_type"], msg["content"]
        if kind.startswith("comm"):
            return None
        if kind in ("stream", "display_data", "execute_result", "update_display_data"):
            self.taken[cell_index] = self.taken.get(cell_index, 0) + len(str(content))
            if self.taken[cell_index] > self.most:
                tail = self.tails.get(cell_index, "") + content.get("text", "")
                self.tails[cell_index] = tail[-2000:]
                return None
        return super().process_message(msg, cell, cell_index)


def _error(why: str) -> NotebookNode:
    return new_output("error", ename="NotRun", evalue=why, traceback=[f"✗ {why}"])


def _errors(cell: NotebookNode) -> list[NotebookNode]:
    return [output for output in cell.outputs if output.output_type == "error"]


def _name(cell: NotebookNode, index: int) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id") or f"cell {index + 1}"


async def _run_cells(notebook, limits, how, box, watch, skip, deadline, seconds):
    """Run the cells in a new kernel; return which one ended it, or -1, and how it did that."""
    shared = {"transport": "ipc"} if os.name != "nt" else {}
    manager = _Manager(connection_file=str(box / "work" / ".kernel.json"), **shared)
    manager.box, manager.how = box, how
    client = _Client(
        notebook, km=manager, most=limits.output_mib * MIB, allow_errors=True, iopub_timeout=10,
        raise_on_iopub_timeout=False, interrupt_on_timeout=True, startup_timeout=120,
        error_on_timeout={"ename": "CellTimeoutError", "evalue": "out of time", "traceback": []},
        timeout_func=lambda _: max(1, min(limits.cell_seconds, deadline - time.monotonic())),
        resources={"metadata": {"path": str(box / "work")}},
    )  # fmt: skip
    index = 0
    late = []
    client.on_cell_executed = lambda cell, cell_index, execute_reply: late.extend(
        [cell_index] if execute_reply["content"].get("ename") == "CellTimeoutError" else []
    )
    try:
        await client.async_start_new_kernel()
        await client.async_start_new_kernel_client()
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            if index not in skip and time.monotonic() > deadline:
                skip[index] = "was not run: the time for the whole notebook was over"
            if index in skip:
                cell.outputs = [_error(f"This cell {skip[index]}.")]
                continue
            start = time.monotonic()
            await client.async_execute_cell(cell, index)
            seconds[index] = time.monotonic() - start
            if index in late:
                skip[index] = f"was stopped: it ran for more than {limits.cell_seconds:.0f} s"
                _skip_check_after_look(notebook, index, skip)
                cell.outputs.append(_error(f"This cell {skip[index]}."))
                try:  # does the kernel take the next cell, or could it not be interrupted?
                    await client.kc.kernel_info(reply=True, timeout=10)
                except (TimeoutError, RuntimeError):
                    return index, skip[index]
            elif watch.memory > limits.memory_mib / 2 and _errors(cell):
                return index, "was stopped: it filled the memory"  # and an error holds on to it
        return -1, ""
    except DeadKernelError:
        return index, "ended its kernel"
    finally:
        for index, tail in client.tails.items():
            notebook.cells[index].outputs.append(
                new_output("stream", text=f"\n... cut: too much output ...\n{tail}")
            )
        await manager.shutdown_kernel(now=True)
        if client.kc:
            client.kc.stop_channels()


def _skip_check_after_look(notebook, index: int, skip: dict[int, str]) -> None:
    """What a look could not bear, its check need not try: it calls the same answer."""
    meta = notebook.cells[index].metadata.get("nbgrader", {})
    if meta.get("locked") and not meta.get("grade"):
        for later in range(index + 1, len(notebook.cells)):
            meta = notebook.cells[later].metadata.get("nbgrader", {})
            if meta.get("solution"):
                return
            if meta.get("grade"):
                skip[later] = "was not run, since the one above was stopped"
                return


def execute(notebook, limits: Limits, how: str, box: Path) -> tuple[list[str], float]:
    """Run all cells in place; return what a person should know, and the slowest cell's seconds.

    A cell that ends its kernel is left out, and the others run again.
    """
    watch, given = Watch(limits, box / "work"), set((box / "work").rglob("*"))
    watch.start()
    deadline, skip, seconds = time.monotonic() + limits.seconds, {}, {}
    while True:
        index, why = asyncio.run(
            _run_cells(notebook, limits, how, box, watch, skip, deadline, seconds)
        )
        if index < 0:
            break
        skip[index] = f"was stopped: it {watch.why}" if watch.why else why
        for path in set((box / "work").rglob("*")) - given:  # else it would be killed again
            if path.is_symlink() or not path.is_dir():
                path.unlink(missing_ok=True)
        watch.why = ""
        _skip_check_after_look(notebook, index, skip)
    notes = [f"{_name(notebook.cells[i], i)} {why}" for i, why in sorted(skip.items())]
    for index, cell in enumerate(notebook.cells):
        notes += _finish(cell, index) if cell.cell_type == "code" else []
    return notes, max(seconds.values(), default=0)


def _finish(cell: NotebookNode, index: int) -> list[str]:
    """Shorten errors, and see to it that a check which did not pass holds one."""
    notes, errors = [], _errors(cell)
    for error in errors:
        error.evalue = error.evalue[:2000]
        error.traceback = [line[:4000] for line in error.traceback[:50]]
        kind = getattr(builtins, error.ename, None)
        if isinstance(kind, type) and issubclass(kind, OSError | MemoryError):
            notes.append(f"{_name(cell, index)}: {error.ename}: {error.evalue[:120]}")
    if cell.metadata.get("nbgrader", {}).get("grade"):
        streams = [output for output in cell.outputs if output.output_type == "stream"]
        for stream in streams:
            stream.name = "stdout"  # nbgrader takes a warning on stderr for a failure
        passed = any("✓" in stream.text for stream in streams)
        if not errors and 'print("✓' in cell.source and not passed:
            cell.outputs.append(_error("The check did not come to its end."))
            notes.append(f"{_name(cell, index)} did not come to its end")
    return notes


# -------------------------------------------------------------------------- from the outside


def run(notebook: NotebookNode, limits: Limits, how: str, box: Path):
    """Run a notebook in a process of its own; ``box / "work"`` is the folder in which it runs.

    Returns the notebook with its outputs, what a person should know, and the slowest cell's
    seconds. Raises RuntimeError where the process itself breaks.
    """
    (box / "work/tmp").mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, box / "in.ipynb")
    (box / "job.json").write_text(json.dumps({"limits": asdict(limits), "how": how}))
    command = [sys.executable, __file__, str(box)]
    with open(box / "log.txt", "w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            code = process.wait(limits.seconds + 180)
        except subprocess.TimeoutExpired:
            code = "no answer"
        finally:
            kill_tree(process.pid)
    if code != 0:
        last = (box / "log.txt").read_text(errors="replace").strip().rpartition("\n")[2]
        raise RuntimeError(f"the run broke off ({code}): {last[:200]}")
    notes, slowest = json.loads((box / "notes.json").read_text(encoding="utf-8"))
    return nbformat.read(box / "out.ipynb", 4), notes, slowest


def _main(box: Path) -> None:
    job = json.loads((box / "job.json").read_text())
    limits = Limits(**job["limits"])
    _limit_resources(limits)
    notebook = nbformat.read(box / "in.ipynb", 4)
    notes = execute(notebook, limits, job["how"], box)
    nbformat.write(notebook, box / "out.ipynb")
    (box / "notes.json").write_text(json.dumps(notes), encoding="utf-8")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
