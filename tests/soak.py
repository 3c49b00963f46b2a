"""Run every notebook again and again, under other conditions: ``make soak N=10``.

Strict nbval each time, with 1, 2 and 4 threads, with oneDNN and without, with another hash seed for
Python, and every other time with another process on each core. One line for each round; the exit
status is 1 if a single cell differed. Name notebooks to run only those.
"""

import argparse
import itertools
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
THREADS, ONEDNN = (1, 2, 4), (1, 0)


@contextmanager
def busy(cores: int) -> Iterator[None]:
    """Keep so many cores busy with other work."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(cores)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def conditions(n: int) -> Iterator[dict[str, int]]:
    """What is set in each of n rounds: no two of the first six are alike in threads and oneDNN."""
    pairs = itertools.cycle(itertools.product(ONEDNN, THREADS))
    for number, (onednn, threads) in zip(range(n), pairs, strict=False):
        yield {
            "OMP_NUM_THREADS": threads,
            "TF_NUM_INTRAOP_THREADS": threads,
            "TF_NUM_INTEROP_THREADS": threads,
            "TF_ENABLE_ONEDNN_OPTS": onednn,
            "PYTHONHASHSEED": number,
        }


def compare(notebooks: list[str], settings: dict[str, int]) -> tuple[bool, str]:
    """Run notebooks beside their saved outputs; return whether all agree, and pytest's summary."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    command += ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=600"]
    command += ["--nbval-sanitize-with=tests/nbval_sanitize.cfg", "--no-header", *notebooks]
    environment = os.environ | {name: str(value) for name, value in settings.items()}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    failed = re.findall(r"^FAILED (.*?) -|^FAILED (.*)", done.stdout, flags=re.M)
    summary = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr[-200:]
    return done.returncode == 0, "; ".join([summary, *("".join(name) for name in failed)])


def main(n: int, notebooks: list[str]) -> int:
    """Run n rounds; return 1 if any of them found a difference."""
    good = 0
    for number, settings in enumerate(conditions(n)):
        loaded = number % 2 == 1
        start = time.perf_counter()
        with busy((os.cpu_count() or 1) if loaded else 0):
            equal, summary = compare(notebooks, settings)
        good += equal
        print(
            f"{'✓' if equal else '✗'} round {number + 1}: {settings['OMP_NUM_THREADS']} threads, "
            f"oneDNN {'on' if settings['TF_ENABLE_ONEDNN_OPTS'] else 'off'}, "
            f"{'other work on every core' if loaded else 'alone'}, "
            f"{time.perf_counter() - start:.0f} s: {summary}",
            flush=True,
        )
    print(f"{good} of {n} rounds without a difference.")
    return int(good < n)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=10, help="rounds")
    parser.add_argument("notebooks", nargs="*", default=["notebooks", "exercises/solutions"])
    arguments = parser.parse_args()
    sys.exit(main(arguments.n, arguments.notebooks))
