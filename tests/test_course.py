"""The files around the lessons agree with one another, and hold nothing that they should not."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import product
from pathlib import Path

import audit
import facts
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import ae_helpers
from ae_helpers.__main__ import SUPPORTED

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = {
    "Linux": {"sys_platform": "linux", "os_name": "posix", "platform_machine": "x86_64"},
    "macOS": {"sys_platform": "darwin", "os_name": "posix", "platform_machine": "arm64"},
    "Windows": {"sys_platform": "win32", "os_name": "nt", "platform_machine": "AMD64"},
}
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def lines():
    """requirements.txt, a line for each version: the hashes of its files stand on the same line."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]


@pytest.fixture(scope="module")
def pins(lines):
    return [Requirement(line.partition(" --hash")[0]) for line in lines]


def _text(path):
    return path.read_text(encoding="utf-8")


# ------------------------------------------------------------------------------- the environment


def test_every_requirement_is_one_exact_version_with_its_hashes(pins, lines):
    for pin, line in zip(pins, lines, strict=True):
        assert re.search(r" --hash=sha256:[0-9a-f]{64}\b", line)
        assert pin.url is None
        assert [s.operator for s in pin.specifier] == ["=="] and "*" not in str(pin.specifier)


@pytest.mark.parametrize("python, platform", list(product(PYTHONS, PLATFORMS)))
def test_each_platform_gets_one_version_of_each_dependency(python, platform, project, pins):
    here = PLATFORMS[platform] | {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    chosen = {}
    for pin in pins:
        if pin.marker is None or pin.marker.evaluate(here):
            assert pin.name not in chosen, pin.name
            chosen[pin.name] = next(iter(pin.specifier)).version
    wanted = sum(project["optional-dependencies"].values(), start=project["dependencies"])
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(chosen[requirement.name])


def test_the_conda_environment_is_the_same_one(project):
    *packages, by_pip = yaml.safe_load(_text(ROOT / "environment.yml"))["dependencies"]
    python = next(package for package in packages if package.startswith("python"))
    assert SpecifierSet(project["requires-python"]).contains(python.removeprefix("python="))
    # pip refuses the course's own package beside hashes: that is the second step.
    assert by_pip == {"pip": ["-r requirements.txt"]}


def test_all_speak_of_the_same_pythons(project):
    low, high = SUPPORTED
    assert project["requires-python"] == f">=3.{low[1]},<3.{high[1] + 1}"
    assert (f"3.{low[1]}", f"3.{high[1]}") == (PYTHONS[0], PYTHONS[-1])
    assert f"(3, {low[1]}) <= sys.version_info[:2] <= (3, {high[1]})" in _text(ROOT / "Makefile")
    workflows = (ROOT / ".github" / "workflows").glob("*.yml")
    jobs = [job for path in workflows for job in yaml.safe_load(_text(path))["jobs"].values()]
    matrices = [job.get("strategy", {}).get("matrix", {}).get("python") for job in jobs]
    assert list(PYTHONS) in matrices
    assert "Python 3.11, 3.12 or 3.13" in _text(ROOT / "README.md").replace("\n", " ")


def test_all_name_the_same_version(project):
    citation = yaml.safe_load(_text(ROOT / "CITATION.cff"))
    assert project["version"] == ae_helpers.__version__ == citation["version"]


# ----------------------------------------------------------------------------------- the pages


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    gone = [t for t in audit.link_targets(_text(page)) if not (page.parent / t).exists()]
    assert not gone


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_are_in_the_courses_english(page):
    assert not audit.AVOID.findall(_text(page)) + audit.BRITISH.findall(_text(page))
    assert not set(audit.EMOJI.findall(_text(page))) - set("✓✗")


def _rows(text):
    """Rows of tables that link to a lesson: its number, the link's text, the row's cells."""
    for line in text.splitlines():
        link = re.search(r"\[([^\]]+)\]\((?:[\w./]*/)?(\d\d)_\w+\.ipynb\)", line)
        if link and line.startswith("|"):
            yield int(link[2]), link[1].split(" · ")[-1], line.strip("| ").split(" | ")


MAPS = {"README.md": "README.md", "notebook 0": "notebooks/00_start_here.ipynb"}


@pytest.fixture(scope="module")
def lessons():
    return {lesson.number: lesson for lesson in facts.lessons(ROOT / "notebooks")}


def _read_map(name):
    path = ROOT / MAPS[name]
    if path.suffix == ".md":
        return _text(path)
    return "\n".join(cell.source for cell in audit.read(path).cells)


@pytest.mark.parametrize("name", MAPS)
def test_the_maps_say_what_the_first_cells_say(name, lessons):
    rows = list(_rows(_read_map(name)))
    if name == "README.md":
        assert [number for number, *_ in rows] == list(lessons)
    for number, title, cells in rows:
        lesson = lessons[number]
        assert lesson.title.startswith(title), f"{title!r}: the lesson is called {lesson.title!r}"
        for cell in cells:
            if cell.endswith("?"):
                assert cell == lesson.question
            if re.fullmatch(r"\d+ min", cell):
                assert cell == f"{lesson.reading} min", f"lesson {number}"


def test_the_teaching_guide_names_the_lessons_as_they_are_called(lessons):
    guide = _text(ROOT / "docs" / "teaching.md")
    for title, number in re.findall(
        r"^#+ .*?: (.+?) \(notebooks? (?:\d+ and )?(\d+)\)", guide, re.M
    ):
        assert lessons[int(number)].title.startswith(title.partition(",")[0])
    for number, title, _ in _rows(guide):
        assert lessons[number].title.startswith(title)


def test_every_command_is_on_a_page():
    pages = "\n".join(map(_text, PAGES))
    targets = re.search(r"^\.PHONY: (.*)", _text(ROOT / "Makefile"), flags=re.M)[1].split()
    assert [t for t in targets if t != "install" and f"make {t}" not in pages] == []


# ------------------------------------------------------------------------------ what is committed


def _files():
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git repository")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


FORBIDDEN = {
    "the address of a package index": (
        r"py[p]i\.org|python[h]osted|(?<!emit-)(?:extra-)?index[-_]url\s*[= ]"
    ),
    "a path of one machine": r"(?<![\w.~/])/(?:root|work|home|Users)/[\w.]|[A-Z]:\\Users",
    "a mark of a merge": r"^(?:<{7}|>{7}) ",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what):
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in _files()
        if b"\0" not in (content := path.read_bytes())
        for match in re.finditer(FORBIDDEN[what], content.decode("utf-8"), flags=re.M)
    ]
    assert not found


