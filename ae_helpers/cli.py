"""The course's commands: ``python -m ae_helpers COMMAND``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of the course, by default that of ``sys.argv``; give back its exit status.

    Arguments that are wrong raise a SystemExit, after a line that says what they must be.

    Examples
    --------
    >>> main(["fly"])
    Traceback (most recent call last):
    SystemExit: 2
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")  # a Windows console may not know ✓
    parser = argparse.ArgumentParser(prog="python -m ae_helpers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("doctor", help="check this machine; exit 1 if the course would not run")
    setup = commands.add_parser("install", help="set up the course's environment, if it is not")
    setup.add_argument("--venv", type=Path, default=".venv", help="its folder (default: .venv)")
    setup.add_argument("--wheels", type=Path, help="install from this folder, without a network")
    commands.add_parser("lab", help="open the lessons in JupyterLab", add_help=False)
    back = commands.add_parser("fresh", help="give back a lesson as it was; yours stays beside it")
    back.add_argument("lessons", nargs="+", help="their numbers or files: 02")
    chosen, rest = parser.parse_known_args(arguments)
    if rest and chosen.command != "lab":  # JupyterLab has options of its own
        parser.error(f"unknown: {' '.join(rest)}")
    if chosen.command == "doctor":
        from ae_helpers.doctor import doctor

        return doctor()
    if chosen.command == "install":
        from ae_helpers.install import install

        return install(chosen.venv, chosen.wheels)
    from ae_helpers import workspace

    return workspace.lab(rest) if chosen.command == "lab" else workspace.fresh(chosen.lessons)
