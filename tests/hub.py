"""A hub for tests, on loopback, and the learners who use it: their browser, in few lines."""

import json
import os
import re
import secrets
import signal
import socket
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

import psutil
import requests
import websocket

ROOT = Path(__file__).resolve().parent.parent
HUB = ROOT / ".venv-hub" / "bin" / "jupyterhub"
CONFIG = ROOT / "docs" / "workshop" / "jupyterhub" / "trial_config.py"


@contextmanager
def hub(folder):
    """Start the hub with its files in ``folder``, give its address and process, and end all."""
    port, password = _free_port(), secrets.token_hex(16)
    environment = os.environ | {
        "HUB_FILES": str(folder),
        "HUB_PORT": str(port),
        "HUB_PASSWORD": password,
        "PATH": f"{HUB.parent}:{os.environ['PATH']}",
    }
    with open(Path(folder) / "hub.log", "w") as log:
        process = psutil.Popen(
            [HUB, "-f", CONFIG], cwd=ROOT, env=environment, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            if process.poll() is not None:
                raise RuntimeError((Path(folder) / "hub.log").read_text()[-3000:])
            try:
                if requests.get(f"{address}/hub/api/", timeout=5).ok:
                    break
            except requests.ConnectionError:
                pass
            time.sleep(0.2)
        yield address, password, process
    finally:
        started = own(folder)
        if process.is_running():
            started += process.children(recursive=True)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)  # the hub ends its servers and its proxy
        _, left = psutil.wait_procs({process, *started}, timeout=30)
        for one in left:
            one.kill()
        psutil.wait_procs(left, timeout=10)


def own(folder):
    """Find the processes whose environment names the folder of a hub's files."""
    found = psutil.process_iter(["environ"])
    return [one for one in found if f"{folder}" in str(one.info["environ"])]


def _free_port():
    while True:
        port = secrets.randbelow(20_000) + 20_000
        try:
            for one in range(port, port + 3):
                with socket.socket() as test:
                    test.bind(("127.0.0.1", one))
            return port
        except OSError:
            continue


class Learner:
    """Somebody who logs in, opens notebooks and runs their cells."""

    def __init__(self, address, password, name):
        self.address, self.name, self.web = address, name, requests.Session()
        self.web.headers["Referer"] = f"{address}/hub/"
        page = self.web.get(f"{address}/hub/login", timeout=60).text
        token = re.search(r'name="_xsrf"\s+value="([^"]+)"', page)[1]
        form = {"username": name, "password": password, "_xsrf": token}
        self.web.post(f"{address}/hub/login", data=form, timeout=60, allow_redirects=False)
        reply = self.web.post(
            f"{address}/hub/api/users/{name}/tokens",
            params={"_xsrf": self.web.cookies.get("_xsrf", path="/hub/")},
            json={"expires_in": 7200},
            timeout=60,
        )
        reply.raise_for_status()
        self.headers = {"Authorization": f"token {reply.json()['token']}"}
        self.api = requests.Session()
        self.api.headers.update(self.headers)

    def start_server(self, limit=150):
        """Start this learner's server, and wait until it answers."""
        self.call("POST", f"hub/api/users/{self.name}/server")
        end = time.monotonic() + limit
        while time.monotonic() < end:
            servers = self.call("GET", f"hub/api/users/{self.name}").json()["servers"]
            if servers.get("", {}).get("ready"):
                return
            time.sleep(0.5)
        raise TimeoutError(f"the server of {self.name} did not start in {limit} s")

    def call(self, method, path, **options):
        reply = self.api.request(method, f"{self.address}/{path}", timeout=120, **options)
        reply.raise_for_status()
        return reply

    def run(self, path, limit=1500, cells=None):
        """Run a notebook's cells in a new kernel; give the seconds of each, and what failed."""
        user = f"user/{self.name}"
        content = self.call("GET", f"{user}/api/contents/{path}").json()["content"]
        session = self.call(
            "POST",
            f"{user}/api/sessions",
            json={"path": path, "name": "", "type": "notebook", "kernel": {"name": "python3"}},
        ).json()
        kernel = session["kernel"]["id"]
        channel = websocket.create_connection(
            f"{self.address.replace('http', 'ws')}/{user}/api/kernels/{kernel}/channels",
            header=self.headers, timeout=60,
        )  # fmt: skip
        code = [cell["source"] for cell in content["cells"] if cell["cell_type"] == "code"]
        seconds, end = [], time.monotonic() + limit
        try:
            for source in code[:cells]:
                start = time.monotonic()
                failure = execute(channel, source, end)
                seconds.append(time.monotonic() - start)
                if failure:
                    return seconds, f"{self.name}, {path}, code cell {len(seconds)}: {failure}"
            return seconds, ""
        finally:
            channel.close()
            self.call("DELETE", f"{user}/api/sessions/{session['id']}")


def execute(channel, source, end):
    """Run one cell over the websocket until the kernel is idle again; give the error, or ""."""
    message = uuid.uuid4().hex
    header = {"msg_id": message, "msg_type": "execute_request", "version": "5.3"}
    header |= {"username": "", "session": message, "date": ""}
    content = {"code": source, "silent": False, "store_history": True, "stop_on_error": True}
    content |= {"user_expressions": {}, "allow_stdin": False}
    request = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    channel.send(json.dumps(request | {"channel": "shell", "buffers": []}))
    failure, replied, idle = "", False, False
    while not (replied and idle):
        channel.settimeout(max(0.1, end - time.monotonic()))
        try:
            kind, data = channel.recv_data()
        except websocket.WebSocketTimeoutException:
            return "out of time"
        except (websocket.WebSocketException, OSError) as error:
            return f"the connection broke: {error}"
        if kind != websocket.ABNF.OPCODE_TEXT:
            continue  # a widget's buffers
        answer = json.loads(data)
        if answer["parent_header"].get("msg_id") != message:
            if answer["content"].get("execution_state") in ("restarting", "dead"):
                return "the kernel died"
            continue
        if answer["msg_type"] == "execute_reply":
            replied = True
            if answer["content"]["status"] != "ok":
                failure = f"{answer['content'].get('ename')}: {answer['content'].get('evalue')}"
        idle |= answer["content"].get("execution_state") == "idle"
    return failure


def servers(process):
    """Find each learner's server below the hub, by name."""
    trees = {}
    for child in process.children(recursive=True):
        try:
            if "jupyterhub.singleuser" in " ".join(child.cmdline()):
                trees[Path(child.environ()["HOME"]).name] = child
        except psutil.Error:
            continue
    return trees


def memory(process):
    """Sum the bytes of a process and its children, shared pages counted by their share."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_full_info().pss
        except psutil.Error:
            continue
    return total
