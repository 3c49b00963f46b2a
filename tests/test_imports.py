"""What importing costs, and what it says."""

import os
import subprocess
import sys


def _python(program, **environment):
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=300,
    )


def test_importing_the_package_is_cheap():
    program = """
import sys, time
start = time.perf_counter()
import ae_helpers
print(time.perf_counter() - start)
print(*(name for name in ("tensorflow", "keras", "matplotlib") if name in sys.modules))
"""
    runs = [_python(program).stdout.splitlines() for _ in range(3)]
    assert min(float(seconds) for seconds, _ in runs) < 0.2
    assert {heavy for _, heavy in runs} == {""}


def test_what_needs_no_tensorflow_does_not_import_it():
    light = "data, corruption, metrics, convolution, plots, claims, cli"
    program = f"import sys; from ae_helpers import {light}; print('tensorflow' in sys.modules)"
    assert _python(program).stdout == "False\n"


def test_tensorflow_starts_in_silence_and_gives_stderr_back():
    program = """
import os, sys
from ae_helpers.quiet import keras, tf
import keras
from keras import layers
layers.Dense(2)(keras.ops.ones((1, 2)))
os.write(2, b"from the descriptor\\n")
print("from Python", file=sys.stderr)
"""
    result = _python(program)
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "from the descriptor\nfrom Python\n"


def test_what_was_held_back_is_shown_when_tensorflow_fails_to_start(tmp_path):
    (tmp_path / "keras.py").write_text(
        "import os\nos.write(2, b'the reason, from below\\n')\nraise ImportError('no DLL')\n"
    )
    result = _python("from ae_helpers import quiet", PYTHONPATH=str(tmp_path))
    assert result.returncode == 1
    assert "the reason, from below" in result.stderr
    assert result.stderr.rstrip().endswith("ImportError: no DLL")
