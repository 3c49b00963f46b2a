"""Execute a notebook, each cell within a limit: for ``run.py`` and ``seeds.py``."""

import atexit
import time
from collections.abc import Callable
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode


class CellFailedError(Exception):
    """A cell raised an error, ran over its limit, or killed the kernel; the message names it."""


def execute(
    notebook: NotebookNode,
    path: Path,
    timeout: float = 300,
    on_cell: Callable[[float, float | None], object] = lambda seconds, mib: None,
) -> None:
    """Execute a notebook from top to bottom, in place.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook; its cells receive their outputs, up to a failing one.
    path : Path
        Where it lies: its cells run in that folder.
    timeout : float
        The seconds that each cell may take.
    on_cell : function
        Called after each code cell with the seconds it took and the kernel's peak memory so far,
        in MiB; None where the system does not tell (it stands in ``/proc`` on Linux).

    Raises
    ------
    CellFailedError
        If a cell fails, or no kernel starts.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> notebook = new_notebook(cells=[new_code_cell("print(6 * 7)"), new_code_cell("1 / 0")])
    >>> execute(notebook, Path("sum.ipynb"))
    Traceback (most recent call last):
    CellFailedError: cell [2]: ZeroDivisionError: division by zero
    >>> notebook.cells[0].outputs[0].text
    '42\\n'
    """
    current = {"number": 0}

    def start(cell, cell_index):
        current.update(number=current["number"] + 1, cell=cell, start=time.perf_counter())

    def end(cell, cell_index, execute_reply):
        on_cell(time.perf_counter() - current["start"], _peak_mib(client.km.provisioner.pid))

    client = NotebookClient(
        notebook,
        timeout=timeout,
        startup_timeout=180,  # many that start at once wait for one another
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        coalesce_streams=True,
        record_timing=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        shutdown_kernel="immediate",
        on_cell_execute=start,
        on_cell_executed=end,
    )
    # nbclient would answer an Output widget's messages through the socket on which it waits for the
    # cell's reply, and so miss that reply until the limit has passed: nbclient issue 312.
    client.widget_registry.clear()
    try:
        client.execute()
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}"
    except CellTimeoutError:
        line = current["cell"].source.strip().splitlines()[0]
        reason = f"it ran longer than {timeout:g} s: {line}"
    except DeadKernelError:
        reason = "its kernel died (not enough memory?)"
    except RuntimeError as error:
        atexit.unregister(client._cleanup_kernel)  # nbclient has cleaned up, and would once more
        raise CellFailedError(f"no kernel started: {error}") from error
    else:
        return
    raise CellFailedError(f"cell [{current['number']}]: {reason}")


def _peak_mib(process: int) -> float | None:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return None
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
