"""Put the whole course into one folder, for a room without a network: ``make bundle TO=folder``.

Every package as a wheel, checked against the hash that requirements.txt has; the repository; the
web site, if ``make site`` has built it; the full data sets, if ``--data`` names their folder; and
for each system a script that sets all up from the folder and opens JupyterLab. What is there
already is not fetched again, and a download that broke off goes on where it was.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import NamedTuple

import requests
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent.parent
PLATFORMS = {  # what people call it: what uv calls it
    "linux": "x86_64-manylinux_2_28",
    "linux-arm": "aarch64-manylinux_2_28",
    "macos": "aarch64-apple-darwin",
    "windows": "x86_64-pc-windows-msvc",
}
DATA = ("mnist.npz", "cifar10.npz")

START = """#!/bin/sh
# Sets the course up from this folder, with no network, and opens it in JupyterLab:
#   sh start.sh [folder for the course]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
course=${{1:-$HOME/autoencoders}}
python=
for p in python{python} python3 python; do
    if "$p" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "{python}")' 2>/dev/null
    then python=$p; break; fi
done
[ "$python" ] || {{ echo "These packages are for Python {python}: install it first." >&2; exit 1; }}
[ -d "$course" ] || "$python" -m zipfile -e "$here/course.zip" "$course"
cd "$course"
if [ -d "$here/data" ]; then export AE_DATA_DIR="$here/data"; fi
"$python" -m ae_helpers install --wheels "$here/wheels"
exec .venv/bin/python -m ae_helpers "${{COURSE_COMMAND:-lab}}"
"""
START_BAT = """@echo off
rem Sets the course up from this folder, with no network, and opens it in JupyterLab.
setlocal
set "here=%~dp0"
set "course=%USERPROFILE%\\autoencoders"
if not "%~1"=="" set "course=%~1"
set "python=py -{python}"
%python% --version >nul 2>nul || set "python=python"
%python% -c "import sys; sys.exit('%%d.%%d' %% sys.version_info[:2] != '{python}')" || (
  echo These packages are for Python {python}: install it first.
  exit /b 1
)
if not exist "%course%" %python% -m zipfile -e "%here%course.zip" "%course%"
cd /d "%course%"
if exist "%here%data" set "AE_DATA_DIR=%here%data"
%python% -m ae_helpers install --wheels "%here%wheels" || exit /b 1
.venv\\Scripts\\python -m ae_helpers lab
"""


class Wheel(NamedTuple):
    """One file to fetch."""

    url: str
    size: int  # bytes
    sha256: str

    @property
    def name(self) -> str:
        return requests.utils.unquote(self.url.rsplit("/", 1)[-1])


def find_wheels(platform: str, python: str) -> list[Wheel]:
    """Ask uv which wheels of the pinned packages fit a platform and a Python.

    ``platform`` is a key of PLATFORMS, ``python`` a version such as "3.12". A package that has no
    wheel there raises a ValueError.
    """
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder, "pylock.toml")
        for bugfix in (0, 99):  # some pins are for early releases of a version only
            command = [sys.executable, "-m", "uv", "pip", "compile", ROOT / "requirements.txt"]
            command += ["--quiet", "--format", "pylock.toml", "--output-file", lock, "--no-deps"]
            command += ["--python-platform", PLATFORMS[platform]]
            command += ["--python-version", f"{python}.{bugfix}"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            for package in tomllib.loads(lock.read_text(encoding="utf-8"))["packages"]:
                if not package.get("wheels"):
                    raise ValueError(f"{package['name']} has no wheel for {platform}, {python}")
                best = package["wheels"][0]  # uv names the one that fits best first
                found[best["url"]] = Wheel(best["url"], best["size"], best["hashes"]["sha256"])
            lock.unlink()
    return list(found.values())


def fetch(wheel: Wheel, folder: Path, bar: tqdm) -> None:
    """Fetch one wheel into ``folder``, from where an earlier try broke off; check its hash.

    The name appears when the file is whole and right. Wrong bytes raise a ValueError, and leave
    nothing behind.
    """
    part = folder / f"{wheel.name}.part"
    has = part.stat().st_size if part.exists() else 0
    bar.update(has)
    if has < wheel.size:
        headers = {"Range": f"bytes={has}-"} if has else {}
        with requests.get(wheel.url, headers=headers, stream=True, timeout=30) as reply:
            reply.raise_for_status()
            if has and reply.status_code != 206:  # a server that cannot go on begins again
                bar.update(-has)
                has = 0
            with part.open("ab" if has else "wb") as file:
                for piece in reply.iter_content(2**16):
                    bar.update(file.write(piece))
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != wheel.sha256:
        part.unlink()
        raise ValueError(f"{wheel.name} has wrong bytes, and was thrown away: run it again")
    part.replace(folder / wheel.name)


def write_course(to: Path) -> None:
    """Write what git has of the course into ``course.zip``."""
    part = to / "course.zip.part"
    git = ["git", "archive", "--format=zip", f"--output={part}", "HEAD"]
    subprocess.run(git, cwd=ROOT, check=True)
    part.replace(to / "course.zip")


def bundle(to: Path, platforms: list[str], python: str, data: Path | None) -> int:
    """Fill the folder ``to``; return 0, or 1 with a sentence that says what was in the way."""
    try:
        needed = {w.name: w for p in platforms for w in find_wheels(p, python)}
        wheels = to / "wheels"
        wheels.mkdir(parents=True, exist_ok=True)
        missing = [w for name, w in sorted(needed.items()) if not (wheels / name).exists()]
        size = sum(w.size for w in missing)
        free = shutil.disk_usage(to).free
        print(
            f"{len(needed)} packages for Python {python} on {', '.join(platforms)}: "
            f"{sum(w.size for w in needed.values()) / 1e6:,.0f} MB, of which {size / 1e6:,.0f} MB "
            f"are to be fetched. Free here: {free / 1e6:,.0f} MB.",
            flush=True,
        )
        if size > free:
            raise OSError("there is not enough space")
        with tqdm(total=size, unit="B", unit_scale=True, desc="packages") as bar:
            for wheel in missing:
                fetch(wheel, wheels, bar)
        write_course(to)
        for name, text in (("start.sh", START), ("start.bat", START_BAT)):
            (to / name).write_text(text.format(python=python), encoding="utf-8", newline="\n")
        if (ROOT / "build" / "site").is_dir():
            shutil.copytree(ROOT / "build" / "site", to / "site", dirs_exist_ok=True)
        for name in DATA if data else ():
            (to / "data").mkdir(exist_ok=True)
            shutil.copy2(data / name, to / "data" / name)
    except (OSError, ValueError, subprocess.CalledProcessError, requests.RequestException) as error:
        print(f"\nThe bundle is not complete: {error}.", file=sys.stderr)
        print("What was fetched is kept: run the same command again.", file=sys.stderr)
        return 1
    print(f"{to} is complete. Carry it to each machine, and there: sh start.sh, or start.bat")
    return 0


def prove(to: Path) -> int:
    """Install from the bundle with the network off, in an empty HOME, and run lesson 2."""
    home = Path(tempfile.mkdtemp(prefix="bundle-"))
    world = [
        "unshare",
        "--map-root-user",
        "--net",
        "sh",
        "-euc",
        'ip link set lo up; exec "$@"',
        "sh",
    ]
    python = Path(getattr(sys, "_base_executable", sys.executable)).parent
    environment = {"PATH": f"{python}{os.pathsep}{os.environ['PATH']}", "HOME": str(home)}
    try:
        for command in (
            ["sh", to.resolve() / "start.sh", home / "course"],
            [
                home / "course/.venv/bin/python",
                "tests/run.py",
                "notebooks/02_building_the_autoencoder.ipynb",
            ],
        ):
            where = home / "course" if (home / "course").exists() else home
            extra = {"COURSE_COMMAND": "doctor"}
            done = subprocess.run([*world, *map(str, command)], cwd=where, env=environment | extra)
            if done.returncode:
                return done.returncode
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print("Installed with no network, and lesson 2 ran.")
    return 0


def this_platform() -> str:
    """The key of PLATFORMS for the machine that this runs on."""
    machine = re.sub("arm64", "aarch64", os.uname().machine) if os.name != "nt" else ""
    if os.name == "nt":
        return "windows"
    if sys.platform == "darwin":
        return "macos"
    return "linux-arm" if machine == "aarch64" else "linux"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("to", type=Path, help="the folder, on a stick for example")
    parser.add_argument("--platforms", nargs="+", choices=PLATFORMS, default=[this_platform()])
    parser.add_argument("--python", default="{}.{}".format(*sys.version_info), help="such as 3.12")
    parser.add_argument("--data", type=Path, help="a folder with mnist.npz and cifar10.npz")
    parser.add_argument("--prove", action="store_true", help="install from it, without a network")
    arguments = parser.parse_args()
    status = bundle(arguments.to, arguments.platforms, arguments.python, arguments.data)
    sys.exit(prove(arguments.to) if arguments.prove and not status else status)
