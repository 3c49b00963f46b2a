"""Faults that are made for real: docs/reliability.md has the table, and names these tests."""

import ctypes.util
import hashlib
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import textwrap
import threading
import time
import urllib.request
from pathlib import Path

import nbformat
import numpy as np
import pytest
from jupyter_client.manager import start_new_kernel

ROOT = Path(__file__).resolve().parent.parent
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="makes faults with Linux's own means"),
]


def inside(*namespaces):
    """The beginning of a command that runs in namespaces of its own; skip where none are given."""
    start = ["unshare", "--map-root-user", *(f"--{name}" for name in namespaces)]
    if subprocess.run([*start, "true"], capture_output=True).returncode:
        pytest.skip("no namespaces here")
    return start


def shell(*lines):
    """Commands in a shell that stops at the first one that fails; then the command that follows."""
    return ["sh", "-euc", "\n".join([*lines, 'exec "$@"']), "sh"]


def run(*command, **environment):
    return subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env={k: v for k, v in (os.environ | environment).items() if v is not None},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=300,
    )


def doctor(*before, **environment):
    return run(*before, sys.executable, "-m", "ae_helpers", "doctor", **environment)


# ----------------------------------------------------------------------------------- downloads


def _full_set():
    rng = np.random.default_rng(0)
    parts = {}
    for part, n in (("train", 240), ("test", 20)):
        parts[f"x_{part}"] = rng.integers(0, 256, (n, 28, 28), np.uint8)
        parts[f"y_{part}"] = np.arange(n, dtype=np.uint8) % 10
    return parts


class Server(http.server.ThreadingHTTPServer):
    """A server for one file, which fails in the way that is asked for."""

    def __init__(self, content, fault):
        self.content, self.fault = content, fault
        super().__init__(("127.0.0.1", 0), _Reply)

    def handle_error(self, *_):
        """A client that has gone away is what is tested here."""


class _Reply(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        content, fault = self.server.content, self.server.fault
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        half = len(content) // 2
        self.wfile.write(content[:half])
        self.wfile.flush()
        if fault == "slow":
            time.sleep(1)
        if fault == "stalls":
            time.sleep(20)
        if fault == "lies":
            self.wfile.write(bytes(len(content) - half))
        elif fault in ("none", "slow"):
            self.wfile.write(content[half:])


LOAD = """
import sys
import keras.src.datasets.mnist as mnist
from ae_helpers import data

port, sha = sys.argv[1:]
data.PATIENCE = 3
get_file = mnist.get_file
mnist.get_file = lambda *a, **k: get_file(
    *a, **k | {"origin": f"http://127.0.0.1:{port}/mnist.npz", "file_hash": sha}
)
try:
    print(len(data.load_digits("full").x_train), "digits")
except ConnectionError as error:
    print("told:", error)
"""


@pytest.fixture
def serve(tmp_path):
    """Return a function that starts a server with a fault; it gives the command to load from it."""
    np.savez(tmp_path / "made.npz", **_full_set())
    content = (tmp_path / "made.npz").read_bytes()
    servers = []

    def serve(fault):
        servers.append(Server(content, fault))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        sha = hashlib.sha256(content).hexdigest()
        return [sys.executable, "-c", LOAD, str(servers[-1].server_port), sha]

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("fault", ["cut", "lies", "stalls"])
def test_a_broken_download_is_told_and_the_next_one_mends_it(fault, serve, tmp_path):
    start = time.perf_counter()
    broken = run(*serve(fault), KERAS_HOME=str(tmp_path / "home"))
    assert time.perf_counter() - start < 30
    assert "told: no file mnist.npz" in broken.stdout and "unset AE_DATA" in broken.stdout
    assert "Traceback" not in broken.stderr
    mended = run(*serve("none"), KERAS_HOME=str(tmp_path / "home"))
    assert "220 digits" in mended.stdout, mended.stdout + mended.stderr


def test_two_at_once_with_one_cache_do_not_spoil_it(serve, tmp_path):
    command = serve("slow")
    environment = os.environ | {"KERAS_HOME": str(tmp_path / "home")}
    both = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert all("220 digits" in text or "told: " in text for text in said), said
    after = run(*serve("none"), KERAS_HOME=str(tmp_path / "home"))
    assert "220 digits" in after.stdout, after.stdout + after.stderr


@pytest.mark.parametrize("options", ["ro", "size=4k"])
def test_a_cache_folder_that_is_read_only_or_full(options, serve, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    mount = shell(f"mount -t tmpfs -o {options} none '{home}'")
    said = run(*inside("mount"), *mount, *serve("none"), KERAS_HOME=str(home), TMPDIR=str(tmp_path))
    assert "220 digits" in said.stdout or "told: no file mnist.npz" in said.stdout, said.stderr
    assert "Traceback" not in said.stderr


def test_a_name_server_that_never_answers(tmp_path):
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    silent = (
        "import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
        " s.bind(('127.0.0.1', 53)); time.sleep(60)"
    )
    world = shell(
        f"mount --bind '{tmp_path}/resolv.conf' /etc/resolv.conf",
        "ip link set lo up",
        f'{sys.executable} -c "{silent}" & silent=$!',
        "sleep 1",
    )
    load = "from ae_helpers import data; data.load_digits('full')"
    start = time.perf_counter()
    command = [*inside("mount", "net", "pid", "fork"), *world, sys.executable, "-c", load]
    said = run(*command, KERAS_HOME=str(tmp_path / "home"), AE_DATA_DIR=None)
    assert time.perf_counter() - start < 60
    assert "ConnectionError: no file mnist.npz" in said.stderr
    assert "resolution" in said.stderr and "unset AE_DATA" in said.stderr


# ------------------------------------------------------------------------------ a poor machine

CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
#include <sys/time.h>
static const long SHIFT = 16L * 365 * 86400;
int clock_gettime(clockid_t id, struct timespec *t) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int answer = real(id, t);
    if (id == CLOCK_REALTIME) t->tv_sec += SHIFT;
    return answer;
}
int gettimeofday(struct timeval *t, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    t->tv_sec = now.tv_sec;
    t->tv_usec = now.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *t) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (t) *t = now.tv_sec;
    return now.tv_sec;
}
"""


@pytest.fixture
def clock(tmp_path):
    """A library that, loaded before all others, sets the clock sixteen years ahead."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler or not ctypes.util.find_library("c"):
        pytest.skip("no C compiler here")
    (tmp_path / "clock.c").write_text(CLOCK)
    library = tmp_path / "clock.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", library, tmp_path / "clock.c", "-ldl"], check=True
    )
    return str(library)


