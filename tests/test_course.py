"""The files around the lessons agree with one another, and hold nothing that they should not."""

import re
import shutil
import subprocess
import sys
import tomllib
from itertools import product
from pathlib import Path

import audit
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import ae_helpers
from ae_helpers import cli

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = {
    "Linux": {"sys_platform": "linux", "os_name": "posix", "platform_machine": "x86_64"},
    "macOS": {"sys_platform": "darwin", "os_name": "posix", "platform_machine": "arm64"},
    "Windows": {"sys_platform": "win32", "os_name": "nt", "platform_machine": "AMD64"},
}
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def pins():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line.strip() and line.lstrip()[0] != "#"]


def _text(path):
    return path.read_text(encoding="utf-8")


# ------------------------------------------------------------------------------- the environment


def test_every_requirement_is_one_exact_version(pins):
    for pin in pins:
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
            assert pin.name not in chosen
            chosen[pin.name] = next(iter(pin.specifier)).version
    extras = project["optional-dependencies"]
    wanted = project["dependencies"] + extras["test"] + extras["teach"]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(chosen[requirement.name])


def test_the_conda_environment_is_the_same_one(project):
    environment = yaml.safe_load(_text(ROOT / "environment.yml"))
    python, pip, packages = environment["dependencies"]
    assert (environment["channels"], pip) == (["conda-forge"], "pip")
    assert SpecifierSet(project["requires-python"]).contains(python.removeprefix("python="))
    assert packages == {"pip": ["-r requirements.txt", "-e ."]}


def test_all_speak_of_the_same_pythons(project):
    low, high = cli.SUPPORTED_PYTHON
    assert project["requires-python"] == f">=3.{low[1]},<3.{high[1] + 1}"
    assert (f"3.{low[1]}", f"3.{high[1]}") == (PYTHONS[0], PYTHONS[-1])
    makefile = _text(ROOT / "Makefile")
    assert f"(3, {low[1]}) <= sys.version_info[:2] <= (3, {high[1]})" in makefile
    assert f"--python-version {PYTHONS[0]}" in makefile
    jobs = yaml.safe_load(_text(ROOT / ".github" / "workflows" / "ci.yml"))["jobs"]
    assert jobs["make"]["strategy"]["matrix"]["python"] == list(PYTHONS)
    for place in ("README.md", "Makefile"):
        assert "Python 3.11, 3.12 or 3.13" in _text(ROOT / place).replace("\n", " ")


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


def test_the_map_shows_each_notebook_that_is_there_and_plans_the_others():
    readme = _text(ROOT / "README.md")
    rows = dict(re.findall(r"^\| (\d) \| (.*?) \|", readme, flags=re.M))
    assert list(rows) == [str(n) for n in range(10)]
    there = {str(int(p.stem[:2])): p.name for p in (ROOT / "notebooks").glob("*.ipynb")}
    for number, row in rows.items():
        if number in there:
            assert f"(notebooks/{there[number]})" in row and "planned" not in row
        else:
            assert "(planned)" in row and "](" not in row


def test_every_make_target_is_on_the_page_with_its_command():
    makefile, readme = _text(ROOT / "Makefile"), _text(ROOT / "README.md")
    for target in re.search(r"^\.PHONY: (.*)", makefile, flags=re.M)[1].split():
        assert f"`make {target}`" in readme
    for module in re.findall(r"^\t\$\(BIN\)/python (-m \S+(?: run(?: --save)?)?)", makefile, re.M):
        if not module.startswith("-m pip"):
            assert module in readme


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
    "the address of a package index": r"py[p]i\.org|python[h]osted|(?:extra-)?index[-_]url\s*[= ]",
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


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_the_ci_script_runs_the_readmes_command():
    script = ROOT / ".ci" / "run"
    assert subprocess.run(["bash", "-n", script]).returncode == 0
    assert _text(script).endswith("\nmake test\n") and "make test " in _text(ROOT / "README.md")
