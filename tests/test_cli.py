"""The doctor and the runner, as a learner meets them."""

import base64
import importlib.metadata
import os
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import psutil
import pytest
from bs4 import BeautifulSoup

from ae_helpers import cli


def _course(*arguments, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-m", "ae_helpers", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=os.environ | environment,
        timeout=300,
    )


# ----------------------------------------------------------------------------------- the doctor


def test_the_doctor_finds_this_machine_fit(tmp_path):
    result = _course("doctor", cwd=tmp_path, AE_DATA="embedded")
    assert (result.returncode, result.stderr) == (0, "")
    assert "✗" not in result.stdout
    for name in ("Python", "tensorflow", "processor cores", "free memory", "digits", "kernel"):
        assert name in result.stdout
    assert result.stdout.endswith("The course runs here.\n")


def test_the_doctor_finds_a_damaged_file_and_names_the_cure(tmp_path, monkeypatch, capsys):
    (tmp_path / "mnist.npz").write_bytes(b"half a file")
    monkeypatch.setenv("AE_DATA", "full")
    monkeypatch.setenv("AE_DATA_DIR", str(tmp_path))
    assert cli.main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "✗ digits" in told and "Replace the file" in told
    assert told.endswith("1 thing(s) to mend.\n")


def test_an_old_python_is_broken(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    check = cli._check_python()
    assert (check.state, check.found) == ("broken", "3.10.4")
    assert "3.11 to 3.13" in check.mend


def _versions(monkeypatch, **changed):
    installed = importlib.metadata.version

    def version(name):
        if name not in changed:
            return installed(name)
        if changed[name] is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return changed[name]

    monkeypatch.setattr(importlib.metadata, "version", version)


@pytest.mark.parametrize("found, told", [(None, "not installed"), ("0.1", "0.1, not >=")])
def test_a_missing_or_old_package_is_broken(monkeypatch, found, told):
    _versions(monkeypatch, matplotlib=found)
    (broken,) = [check for check in cli._check_packages() if check.state != "ok"]
    assert broken.name == "matplotlib" and broken.found.startswith(told)
    assert "make lab" in broken.mend and "requirements.txt" in broken.mend


def test_a_package_of_the_tests_only_is_not_asked_for(monkeypatch):
    _versions(monkeypatch, nbval=None, hypothesis=None)
    assert {check.state for check in cli._check_packages()} == {"ok"}


@pytest.mark.parametrize("gib, state", [(8, "ok"), (1.5, "slow"), (0.5, "broken")])
def test_too_little_memory(monkeypatch, gib, state):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=gib * 2**30))
    check = cli._check_memory()
    assert check.state == state
    assert bool(check.mend) == (state != "ok")


@pytest.mark.parametrize("gib, state", [(8, "ok"), (0.1, "broken")])
def test_too_little_disk(monkeypatch, gib, state):
    monkeypatch.setattr(cli.shutil, "disk_usage", lambda path: SimpleNamespace(free=gib * 2**30))
    assert cli._check_disk().state == state


def test_a_kernel_of_another_python_is_broken(monkeypatch, tmp_path):
    from jupyter_client.kernelspec import KernelSpecManager

    other = tmp_path / "python"
    other.touch(mode=0o755)
    spec = SimpleNamespace(argv=[str(other)], resource_dir=str(tmp_path))
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: spec)
    check = cli._check_kernel()
    assert check.state == "broken" and str(other) in check.found and "ipykernel" in check.mend


def test_a_kernel_whose_python_is_gone_is_broken(monkeypatch, tmp_path):
    from jupyter_client.kernelspec import KernelSpecManager

    spec = SimpleNamespace(argv=[str(tmp_path / "gone")], resource_dir=str(tmp_path))
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: spec)
    assert cli._check_kernel().state == "broken"


def test_no_kernel_at_all_is_broken(monkeypatch):
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    def none(self, name):
        raise NoSuchKernel(name)

    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", none)
    assert cli._check_kernel().state == "broken"


# ----------------------------------------------------------------------------------- the runner


