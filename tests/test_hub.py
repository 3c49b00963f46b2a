"""A hub for a class: its files agree with the pins, and a learner runs a cell on it."""

import json
import os
import re
import subprocess
import sys

import psutil
import pytest
import yaml
from hub import HUB, ROOT, Learner, hub, own, servers

import ae_helpers

FOLDER = ROOT / "docs" / "workshop" / "jupyterhub"
VALUES = yaml.safe_load((FOLDER / "kubernetes" / "values.yaml").read_text())
installed = pytest.mark.skipif(not HUB.exists(), reason="the hub is not installed: make hub")


def _pins(path):
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", path.read_text(), flags=re.M))


def test_the_hubs_pins_agree_with_the_courses():
    course, here = _pins(ROOT / "requirements.txt"), _pins(FOLDER / "requirements.txt")
    assert {name: course.get(name, pin) for name, pin in here.items()} == here
    asked = re.findall(r"^[\w-]+", (FOLDER / "requirements.in").read_text(), flags=re.M)
    assert set(asked) <= set(here)


@installed
def test_the_hub_has_these_pins():
    ask = "import importlib.metadata as m; print(m.version('jupyterhub'))"
    version = subprocess.check_output([HUB.with_name("python"), "-c", ask], text=True).strip()
    assert version == _pins(FOLDER / "requirements.txt")["jupyterhub"]


@installed
@pytest.mark.parametrize("name", ["jupyterhub_config", "trial_config"])
def test_a_configuration_limits_everybody_and_listens_here_alone(name, tmp_path):
    code = (
        "import json; from traitlets.config import PyFileConfigLoader as Loader\n"
        f"c = Loader({name + '.py'!r}, {str(FOLDER)!r}).load_config()\n"
        "print(json.dumps([c.Spawner.mem_limit, c.Spawner.cpu_limit, c.JupyterHub.bind_url,"
        " c.JupyterHub.hub_bind_url, c.ConfigurableHTTPProxy.api_url,"
        " c.JupyterHub.services[0]['command'][-1]]))"
    )
    environment = os.environ | {"HUB_FILES": str(tmp_path)}
    command = [HUB.with_name("python"), "-c", code]
    memory, cores, *urls, idle = json.loads(subprocess.check_output(command, env=environment))
    assert (memory, cores, idle) == ("2G", 2, "--timeout=1200")
    assert all(url.startswith("http://127.0.0.1:") for url in urls)


def test_kubernetes_has_the_same_limits_and_the_courses_version():
    user = VALUES["singleuser"]
    assert user["memory"]["limit"] == "2G" and user["cpu"]["limit"] == 2
    assert VALUES["cull"] == {"enabled": True, "timeout": 1200, "every": 300}
    assert user["image"]["tag"] == ae_helpers.__version__
    assert (ROOT / user["cmd"][1].removeprefix("/opt/course/")).is_file()


def test_the_image_copies_what_there_is_and_installs_the_pins_as_no_root():
    text = (ROOT / "Containerfile").read_text()
    copied = [name for line in re.findall(r"^COPY (.*) \S+$", text, re.M) for name in line.split()]
    assert copied and all((ROOT / name).exists() for name in copied)
    installs = re.findall(r"pip install(?:[^&\n]|\\\n)*", text)
    assert len(installs) == 3
    assert all("--require-hashes" in one or "--no-index" in one for one in installs)
    assert re.findall(r"^USER (\w+)", text, re.M) == ["jovyan"]
    assert re.search(r"^FROM .*python:3\.1[123]-", text, re.M)


def test_binder_and_the_dev_container_lead_to_the_same_pins():
    assert (ROOT / ".binder" / "runtime.txt").read_text().strip() == "python-3.12"
    for name in ("postBuild", "start"):
        assert os.access(ROOT / ".binder" / name, os.X_OK)
        subprocess.run(["bash", "-n", ROOT / ".binder" / name], check=True)
    assert "--require-hashes -r requirements.txt" in (ROOT / ".binder" / "postBuild").read_text()
    folder = ROOT / ".devcontainer"
    container = json.loads((folder / "devcontainer.json").read_text())
    assert (folder / container["build"]["dockerfile"]).resolve() == ROOT / "Containerfile"


@installed
@pytest.mark.slow
def test_a_learner_logs_in_and_runs_cells_and_then_nothing_is_left(tmp_path):
    with hub(tmp_path) as (address, password, process):
        learner = Learner(address, password, "ada")
        learner.start_server()
        pids = [one.pid for one in process.children(recursive=True)]
        (server,) = servers(process).values()
        assert server.rlimit(psutil.RLIMIT_DATA)[0] == 3 * 2**30  # 2 GiB, and what is reserved
        assert len(server.cpu_affinity()) <= 2
        seconds, failure = learner.run("work/notebooks/00_start_here.ipynb", limit=60, cells=1)
        assert len(seconds) == 1 and not failure
    assert not own(tmp_path) and not any(map(psutil.pid_exists, pids))


@pytest.mark.slow
def test_two_learners_fetch_and_submit_through_the_exchange(tmp_path):
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    teacher = tmp_path / "teacher"
    release = teacher / "release" / "ps1"
    release.mkdir(parents=True)
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (release / "p.ipynb").write_text(json.dumps(notebook))

    def nbgrader(who, *command):
        folder = tmp_path / who
        folder.mkdir(exist_ok=True)
        environment = os.environ | {
            "HOME": str(folder),
            "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
            "EXCHANGE": str(exchange),
            "JUPYTER_CONFIG_PATH": str(FOLDER),
        }
        if who != "teacher":
            environment["JUPYTERHUB_USER"] = who
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command],
            cwd=folder, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    nbgrader("teacher", "db", "assignment", "add", "ps1")
    nbgrader("teacher", "release_assignment", "ps1")
    for who in ("ada", "emmy"):
        nbgrader(who, "fetch_assignment", "ps1")
        assert (tmp_path / who / "ps1" / "p.ipynb").exists()
        nbgrader(who, "submit", "ps1")
    nbgrader("teacher", "collect", "ps1")
    collected = {path.parent.parent.name for path in teacher.glob("submitted/*/ps1/p.ipynb")}
    assert collected == {"ada", "emmy"}
