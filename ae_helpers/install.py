"""Set up the course's environment: once, and again when it must be. The standard library alone.

The environment carries a file, ``course``: who made it, and from what. While an installation is
under way that file is empty. An environment without it is somebody else's and is never changed.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "requirements.txt"
# JupyterLab would ask at its first start whether to fetch news, and nbgrader would show an
# instructor's menus to every learner (its commands stay).
SETTINGS = {
    "share/jupyter/lab/settings/overrides.json": {
        "@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
        }
    },
    "etc/jupyter/labconfig/page_config.json": {"disabledExtensions": {"@jupyter/nbgrader": True}},
    "etc/jupyter/jupyter_server_config.d/nbgrader.json": {},
}


def install(venv: Path, wheels: Path | None = None) -> int:
    """Make the environment in ``venv``, bring it up to date, or find that nothing is to be done.

    ``wheels`` is a folder with every package of requirements.txt: no network is used then. The exit
    status is 0 if the environment is ready, else 1, or 130 after Ctrl-C, and it says what to do.
    """
    venv = Path(os.path.realpath(venv))
    before = venv.with_name(f"{venv.name}.before")
    marker, old = venv / "course", ""
    try:
        _wait_for_other_installations(venv.parent)
        _give_back(before, venv)  # after an installation that was killed
        state = _state(venv)
        if state in ("ready", "foreign"):
            return 0 if state == "ready" else _adopt(venv)
        if state == "stale":
            old = marker.read_text(encoding="utf-8")
        elif state == "broken":
            venv.rename(before)
        venv.mkdir(exist_ok=True)
        marker.write_text("")
        _build(venv, ["--no-index", f"--find-links={wheels.resolve()}"] if wheels else [])
        marker.write_text("\n".join(["built", *_made_of(venv)]), encoding="utf-8")
    except (subprocess.CalledProcessError, OSError, KeyboardInterrupt) as error:
        if old:
            marker.write_text(old, encoding="utf-8")
        _give_back(before, venv)
        _explain(error, f"{_python(venv)} -m ae_helpers lab" if old else "")
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    shutil.rmtree(before, ignore_errors=True)
    return 0


def _state(venv: Path) -> str:
    """Find out what is there.

    "missing"; "ready"; "stale" (ours, from other pins); "broken" (ours: interrupted, moved, or its
    Python is gone or another one); "foreign" (not ours, or adopted and changed since).
    """
    if not venv.exists() or not any(venv.iterdir()):
        return "missing"
    if not (venv / "course").exists():
        return "foreign"
    maker, *made_of = (venv / "course").read_text(encoding="utf-8").splitlines() or [""]
    now = _made_of(venv)
    python = _version(venv)
    fits = python and (maker == "adopted" or python == "{}.{}".format(*sys.version_info))
    if fits and made_of == now:
        return "ready"
    if maker == "adopted":
        return "foreign"
    return "stale" if fits and made_of[:2] == now[:2] else "broken"


def _made_of(venv: Path) -> list[str]:
    files = PINS.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return [str(ROOT), str(venv), hashlib.sha256(files).hexdigest()]


def _python(venv: Path) -> Path:
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def _version(venv: Path) -> str:
    ask = [_python(venv), "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        return subprocess.run(ask, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def _wait_for_other_installations(folder: Path) -> None:
    if os.name != "nt":
        import fcntl

        fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_EX)  # until this process ends


def _give_back(before: Path, venv: Path) -> None:
    """Undo an unfinished rebuild: the environment that was there before comes back."""
    if not (before / "course").exists():
        return
    if (venv / "course").exists() and (venv / "course").read_text(encoding="utf-8"):
        shutil.rmtree(before)  # the rebuild was complete
    else:
        shutil.rmtree(venv, ignore_errors=True)
        before.rename(venv)


def _build(venv: Path, source: list[str]) -> None:
    def run(*command: object) -> None:
        subprocess.run(list(map(str, command)), cwd=ROOT, check=True)

    print(f"Setting up {venv}. The first time this downloads about 0.8 GB.", flush=True)
    python = _python(venv)
    if not python.exists():
        run(getattr(sys, "_base_executable", sys.executable), "-m", "venv", venv)
    with tempfile.TemporaryDirectory() as folder:  # pip brings uv, and uv all the others, faster
        uv = Path(folder, "uv.txt")
        uv.write_text(re.search(r"^uv==(?:.*\\\n)*.*\n", PINS.read_text("utf-8"), re.MULTILINE)[0])
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run(*pip, "--no-deps", "--require-hashes", *source, "-r", uv)
    uv = [python, "-m", "uv", "pip", "install", "--python", python, "--no-deps", *source]
    uv += [] if os.access(os.path.expanduser("~"), os.W_OK) else ["--no-cache"]
    run(*uv, "--require-hashes", "--compile-bytecode", "-r", PINS)
    run(*uv, "--quiet", "--no-build-isolation", "--editable", ROOT)
    for name, content in SETTINGS.items():
        (venv / name).parent.mkdir(parents=True, exist_ok=True)
        (venv / name).write_text(json.dumps(content), encoding="utf-8")


def _adopt(venv: Path) -> int:
    print(f"{venv} was not built by the course: asking the doctor about it ...", flush=True)
    command = [_python(venv), "-m", "ae_helpers", "doctor"]
    try:
        doctor = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
        fit, said = doctor.returncode == 0, doctor.stdout + doctor.stderr
    except OSError as error:
        fit, said = False, f"{_python(venv)}: {error.strerror}"
    if fit:
        (venv / "course").write_text("\n".join(["adopted", *_made_of(venv)]), encoding="utf-8")
        print("It runs the course, and is used as it is.")
        return 0
    print(f"{said}\n{venv} does not run the course, and is left as it is.")
    print("Move it away, or name another folder (make lab VENV=.venv-course), or mend it:")
    print("python -m pip install -r requirements.txt")
    print("python -m pip install --no-deps --no-build-isolation -e .")
    return 1


def _explain(error: BaseException, instead: str) -> None:
    reason = "Ctrl-C" if isinstance(error, KeyboardInterrupt) else error
    if isinstance(error, subprocess.CalledProcessError):
        reason = "what went wrong is said above"
    print(f"\nThe installation did not end: {reason}.")
    if instead:
        print(f"What was there is kept, and may still run the course: {instead}")
    print("Call it again then: what was downloaded is kept.")
    print("Without a network: make lab WHEELS=folder (docs/teaching.md).")
    print("Behind a proxy or a mirror: set HTTPS_PROXY, or UV_DEFAULT_INDEX and PIP_INDEX_URL.")
