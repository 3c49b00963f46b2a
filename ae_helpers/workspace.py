"""A learner's copies of the notebooks, in the folder ``work``: nothing there is ever lost.

``python -m ae_helpers lab`` fills it and opens it; ``python -m ae_helpers fresh 02`` gives back a
lesson as it was. Git ignores ``work``, so that a new edition arrives without a conflict.
"""

import hashlib
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

# The lessons, and what they link to and load.
COPIED = (
    "notebooks/*.ipynb",
    "notebooks/*.npz",
    "notebooks/*.py",
    "exercises/*.ipynb",
    "docs/data.md",
    "docs/scaling.md",
)
GIVEN = ".given.json"  # the digests of what was copied: what still has them was not edited


def lab(options: Sequence[str]) -> int:
    """Fill ``work``, then run JupyterLab on its first notebook, for this machine only.

    ``options`` are JupyterLab's own, such as ``--no-browser``. The exit status is 1, after a
    sentence, where ``work`` cannot be filled.
    """
    try:
        course = _find_course()
        print(*_fill(course), sep="\n", flush=True)
    except (OSError, ValueError) as error:
        return _complain(error)
    from jupyterlab.labapp import LabApp

    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    start = f"--LabApp.default_url=/lab/tree/work/{_names(course)[0]}"
    folder = f"--ServerApp.root_dir={course}"
    LabApp.launch_instance([folder, "--ServerApp.ip=127.0.0.1", start, *root, *options])
    return 0


def fresh(lessons: Sequence[str]) -> int:
    """Give back lessons or exercises as the course has them; the learner's stay beside them.

    Each is a number ("02" or "2"), a name or a part of it ("denoising"), or a path. It means the
    lesson; "exercises/02" means its exercises. The exit status is 1, after a sentence, where a name
    is unknown or a file cannot be written.
    """
    try:
        course = _find_course()
        for name in [_find(course, lesson) for lesson in lessons]:
            copy, mine = course / "work" / name, ""
            if copy.exists() and copy.read_bytes() != (course / name).read_bytes():
                others = (copy.with_stem(f"{copy.stem}, mine {n}") for n in itertools.count(1))
                mine = copy.rename(next(path for path in others if not path.exists())).name
            _copy(course, name)
            _remember(course, _given(course) | {name: _digest(course / name)})
            print(f"work/{name} is as the course has it.", mine and f"Yours is beside it: {mine}")
    except (OSError, ValueError) as error:
        return _complain(error)
    print("Where it is open in JupyterLab: File, Reload Notebook from Disk.")
    return 0


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader never meets half of it: into a temporary one, then rename.

    The file's folder is made where there is none; text is written as UTF-8.

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp()) / "new" / "a.txt"
    >>> write_atomically(path, "hello")
    >>> path.read_text()
    'hello'
    """
    content = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    file, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(file, "wb") as opened:
            opened.write(content)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _fill(course: Path) -> list[str]:
    """Copy what is missing, and the new edition of what was not edited; say what was left."""
    given, lines, copied = _given(course), [], 0
    for name in _names(course):
        copy, last = course / "work" / name, given.get(name)
        edition, mine = _digest(course / name), _digest(copy)
        if not copy.exists() or (edition and mine and mine == last != edition):
            _copy(course, name)
            given[name], copied = edition, copied + 1
        elif mine and mine == edition:
            given[name] = edition
        elif not mine or (edition and last != edition):
            what = "has a new edition, but you edited yours" if mine else "cannot be read"
            lines.append(f"work/{name} {what}. It stays.")
            lines.append(f"  For the course's, with yours kept beside it: {_command(name)}")
    _remember(course, given)
    return [f"The folder work is yours. Files of the course copied into it now: {copied}", *lines]


def _digest(path: Path) -> str:
    """Sum up what a file says, of a notebook its cells' sources; nothing if it cannot be read."""
    try:
        content = path.read_bytes()
        if path.suffix == ".ipynb":
            cells = json.loads(content)["cells"]
            told = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
            # JupyterLab appends an empty cell when the last one is run.
            content = json.dumps([cell for cell in told if cell[1].strip()]).encode()
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    return hashlib.sha256(content).hexdigest()


def _find_course() -> Path:
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "ae_helpers").is_dir() and any(folder.glob(COPIED[0])):
            return folder
    raise ValueError(f"{Path.cwd()} is not the course's folder; cd goes there.")


def _names(course: Path) -> list[str]:
    paths = [path for pattern in COPIED for path in sorted(course.glob(pattern))]
    return [path.relative_to(course).as_posix() for path in paths]


def _find(course: Path, lesson: str) -> str:
    *above, last = lesson.replace("\\", "/").split("/")
    folder = above[-1] if above else "notebooks"
    part = f"{int(last):02}_" if last.isdecimal() else last.removesuffix(".ipynb")
    known = [name for name in _names(course) if name.endswith((".ipynb", f"/{last}"))]
    here = [name for name in known if name.startswith(f"{folder}/")]
    found = [name for name in here if part in name.rpartition("/")[2]]
    if len(found) != 1:
        raise ValueError(f"Name one, or its number, not '{lesson}': {', '.join(here or known)}")
    return found[0]


def _copy(course: Path, name: str) -> None:
    write_atomically(course / "work" / name, (course / name).read_bytes())


def _given(course: Path) -> dict[str, str]:
    try:
        return dict(json.loads((course / "work" / GIVEN).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}  # where it is lost, every copy counts as edited


def _remember(course: Path, given: dict[str, str]) -> None:
    write_atomically(course / "work" / GIVEN, json.dumps(given, indent=1))


def _command(name: str) -> str:
    lesson = name.removeprefix("notebooks/").partition("_")[0]
    if "MAKELEVEL" in os.environ:
        return f"make fresh LESSON={lesson}"
    return f"python -m ae_helpers fresh {lesson}"


def _complain(error: Exception) -> int:
    if isinstance(error, OSError):
        error = f"{error.filename}: {error.strerror}. Free the name work for the learner's copies, "
        error += "or move the course into a folder that you may write in."
    print(error, file=sys.stderr)
    return 1
