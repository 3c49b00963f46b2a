"""Lesson 9: two workers are one process, accidents are told, and no process is ever left."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest
from execute import execute
from jupyter_client.manager import start_new_kernel

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
LESSON = FOLDER / "09_scaling_out.ipynb"
sys.path.insert(0, str(FOLDER))

import processes  # noqa: E402

try:
    import ray
except ImportError:
    ray = None

slow = pytest.mark.slow
needs_ray = pytest.mark.skipif(ray is None, reason="Ray is not installed")
posix = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")


def children(process=None):
    """All that a process has started, and what that has started."""
    listed = psutil.Process(process).children(recursive=True)
    return [child for child in listed if child.status() != psutil.STATUS_ZOMBIE]


def wait_for(condition, seconds=60):
    """Wait until a condition holds; give what it gave."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not after {seconds} s"
        time.sleep(0.1)
    return found


def left_of(listed, seconds=20):
    """Those of some processes that are still alive after a while."""
    return psutil.wait_procs(listed, timeout=seconds)[1]


def python(code, **settings):
    """Start a Python that runs some lines in the notebooks' folder."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=FOLDER, stdout=subprocess.PIPE, text=True, **settings,
    )  # fmt: skip


# ------------------------------------------------------------------------------ what is written


def test_the_file_that_a_cluster_runs_is_small_and_says_how():
    source = (FOLDER / "sweep.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) < 80
    assert "--address" in source and "python sweep.py" in source


def test_the_pages_say_how_to_start_a_cluster():
    page = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    for command in ("ray start --head", "ray start --address", "python sweep.py --address"):
        assert command in page


def test_free_ports_differ_and_are_free():
    ports = processes.free_ports(5)
    assert len(set(ports)) == 5
    busy = {connection.laddr.port for connection in psutil.Process().net_connections()}
    assert not busy & set(ports)


@pytest.mark.parametrize(
    "code, log, told",
    [
        (-9, "epoch 1\n", "Worker 1 (of 3, counted from 0) was killed by signal 9."),
        (1, "Traceback ...\nValueError: no rate\n", "failed, saying: ValueError: no rate."),
        (1, "", "failed, saying: nothing."),
    ],
)
def test_a_dead_worker_is_told_in_a_sentence(code, log, told, tmp_path):
    workers = processes.Workers(3)
    workers.folder = tmp_path
    (tmp_path / "1.log").write_text(log)
    sentence = workers._obituary(1, code)
    assert told in sentence and sentence.endswith("start all of them again.")


def test_without_ray_the_trials_run_here(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert processes.start_ray() is False

    def train(trial, report):
        report({"epoch": 0, "error": 1.0})
        report({"epoch": 1, "error": 1 / trial["x"]})

    lines = processes.run_trials(train, [{"x": 2}, {"x": 0}, {"x": 4}], at_once=2)
    assert [line["error"] for line in lines] == [1, 0.5, 1, 1, 0.25]
    assert {line["x"]: line["failed"] for line in lines} == {
        2: "",
        0: "ZeroDivisionError: division by zero",
        4: "",
    }


# ------------------------------------------------------------------------------- two workers


@slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_two_workers_find_what_one_process_finds(seed):
    import two_workers

    from ae_helpers import data
    from ae_helpers.quiet import tf

    settings = {"epochs": 3, "seed": seed}
    with processes.Workers(2, **settings) as workers:
        workers.wait()
        found = workers.results()
    images = data.load_digits().x_train.reshape(-1, 784)
    losses, _, network = two_workers.train(tf.distribute.get_strategy(), images, **settings)
    assert losses[-1] < 0.5 * losses[0] + 0.1, "it must have learned something"
    for worker in found:
        assert np.abs(worker["losses"] - losses).max() < 1e-6
        for a, b in zip(worker["weights"], network.get_weights(), strict=True):
            assert np.abs(a - b).max() < 1e-5
    assert not children()


@slow
@posix
@pytest.mark.parametrize("index", [0, 1])
def test_a_killed_worker_is_named_soon_and_the_others_end(index):
    with processes.Workers(2, epochs=10_000) as workers:
        workers.wait(epoch=1)
        started = children()
        workers.processes[index].kill()
        killed = time.monotonic()
        with pytest.raises(processes.WorkerDiedError, match=f"Worker {index} .* signal 9"):
            workers.wait()
        assert time.monotonic() - killed < 20
    assert len(started) >= 2 and not left_of(started, 5) and not workers.folder.exists()


@slow
def test_a_failing_worker_says_what_it_said_last():
    with processes.Workers(2, rate="fast") as workers:  # noqa: SIM117
        with pytest.raises(processes.WorkerDiedError, match=r"failed, saying: \w+Error"):
            workers.wait()
    assert not children()


# ----------------------------------------------------------------------------------- the node

TWO_TRIALS = """
    import json, time, psutil, processes

    def train(trial, report):
        report({"epoch": 0, "error": 1.0})
        time.sleep(trial["seconds"])
        assert trial["seconds"] != 0.2, "on purpose"
        report({"epoch": 1, "error": trial["seconds"]})
