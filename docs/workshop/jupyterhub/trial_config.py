"""The same hub for a try on this machine alone: any name, one password, no account is needed.

There is no wall between the learners: they are one account. Their limits are those of a process:
its memory, and the cores that it may run on. ``make hub`` starts it; build/hub has its files.
"""

import os
import resource
from pathlib import Path

from jupyterhub.spawner import SimpleLocalProcessSpawner

c = get_config()  # noqa: F821 (traitlets puts this name here)
load_subconfig("jupyterhub_config.py", str(Path(__file__).parent))  # noqa: F821 (this one too)

# The command runs in the course's folder.
FILES = Path(os.environ.get("HUB_FILES", "build/hub")).resolve()
PORT = int(os.environ.get("HUB_PORT", "8000"))  # and the two after it
RESERVED = 2**30  # bytes that a kernel reserves and never touches: its limit counts them, too


class Limited(SimpleLocalProcessSpawner):
    """Learners in turn get the next cores; each process has the limit of memory."""

    def make_preexec_fn(self, name):
        go_home, cores = super().make_preexec_fn(name), sorted(os.sched_getaffinity(0))
        first, limit = self.user.id, int(self.mem_limit)
        mine = {cores[(first + i) % len(cores)] for i in range(int(self.cpu_limit))}

        def preexec():
            go_home()
            os.sched_setaffinity(0, mine)
            resource.setrlimit(resource.RLIMIT_DATA, (limit + RESERVED, limit + RESERVED))

        return preexec


(FILES / "exchange").mkdir(parents=True, exist_ok=True)
(FILES / "exchange").chmod(0o777)  # nbgrader asks for it
c.JupyterHub.spawner_class = Limited
c.Limited.home_dir_template = f"{FILES}/learners/{{username}}"
c.Spawner.environment["EXCHANGE"] = f"{FILES}/exchange"
c.Spawner.args = ["--allow-root"] if os.geteuid() == 0 else []

c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = os.environ.get("HUB_PASSWORD", "course")
c.JupyterHub.bind_url = f"http://127.0.0.1:{PORT}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{PORT + 1}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PORT + 2}"
c.ConfigurableHTTPProxy.pid_file = f"{FILES}/proxy.pid"
c.JupyterHub.cookie_secret_file = f"{FILES}/cookie_secret"
c.JupyterHub.db_url = f"sqlite:///{FILES}/hub.sqlite"
c.JupyterHub.cleanup_servers = True
