"""``python -m ae_helpers``, written so that an old Python can read it and say what is needed."""

import sys

SUPPORTED = ((3, 11), (3, 13))


def wrong_python():
    """Say what is wrong with this Python: "" where nothing is."""
    if SUPPORTED[0] <= sys.version_info[:2] <= SUPPORTED[1]:
        return ""
    return (
        "The course needs Python 3.11, 3.12 or 3.13, but this is Python "
        + sys.version.split()[0]
        + " ("
        + sys.executable
        + ").\nInstall one (Debian, Ubuntu: sudo apt install python3 python3-venv;"
        " macOS: brew install python@3.12;\nWindows: winget install Python.Python.3.12),"
        " or name one that is there: make lab PYTHON=python3.12,\n"
        "on Windows py -3.12 -m ae_helpers install."
    )


if __name__ == "__main__":
    if wrong_python():
        sys.exit(wrong_python())
    from ae_helpers.cli import main

    sys.exit(main())