@pytest.mark.parametrize(
    "what, text",
    [
        ("the address of a package index", "--index-" + "url=https://example.org/simple"),
        ("the address of a package index", "https://files.python" + "hosted.org/packages/a.whl"),
        ("a path of one machine", '"/ro' + 'ot/.venv/bin/python"'),
        ("a path of one machine", "C:\\" + "Users\\me"),
        ("a mark of a merge", "<" * 7 + " HEAD"),
    ],
)
def test_the_search_would_find(what, text):
    assert re.search(FORBIDDEN[what], text, flags=re.M)


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_has_nothing_to_say(arguments):
    ruff = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, "--no-cache", "."],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert ruff.returncode == 0, ruff.stdout


@pytest.mark.skipif(os.name == "nt" or not shutil.which("bash"), reason="no bash here")
def test_the_ci_script_is_a_script_and_runs_everything():
    script = ROOT / ".ci" / "run"
    assert subprocess.run(["bash", "-n", script]).returncode == 0
    assert "make test" in _text(script)


def test_every_test_that_the_reliability_page_names_is_there():
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:browser/)?test_\w+\.py)::(test_\w+)`", page)
    assert len(named) > 25
    for file, test in named:
        text = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {test}\(", text, flags=re.M), f"{file} has no {test}"
