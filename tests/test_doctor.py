"""The doctor, as a learner meets it: nothing that is missing ends in a traceback."""

import ast
import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from ae_helpers import __main__, cli, doctor

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = [Path(folder) for folder in sys.path if folder.endswith("site-packages")]


def test_the_doctor_finds_this_machine_fit(monkeypatch, capsys):
    monkeypatch.setenv("AE_DATA", "embedded")
    assert cli.main(["doctor"]) == 0
    told = capsys.readouterr().out
    assert "✗" not in told
    for name in ("Python", "tensorflow", "processor cores", "free memory", "digits"):
        assert name in told
    assert "Jupyter kernel   6 * 7 = 42" in told and told.endswith("The course runs here.\n")


def _ask_without(folder, *missing):
    """Ask the doctor where the packages whose names begin so are not installed."""
    for path in (ROOT / "ae_helpers", *(path for folder in PACKAGES for path in folder.iterdir())):
        if not path.name.lower().startswith(missing) or path.parent == ROOT:
            (folder / path.name).symlink_to(path)
    command = [sys._base_executable, "-S", "-m", "ae_helpers", "doctor"]
    alone = os.environ | {"PYTHONPATH": str(folder)}
    asked = subprocess.run(command, cwd=folder, env=alone, capture_output=True, encoding="utf-8")
    assert "Traceback" not in asked.stdout + asked.stderr
    return asked


@pytest.mark.skipif(os.name == "nt", reason="links are a privilege there")
@pytest.mark.parametrize(
    "missing, lines",
    [
        (["psutil"], ["✗ psutil           not installed"]),
        (["ipykernel"], ["✗ ipykernel        not installed", "✗ Jupyter kernel"]),
        (["nbconvert", "packaging"], ["✗ nbconvert        not installed"]),
        (["numpy", "jupyter_client"], ["✗ numpy            not installed", "✗ Jupyter kernel"]),
        ([""], ["✗ ae-helpers       not installed", "✗ digits", "✗ Jupyter kernel"]),
    ],
    ids=["psutil", "ipykernel", "nbconvert", "numpy", "everything"],
)
def test_what_is_missing_is_a_line_with_its_cure(missing, lines, tmp_path):
    asked = _ask_without(tmp_path, "tensorflow", *missing)  # that would take seconds to start
    assert asked.returncode == 1 and asked.stderr == ""
    for line in lines:
        assert line in asked.stdout
    broken = [line for line in asked.stdout.splitlines() if line.startswith("✗")]
    assert asked.stdout.count("→ run make lab, or: python -m ae_helpers install") >= len(broken)
    assert asked.stdout.endswith(f"{len(broken)} thing(s) to mend.\n")


def _versions(monkeypatch, **changed):
    installed = importlib.metadata.version

    def version(name):
        return changed[name] if name in changed else installed(name)

    monkeypatch.setattr(importlib.metadata, "version", version)


@pytest.mark.parametrize(
    "found, told",
    [("3.9.10", "3.9.10, not >=3.10"), (None, "damaged, not >=3.10")],
)
def test_an_old_or_damaged_package_is_broken(found, told, monkeypatch):
    _versions(monkeypatch, matplotlib=found)
    broken = [check for check in doctor._check_packages() if check.state != "ok"]
    assert [(check.name, check.found, check.mend) for check in broken] == [
        ("matplotlib", told, doctor.MEND)
    ]


@pytest.mark.parametrize("version, fits", [((3, 10, 4), False), ((3, 11), True), ((3, 14), False)])
def test_a_wrong_python_is_broken(version, fits, monkeypatch):
    monkeypatch.setattr(__main__.sys, "version_info", version)
    monkeypatch.setattr(doctor, "_check_packages", list)
    monkeypatch.setattr(doctor, "_try", lambda *_: doctor.Check("", "ok", "", ""))
    check = doctor.check_machine()[0]
    assert check.state == ("ok" if fits else "broken")
    assert ("3.11, 3.12 or 3.13" in check.mend) == (not fits)


def test_an_old_python_can_read_what_it_has_to():
    for name in ("__init__.py", "__main__.py"):
        text = (ROOT / "ae_helpers" / name).read_text()
        ast.parse(text, feature_version=(3, 4))
        assert text.isascii() and 'f"' not in text  # Python 2 knows neither


@pytest.mark.parametrize("gib, state", [(8, "ok"), (1.5, "slow"), (0.5, "broken")])
def test_too_little_memory(gib, state, monkeypatch):
    free = SimpleNamespace(available=gib * 2**30)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    check = doctor._check_memory()
    assert check.state == state and bool(check.mend) == (state != "ok")


@pytest.mark.parametrize("gib, state", [(8, "ok"), (0.1, "broken")])
def test_too_little_disk(gib, state, monkeypatch):
    free = SimpleNamespace(free=gib * 2**30)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: free)
    assert doctor._check_disk().state == state


def test_a_damaged_file_of_digits_is_named_with_its_cure(tmp_path, monkeypatch):
    (tmp_path / "mnist.npz").write_bytes(b"half a file")
    monkeypatch.setenv("AE_DATA", "full")
    monkeypatch.setenv("AE_DATA_DIR", str(tmp_path))
    check = doctor._try("digits", doctor._load_digits, doctor.MEND)
    assert check.state == "broken" and "mnist.npz" in check.found and "Replace" in check.found


def test_a_kernel_of_another_python_is_broken(tmp_path, monkeypatch):
    """One whose folder begins like ours: .venv2 is not .venv."""
    monkeypatch.setattr(sys, "prefix", sys.prefix[:-1])
    check = doctor._try("Jupyter kernel", doctor._run_a_cell, "")
    assert check.state == "broken" and "another Python" in check.found


def test_a_kernel_that_does_not_start_is_broken(tmp_path, monkeypatch):
    folder = tmp_path / "kernels" / "python3"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text('{"argv": ["gone"], "display_name": "gone"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    check = doctor._try("Jupyter kernel", doctor._run_a_cell, "")
    assert check.state == "broken" and "gone" in check.found