"""


@slow
@needs_ray
def test_the_node_is_for_this_machine_alone_and_leaves_nothing():
    code = """
    nodes = []
    for _ in range(2):  # the cell is run twice
        processes.start_ray()
        nodes.append(psutil.Process().children(recursive=True))
    alive = [process.is_running() for process in nodes[0]]
    heard = [c.laddr.ip for p in nodes[1] for c in p.net_connections() if c.status == "LISTEN"]
    names = " ".join(word for process in nodes[1] for word in process.cmdline())
    folder = processes._node_folder
    lines = processes.run_trials(train, [{"seconds": 0.1}, {"seconds": 0.2}, {"seconds": 0.3}], 2)
    processes.stop_ray()
    left = [p.name() for p in psutil.Process().children(recursive=True)]
    print(json.dumps([alive, heard, names, lines, left, folder]))
    """
    told = python(TWO_TRIALS + code).communicate(timeout=200)[0]
    alive, heard, names, lines, left, folder = json.loads(told.splitlines()[-1])
    assert not any(alive) and not left and not Path(folder).exists()
    assert heard and {ip.removeprefix("::ffff:") for ip in heard} == {"127.0.0.1"}
    assert "raylet" in names and "gcs_server" in names
    ends = {line["seconds"]: (line["epoch"], line["failed"]) for line in lines}
    assert ends == {0.1: (1, ""), 0.2: (0, "AssertionError: on purpose"), 0.3: (1, "")}


AT_WORK = {
    "workers": """
    import processes
    with processes.Workers(2, epochs=10_000) as workers:
        workers.wait()
    """,
    "ray": TWO_TRIALS
    + """
    processes.start_ray()
    processes.run_trials(train, [{"seconds": 500}, {"seconds": 501}], at_once=2)
    """,
}


@slow
@posix
@pytest.mark.parametrize("how", ["interrupted", "closed", "killed"])
@pytest.mark.parametrize("what", ["workers", pytest.param("ray", marks=needs_ray)])
def test_nothing_is_left_of_a_notebook_that_is(how, what):
    manager, client = start_new_kernel(cwd=str(FOLDER))
    try:
        kernel = manager.provisioner.pid
        client.execute(textwrap.dedent(AT_WORK[what]))
        busy = {"workers": "two_workers.py", "ray": "ray::ImplicitFunc"}[what]

        def at_work():
            named = [" ".join(c.cmdline()) for c in children(kernel)]
            return sum(busy in name for name in named) == 2

        wait_for(at_work, 100)
        started = children(kernel)
        if how == "interrupted":
            manager.interrupt_kernel()
            assert not left_of(started)
            assert manager.is_alive() and not children(kernel)
        elif how == "closed":
            manager.shutdown_kernel()
        else:
            os.kill(kernel, signal.SIGKILL)
        # Of a node whose notebook was killed two small helpers go last: they wait for the others.
        # And a worker that is still importing looks for its notebook when that is done.
        assert not left_of(started, 100 if how == "killed" else 20)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@slow
@posix
def test_a_worker_that_waits_for_the_other_one_ends_with_its_notebook():
    """TensorFlow lets no thread run then: one that looked by a thread alone stayed for ever."""
    hosts = [f"127.0.0.1:{port}" for port in processes.free_ports(2)]
    place = {"cluster": {"worker": hosts}, "task": {"type": "worker", "index": 1}}
    worker = subprocess.Popen(
        [sys.executable, FOLDER / "two_workers.py", json.dumps({"training": {}, "result": ""})],
        env=os.environ | {"TF_CONFIG": json.dumps(place)},
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(12)  # it has imported TensorFlow, and waits
        assert worker.poll() is None
        worker.stdin.close()
        worker.wait(10)
    finally:
        worker.kill()


# -------------------------------------------------------------------------- the lesson, a cluster


@slow
@needs_ray
@posix
def test_the_same_file_runs_on_a_cluster():
    port = processes.free_ports(1)[0]
    alone = os.environ | processes.FOR_ONE_USER | {"RAY_AUTH_TOKEN": secrets.token_hex(32)}
    folder = ["--temp-dir", tempfile.mkdtemp(prefix="ray", dir="/tmp")]  # a short path
    ray_command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block"]
    options = [f"--port={port}", "--include-dashboard=false", "--num-cpus=2"]
    options += ["--node-ip-address=127.0.0.1", "--disable-usage-stats"]
    head = subprocess.Popen(
        [*ray_command, *options, *folder], env=alone, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: any("raylet" in child.name() for child in children(head.pid)))
        time.sleep(3)
        address = ["--address", f"127.0.0.1:{port}", "--at-once", "2"]
        done = subprocess.run(
            [sys.executable, "sweep.py", *address],
            cwd=FOLDER, env=alone, capture_output=True, text=True, timeout=200,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout.count(": MSE 0.0") == 5
    finally:
        started = [psutil.Process(head.pid), *children(head.pid)]
        head.send_signal(signal.SIGINT)
        for process in left_of(started):
            process.kill()
        head.wait()
        shutil.rmtree(folder[1], ignore_errors=True)


@slow
def test_without_ray_the_lesson_runs_to_its_end_and_says_so(tmp_path, monkeypatch):
    (tmp_path / "ray").mkdir()
    (tmp_path / "ray" / "__init__.py").write_text("raise ImportError('not installed')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    notebook = nbformat.read(LESSON, 4)
    execute(notebook, LESSON)
    told = [o.get("text", "") for c in notebook.cells for o in c.get("outputs", [])]
    assert "Ray is not installed" in "".join(told)
    assert not children()
