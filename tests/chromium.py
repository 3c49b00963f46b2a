"""Where the system's Chromium is: the browser's tests and the printed pages ask for it."""

import os
import shutil


def find_chromium() -> str | None:
    """The system's Chromium, or the one that the variable CHROMIUM names."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
