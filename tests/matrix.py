"""Does the course run with the oldest and the newest of what it allows? ``make test-matrix``.

For each Python from 3.11 to 3.13 that is here, an environment of its own in build/matrix: once with
the lowest versions that pyproject.toml allows, once with the newest that there are. In each of them
the package's tests run, and two lessons. Versions and verdicts are printed as a table.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
RESOLUTIONS = {"oldest": "lowest-direct", "newest": "highest"}
SHOWN = ("tensorflow", "keras", "numpy", "scikit-learn", "matplotlib", "jupyterlab")
LESSONS = ("notebooks/02_*.ipynb", "notebooks/06_*.ipynb")  # one that trains, one that does not


def find_python(version: str) -> str | None:
    """The path of a Python that has this version, or None."""
    homes = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for path in [shutil.which(f"python{version}"), sys.executable, *homes]:
        ask = "import sys; print('%d.%d' % sys.version_info[:2])"
        try:
            said = subprocess.run([path or "", "-c", ask], capture_output=True, text=True).stdout
        except OSError:
            continue
        if said.strip() == version:
            return str(path)
    return None


def build(folder: Path, python: str, resolution: str) -> str:
    """Make an environment with the course in it; return its Python."""
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--clear", "--quiet", "--python", python, folder], check=True)
    inside = str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    install = [*uv, "pip", "install", "--quiet", "--python", inside, "--resolution", resolution]
    subprocess.run([*install, "-e", ".[test,teach,setup]"], cwd=ROOT, check=True)
    return inside


def versions(python: str) -> dict[str, str]:
    """What is installed of the packages that the table shows."""
    freeze = [sys.executable, "-m", "uv", "pip", "freeze", "--python", python]
    text = subprocess.run(freeze, capture_output=True, text=True, check=True).stdout
    found = dict(re.findall(r"^([\w.-]+)==(\S+)", text, flags=re.M))
    return {name: found.get(name, "-") for name in SHOWN}


def check(python: str) -> tuple[bool, str]:
    """Run the package's tests and two lessons; deprecations in the course's code are errors."""
    lessons = [str(path) for pattern in LESSONS for path in sorted(ROOT.glob(pattern))]
    command = [python, "-W", "error::DeprecationWarning:ae_helpers", "-m", "pytest"]
    command += ["@tests/check.txt", "-q", "--no-header", "-p", "no:cacheprovider", *lessons]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, flags=re.M)
    summary = (done.stdout.strip() or done.stderr.strip()).splitlines()[-1]
    return done.returncode == 0, "; ".join([summary, *failed[:8]])


def main(pythons: list[str], resolutions: list[str]) -> int:
    """Print one line for each environment; return 1 if any of them fails."""
    bad = 0
    for version in pythons:
        python = find_python(version)
        if python is None:
            print(f"- Python {version} is not here.", flush=True)
            continue
        for name in resolutions:
            start = time.perf_counter()
            try:
                folder = ROOT / "build" / "matrix" / f"{version}-{name}"
                inside = build(folder, python, RESOLUTIONS[name])
                good, summary = check(inside)
                has = ", ".join(f"{package} {v}" for package, v in versions(inside).items())
            except subprocess.CalledProcessError as error:
                good, summary, has = False, f"not installed: {error}", ""
            bad += not good
            print(
                f"{'✓' if good else '✗'} Python {version}, {name} ({has}), "
                f"{time.perf_counter() - start:.0f} s: {summary}",
                flush=True,
            )
    return int(bad > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pythons", nargs="*", default=list(PYTHONS))
    parser.add_argument("--resolutions", nargs="*", default=list(RESOLUTIONS), choices=RESOLUTIONS)
    arguments = parser.parse_args()
    sys.exit(main(arguments.pythons, arguments.resolutions))
