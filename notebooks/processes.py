"""Start and end the processes of lesson 9: a node of Ray, and the workers of one training.

None outlives its notebook: not when a cell is interrupted or run twice, not when a worker is
killed, not when the notebook is closed. (If the notebook itself is killed, Ray's node ends at once,
and two of its helpers within about a minute.)
"""

import contextlib
import json
import logging
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ONE_THREAD = dict.fromkeys(["OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"], "1")
# Ray and Tune read these while they are imported and while a node starts.
QUIET = {
    "RAY_AIR_NEW_OUTPUT": "0",  # the newer one prints a box in spite of verbose=0
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # an interrupted cell ends, rather than winding up
}
FOR_ONE_USER = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # no cluster: it listens on 127.0.0.1 only
    "RAY_AUTH_MODE": "token",  # it obeys this user only
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",  # else every other program on the machine goes first
    "RAY_prestart_worker_first_driver": "0",  # of workers that Tune's trials cannot use
}
_node_folder = None


def start_ray(address=None, cores=2):
    """Start a node of Ray for this machine alone, or join the cluster at an address.

    The node gets memory for small objects only, and no dashboard. Its workers take one thread each.

    Returns
    -------
    bool
        False where Ray is not installed.
    """
    global _node_folder
    os.environ.update(QUIET if address else QUIET | FOR_ONE_USER)
    if not address:
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    try:
        import ray
    except ImportError:
        return False
    stop_ray()
    settings = {"log_to_driver": False, "logging_level": "error"}
    settings |= {"runtime_env": {"env_vars": ONE_THREAD}}
    if not address:
        # A short path: the system allows a socket's name about 100 characters.
        place = "/tmp" if os.name == "posix" else None
        _node_folder = tempfile.mkdtemp(prefix="ray", dir=place)
        settings |= {"num_cpus": cores, "object_store_memory": 80 * 2**20}
        settings |= {"include_dashboard": False, "_temp_dir": _node_folder}
    try:
        ray.init(address, **settings)
    except BaseException:
        stop_ray()
        raise
    return True


def stop_ray():
    """End the node and all that it started, or leave the cluster; nothing where there is none."""
    global _node_folder
    if ray := sys.modules.get("ray"):
        ray.shutdown()
    if _node_folder:
        shutil.rmtree(_node_folder, ignore_errors=True)
        _node_folder = None


def run_trials(train, trials, at_once=1, stop_early=False):
    """Run ``train(trial, report)`` for each trial with Ray Tune; return what was reported.

    A trial that fails does not stop the others. Without Ray they run here, one after another, and
    none is stopped early.

    Parameters
    ----------
    trials : list of dict
        Settings.
    at_once : int
        How many run side by side.
    stop_early : bool
        Stop a trial that is, after 1, 2, 4, ... epochs, in the worse half of those so far.

    Returns
    -------
    list of dict
        A line for each report: the trial, the report, and "failed", which says how, or is empty.
    """
    try:
        from ray import tune
    except ImportError:
        return _run_here(train, trials)
    logging.getLogger("ray.tune").setLevel("CRITICAL")  # "failed" says it
    asha = tune.schedulers.ASHAScheduler(time_attr="epoch", grace_period=1, reduction_factor=2)
    try:
        with tempfile.TemporaryDirectory() as folder:
            results = tune.Tuner(
                lambda config: train(config["trial"], tune.report),
                param_space={"trial": tune.grid_search(trials)},
                tune_config=tune.TuneConfig(
                    metric="error", mode="min", scheduler=asha if stop_early else None,
                    max_concurrent_trials=at_once, reuse_actors=True,
                ),
                run_config=tune.RunConfig(
                    storage_path=folder, callbacks=[tune.logger.JsonLoggerCallback()],
                    verbose=0, progress_reporter=tune.CLIReporter(),  # not a notebook's table
                ),
            ).fit()  # fmt: skip
            lines = []
            for result in results:
                failed = str(result.error or "").rpartition("\n")[2]
                for line in result.metrics_dataframe.to_dict("records"):
                    lines.append(result.config["trial"] | line | {"failed": failed})
            if not lines:
                raise RuntimeError(f"No trial has reported anything. The last one: {failed}")
    except BaseException:
        stop_ray()
        raise
    return lines