def _write(path, *cells):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A course of three notebooks: one runs, one raises an error, one is no notebook."""
    folder = tmp_path_factory.mktemp("course")
    _write(folder / "notebooks" / "01_good.ipynb", "x = 1", "print('seen', x)")
    _write(folder / "notebooks" / "02_bad.ipynb", "print('before')", "1 / 0", "print('after')")
    (folder / "notebooks" / "03_torn.ipynb").write_text('{"cells": [')
    return folder


def _bytes(folder):
    return {path.name: path.read_bytes() for path in (folder / "notebooks").iterdir()}


def test_a_run_reports_each_notebook_and_changes_none(folder):
    before = _bytes(folder)
    result = _course("run", cwd=folder)
    lines = result.stdout.splitlines()
    assert result.returncode == 1 and "Traceback" not in result.stderr
    assert any(line.startswith("✓ 01_good") and " s " in line for line in lines)
    assert any(line.startswith("✗ 02_bad") for line in lines)
    assert "1 of 3 notebooks ran" in result.stdout
    summary = result.stdout.split("notebooks ran")[1]
    assert "02_bad.ipynb: cell [2]: ZeroDivisionError: division by zero" in summary
    assert "03_torn.ipynb: is not a notebook: Notebook does not appear to be JSON" in summary
    assert _bytes(folder) == before
    built = {path.stem: path.read_text(encoding="utf-8") for path in (folder / "build").iterdir()}
    assert set(built) == {"01_good", "02_bad"}
    assert "seen 1" in built["01_good"]
    assert "ZeroDivisionError" in built["02_bad"] and "before" in built["02_bad"]


def test_save_writes_the_outputs_of_a_notebook_that_ran(folder):
    before = _bytes(folder)
    result = _course("run", "--save", "notebooks/01_good.ipynb", cwd=folder)
    assert result.returncode == 0 and "1 of 1 notebooks ran" in result.stdout
    after = _bytes(folder)
    assert [name for name in after if after[name] != before[name]] == ["01_good.ipynb"]
    saved = nbformat.read(folder / "notebooks" / "01_good.ipynb", 4)
    assert [cell.execution_count for cell in saved.cells] == [1, 2]
    assert saved.cells[1].outputs[0].text == "seen 1\n"
    assert all("execution" not in cell.metadata for cell in saved.cells)


def test_save_leaves_a_notebook_that_failed_as_it_was(folder):
    before = _bytes(folder)
    assert _course("run", "--save", "notebooks/02_bad.ipynb", cwd=folder).returncode == 1
    assert _bytes(folder) == before


def test_a_kernel_that_dies_is_reported(tmp_path):
    _write(tmp_path / "notebooks" / "01_dies.ipynb", "x = 1", "import os; os._exit(3)")
    result = _course("run", cwd=tmp_path)
    assert result.returncode == 1
    assert "01_dies.ipynb: cell [2]: DeadKernelError" in result.stdout


@pytest.mark.parametrize("arguments, told", [((), "0 of 0"), (("gone.ipynb",), "gone.ipynb")])
def test_no_notebook_is_a_failure(arguments, told, tmp_path):
    result = _course("run", *arguments, cwd=tmp_path)
    assert result.returncode == 1 and told in result.stdout


def test_the_html_carries_each_figures_text_alternative(tmp_path):
    _write(
        tmp_path / "notebooks" / "01_figure.ipynb",
        "import matplotlib.pyplot as plt; from ae_helpers import plots",
        """plots.show(plt.subplots()[0], alt='An "empty" figure & no more.')""",
    )
    assert _course("run", cwd=tmp_path).returncode == 0
    body = (tmp_path / "build" / "01_figure.html").read_text(encoding="utf-8")
    (image,) = BeautifulSoup(body, "html.parser").find_all("img")
    assert image["alt"] == 'An "empty" figure & no more.'
    assert base64.b64decode(image["src"].partition("base64,")[2]).startswith(b"\x89PNG")


def test_an_interrupted_write_leaves_the_old_file_and_no_rest(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        cli.write_atomically(path, "new \ud800")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
    cli.write_atomically(path, "new")
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]