@pytest.fixture
def two_gigabytes():
    """The beginning of a command that may use 2 GB of memory."""
    group = Path("/sys/fs/cgroup/memory", f"course-{os.getpid()}")  # cgroups, version 1
    if not group.parent.is_dir():
        group = Path("/sys/fs/cgroup", f"course-{os.getpid()}")  # version 2
    limit = "memory.limit_in_bytes" if "/memory/" in str(group) else "memory.max"
    try:
        group.mkdir()
        (group / limit).write_text(str(2 * 10**9))
    except OSError:
        if group.is_dir():
            group.rmdir()
        pytest.skip("no limits of memory here")
    yield shell(f"echo $$ > {group}/cgroup.procs")
    for _ in range(50):
        try:
            group.rmdir()
            return
        except OSError:
            time.sleep(0.2)


ASCII = {"LC_ALL": "POSIX", "LANG": None, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_a_locale_that_is_not_utf_8():
    said = doctor(**ASCII)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "The course runs here." in said.stdout


def test_one_core_is_named():
    said = doctor("taskset", "--cpu-list", min(os.sched_getaffinity(0)))
    assert said.returncode == 0, said.stdout + said.stderr
    assert "expect about twice the running times" in said.stdout


def test_the_doctor_needs_no_network():
    said = doctor(*inside("net"), *shell("ip link set lo up"))
    assert said.returncode == 0, said.stdout + said.stderr


def test_a_clock_in_another_year(clock):
    year = run(sys.executable, "-c", "import time; print(time.gmtime().tm_year)", LD_PRELOAD=clock)
    assert int(year.stdout) >= time.gmtime().tm_year + 15
    said = doctor(LD_PRELOAD=clock)
    assert said.returncode == 0, said.stdout + said.stderr


def test_all_of_it_at_once_and_a_lesson_runs(two_gigabytes, clock, tmp_path):
    """2 GB, one core, no network, no HOME, no UTF-8, another year: lesson 6 ends as it should."""
    lesson = next((ROOT / "notebooks").glob("06_*.ipynb"))
    world = [*inside("net"), *shell("ip link set lo up")]
    world += ["taskset", "--cpu-list", min(os.sched_getaffinity(0))]
    command = [sys.executable, ROOT / "tests" / "run.py", lesson]
    poor = ASCII | {"HOME": None, "LD_PRELOAD": clock}
    said = run(*two_gigabytes, *world, *command, **poor)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "1 of 1 notebooks ran" in said.stdout


# ------------------------------------------------------------------------- kernels and servers

TRAIN = """
from ae_helpers import data, models, training
x = data.load_digits().x_train
autoencoder = models.build_autoencoder(x, 16)[2]
history = training.train(autoencoder, x, x, epochs={epochs})
"""


def test_a_training_that_was_interrupted_runs_again():
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        told = []

        def listen(message):
            content = message["content"]
            told.append(content.get("text", "") + content.get("ename", ""))
            if "epochs" in told[-1]:  # the bar of the training
                manager.interrupt_kernel()

        first = client.execute_interactive(TRAIN.format(epochs=50), output_hook=listen, timeout=120)
        assert first["content"]["status"] == "error"
        assert first["content"]["ename"] == "KeyboardInterrupt", told
        again = client.execute_interactive(
            TRAIN.format(epochs=1) + "assert len(history['loss']) == 1",
            output_hook=lambda message: None,
            timeout=120,
        )
        assert again["content"]["status"] == "ok", again["content"]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture
def lab(tmp_path):
    """Return a function that starts the course's JupyterLab in a copy, and gives its address."""
    course = tmp_path / "course"
    shutil.copytree(ROOT / "ae_helpers", course / "ae_helpers")
    shutil.copy(ROOT / "pyproject.toml", course)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# One")])
    for folder in ("notebooks", "exercises"):
        (course / folder).mkdir()
        nbformat.write(notebook, course / folder / "00_one.ipynb")
    servers = []

    def lab(**environment):
        log = tmp_path / f"log {len(servers)}"
        with log.open("w") as file:
            command = [sys.executable, "-m", "ae_helpers", "lab", "--no-browser", "--allow-root"]
            environment = os.environ | {"JUPYTER_RUNTIME_DIR": str(tmp_path)} | environment
            servers.append(
                subprocess.Popen(
                    command, cwd=course, stdout=file, stderr=subprocess.STDOUT, env=environment
                )
            )
        for _ in range(300):
            time.sleep(0.2)
            assert servers[-1].poll() is None, log.read_text()
            url = re.search(r"http://127\.0\.0\.1:(\d+)/lab\S*token=\w+", log.read_text())
            if url:
                return url[0], int(url[1])
        raise AssertionError(log.read_text())

    yield lab
    for server in servers:
        server.kill()
        server.wait()


def test_another_port_where_8888_is_taken(lab):
    with socket.socket() as taken:
        try:
            taken.bind(("127.0.0.1", 8888))
            taken.listen()
        except OSError:
            pass  # somebody else has it: as good
        url, port = lab()
        assert port != 8888
        base, token = re.match(r"(http://[\d.:]+)/.*(token=\w+)", url).groups()
        with urllib.request.urlopen(f"{base}/api/status?{token}", timeout=60) as reply:
            assert json.load(reply)["kernels"] == 0


# ---------------------------------------------------------------------------------- a full disk

SAVE = """
import sys
import nbformat
from jupyter_server.services.contents.filemanager import FileContentsManager
from ae_helpers.workspace import write_atomically

big = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("x" * 10**6)])
for save in (
    lambda: FileContentsManager(root_dir=sys.argv[1]).save(
        {"type": "notebook", "format": "json", "content": big}, "lesson.ipynb"
    ),
    lambda: write_atomically(__import__("pathlib").Path(sys.argv[1], "lesson.ipynb"), "x" * 10**6),
):
    try:
        save()
    except Exception as error:
        print("told:", error)
print(nbformat.read(sys.argv[1] + "/lesson.ipynb", 4).cells[0].source)
"""


def test_a_disk_that_is_full_while_a_notebook_is_saved(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    kept = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("what I wrote")])
    nbformat.write(kept, tmp_path / "lesson.ipynb")
    world = shell(
        f"mount -t tmpfs -o size=300k none '{disk}'",
        f"cp '{tmp_path}/lesson.ipynb' '{disk}'",
    )
    save = textwrap.dedent(SAVE)
    said = run(*inside("mount"), *world, sys.executable, "-c", save, disk)
    assert said.stdout.count("told: ") == 2 and "No space left" in said.stdout, said.stderr
    assert said.stdout.splitlines()[-1] == "what I wrote", said.stdout + said.stderr