def _run_here(train, trials):
    """Run trials in this process."""
    lines = []
    for trial in trials:
        told = []
        try:
            train(trial, told.append)
            failed = ""
        except Exception as error:  # whatever it is, it is this trial's
            failed = f"{type(error).__name__}: {error}"
        lines += [trial | line | {"failed": failed} for line in told]
    return lines


class WorkerDiedError(RuntimeError):
    """A worker ended before its work was done; the message says which, and what to do."""


class Workers:
    """Processes that train one network together, to be used in a ``with`` statement.

    Each runs two_workers.py and listens on a free port of this machine. When the statement is left,
    in whatever way, they end.

    Parameters
    ----------
    count : int
        How many.
    training : dict
        The arguments of ``two_workers.train``.
    """

    def __init__(self, count, **training):
        self.count, self.training = count, training

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="workers"))
        self.processes = []
        addresses = [f"127.0.0.1:{port}" for port in free_ports(self.count)]
        try:
            for index in range(self.count):
                place = {
                    "cluster": {"worker": addresses},
                    "task": {"type": "worker", "index": index},
                }
                self.processes.append(self._start(index, json.dumps(place)))
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self, index, place):
        work = {"training": self.training, "result": str(self.folder / f"{index}.npz")}
        with open(self.folder / f"{index}.log", "w") as log:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-u",
                    Path(__file__).with_name("two_workers.py"),
                    json.dumps(work),
                ],
                env=os.environ | ONE_THREAD | {"TF_CONFIG": place},
                stdin=subprocess.PIPE,  # it closes when the notebook ends, and so ends the worker
                stdout=log,
                stderr=log,
                start_new_session=True,  # an interrupt is the notebook's, which then ends them
            )

    def __exit__(self, *exception):
        for process in self.processes:
            process.kill()
            process.wait()
            process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def results(self):
        """What each worker has found: its losses, seconds and weights, and what ``fit`` said."""
        found = []
        for index in range(self.count):
            with np.load(self.folder / f"{index}.npz") as file:
                weights = [file[f"arr_{i}"] for i in range(len(file.files) - 3)]
                found.append({name: file[name] for name in ("losses", "seconds", "fit")})
            found[-1]["weights"] = weights
        return found

    def log(self, index):
        """What a worker has printed."""
        return (self.folder / f"{index}.log").read_text(errors="replace")

    def wait(self, epoch=None):
        """Wait until all have ended, or until the first says that it has finished an epoch.

        Raises
        ------
        WorkerDiedError
            As soon as one has ended before its work was done.
        """
        while True:
            codes = [process.poll() for process in self.processes]
            if any(codes):  # a signal's code is negative, and killed others fail in turn
                code = min(filter(None, codes))
                raise WorkerDiedError(self._obituary(codes.index(code), code))
            if None not in codes or (epoch and f"epoch {epoch}\n" in self.log(0)):
                return
            time.sleep(0.05)

    def _obituary(self, index, code):
        if code < 0:
            how, remedy = f"was killed by signal {-code}", "See whether memory ran out"
        else:
            last = (self.log(index).strip() or "nothing").splitlines()[-1]
            how, remedy = f"failed, saying: {last}", "Mend that"
        return (
            f"Worker {index} (of {self.count}, counted from 0) {how}. In each step every worker "
            f"waits for all, so the others were ended too. {remedy}, and start all of them again."
        )


def free_ports(count):
    """Ports of this machine that nothing listens on, each another one."""
    with contextlib.ExitStack() as stack:
        found = []
        for _ in range(count):
            found.append(stack.enter_context(socket.socket()))
            found[-1].bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in found]
