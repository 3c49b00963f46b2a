"""A hub on one machine with systemd, whose accounts are the learners: README.md, beside this."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
COURSE = HERE.parents[2]
# Where the hub's own packages are: each learner's server adds them to the course's.
PACKAGES = next(path for path in sys.path if path.endswith("site-packages"))
PYTHON = COURSE / ".venv" / "bin" / "python"
CORES, MEMORY = 2, "2G"  # for each learner: docs/teaching.md
IDLE = 20 * 60  # seconds

c = get_config()  # noqa: F821 (traitlets puts this name here)

# Nothing listens beyond this machine: a web server with a certificate stands before the hub.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:8081"
c.ConfigurableHTTPProxy.command = [str(Path(sys.executable).with_name("configurable-http-proxy"))]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:8001"
c.ConfigurableHTTPProxy.should_start = True

c.Authenticator.allow_all = True  # every account of the machine
c.JupyterHub.spawner_class = "systemd"
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.disable_user_sudo = True
c.JupyterHub.concurrent_spawn_limit = 10  # the others wait their turn
c.Spawner.cpu_limit = CORES
c.Spawner.mem_limit = MEMORY
c.Spawner.start_timeout = 120  # seconds: thirty start at once
c.Spawner.http_timeout = 120
c.Spawner.cmd = [str(PYTHON), str(HERE / "start.py")]
c.Spawner.default_url = "/lab/tree/work/notebooks/00_start_here.ipynb"
c.Spawner.environment = {
    "PATH": f"{PYTHON.parent}:/usr/local/bin:/usr/bin:/bin",
    "PYTHONPATH": PACKAGES,
    "JUPYTER_CONFIG_PATH": str(HERE),  # nbgrader_config.py
    "EXCHANGE": "/srv/nbgrader/exchange",
    "OMP_NUM_THREADS": str(CORES),
    "TF_NUM_INTRAOP_THREADS": str(CORES),
    "TF_NUM_INTEROP_THREADS": "1",
}

# A server that nobody uses is stopped; what is in the learner's folder stays.
c.JupyterHub.load_roles = [
    {
        "name": "culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["culler"],
    }
]
c.JupyterHub.services = [
    {
        "name": "culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={IDLE}"],
    }
]
