"""Start one learner's server, in a copy of the lessons that is theirs. The hub calls this.

Without a hub, as in a container of its own, it starts JupyterLab.

It runs as the learner. In their home it makes the folder ``course``: links to the course, which
they may not write, and ``work``, their copies: what ``make lab`` makes for one person alone.
"""

import os
import sys
from pathlib import Path

COURSE = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(COURSE))

from ae_helpers import workspace  # noqa: E402

mine = Path.home() / "course"
mine.mkdir(exist_ok=True)
for name in ("ae_helpers", "notebooks", "exercises", "docs"):
    (mine / name).unlink(missing_ok=True)
    (mine / name).symlink_to(COURSE / name)
os.chdir(mine)
print(*workspace._fill(mine), sep="\n", flush=True)
server = "jupyterhub.singleuser" if "JUPYTERHUB_API_TOKEN" in os.environ else "jupyterlab"
options = [f"--ServerApp.root_dir={mine}", *sys.argv[1:]]
os.execv(sys.executable, [sys.executable, "-m", server, *options])
