"""Learners on one real hub, who all start the same lesson in the same second: ``make load``.

It stops by itself, and no process is left. What it measured goes into docs/benchmarks.md, between
two marks. Or: ``python tests/load.py [--users 8] [--minutes 25] [notebook ...]``.
"""

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

import psutil
from benchmark_page import save_section
from hub import HUB, Learner, hub, memory, servers
from tqdm import tqdm

LESSONS = ["02_building_the_autoencoder", "05_colorization"]
EACH = 1.5 * 2**30  # bytes that a learner may need: docs/teaching.md


def watch(process, peaks, stop):
    """Keep the highest memory of each learner, of the hub with its proxy, and of all together."""
    while not stop.wait(1.0):
        now = {name: memory(tree) for name, tree in servers(process).items()}
        now["everything"] = memory(process)
        for name, value in now.items():
            peaks[name] = max(peaks.get(name, 0), value)
        hub_alone = now["everything"] - sum(v for k, v in now.items() if k != "everything")
        peaks["hub"] = max(peaks.get("hub", 0), hub_alone)


def together(learners, lesson, process, end):
    """Let all run a lesson, from the same moment on; give seconds, slowest cells and failures."""
    gate, peaks, stop = threading.Barrier(len(learners)), {}, threading.Event()
    path = f"work/notebooks/{lesson}.ipynb"

    def one(learner):
        gate.wait(60)
        start = time.monotonic()
        try:
            seconds, failure = learner.run(path, limit=end - start)
        except Exception as error:  # a server that does not answer is a result here
            seconds, failure = [0.0], f"{learner.name}: {type(error).__name__}: {error}"
        return time.monotonic() - start, max(seconds), failure

    watcher = threading.Thread(target=watch, args=(process, peaks, stop))
    watcher.start()
    try:
        with ThreadPoolExecutor(len(learners)) as pool:
            runs = [pool.submit(one, learner) for learner in learners]
            done = tqdm(as_completed(runs), desc=lesson, total=len(runs))
            try:
                walls, slowest, failures = zip(*[run.result() for run in done], strict=True)
            except BaseException:
                process.terminate()  # Ctrl-C: without the hub the learners end too
                raise
    finally:
        stop.set()
        watcher.join()
    each = [peaks.get(learner.name, 0) for learner in learners]
    return {
        "lesson": lesson,
        "first": min(walls),
        "last": max(walls),
        "cell": max(slowest),
        "each": max(each) / 2**20,
        "hub": peaks.get("hub", 0) / 2**20,
        "all": peaks.get("everything", 0) / 2**30,
        "failures": [failure for failure in failures if failure],
    }


def report(rows, users, login, whole):
    """Write the section: what was measured, and what follows for 30 and for 300."""
    cores = len(os.sched_getaffinity(0))
    lines = [
        "## Learners on one hub",
        "",
        f"Written by `make load`: {users} learners on one hub, {cores} cores for all, all of them",
        "starting the same lesson in the same second over websockets. Logged in, with their",
        f"servers up: {login:.0f} s after the first. Memory: shared pages counted by their share.",
        "",
        "| lesson | first done, s | last done, s | slowest cell, s | peak memory, the largest "
        "learner, MiB | all, GiB | failures |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row['lesson']} | {row['first']:.0f} | {row['last']:.0f} | {row['cell']:.0f} "
            f"| {row['each']:.0f} | {row['all']:.1f} | {len(row['failures'])} |"
        )
    lines += ["\n" + " ".join(failure.split()) for row in rows for failure in row["failures"]]
    if whole:
        each = max(row["each"] for row in rows) / 1024
        base = max(row["hub"] for row in rows) / 1024
        work = max(row["last"] for row in rows) * cores / users / 60
        lines += [
            "",
            "What follows, if all run the heavier lesson at once: the hub and its proxy take "
            f"{base:.2f} GiB, each learner {each:.2f} GiB, and {work:.1f} minutes of one core.",
            "",
            "| learners | memory, GiB | cores, for the lesson in 5 minutes | in 10 minutes |",
            "|---|---|---|---|",
        ]
        for n in (30, 300):
            lines.append(
                f"| {n} | {base:.2f} + {n} × {each:.2f} = {base + n * each:.0f} "
                f"| {n} × {work:.1f} / 5 = {n * work / 5:.0f} | {n * work / 10:.0f} |"
            )
        lines += [
            "",
            "300 do not fit one machine: Kubernetes spreads them over nodes, and the image is "
            "on every node beforehand.",
        ]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=8, choices=range(1, 33), metavar="1-32")
    parser.add_argument("--minutes", type=float, default=25, help="then all is stopped")
    parser.add_argument("notebooks", nargs="*", default=LESSONS, help="such as 00_start_here")
    asked = parser.parse_args()
    if not HUB.exists():
        sys.exit("The hub is not installed: make hub does that.")
    fit = int(psutil.virtual_memory().available / EACH)
    users = max(1, min(asked.users, fit))
    if users < asked.users:
        print(f"The memory is enough for {users} learners, not for {asked.users}.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    end = time.monotonic() + 60 * asked.minutes
    with tempfile.TemporaryDirectory() as folder, hub(folder) as (address, password, process):
        start = time.monotonic()

        def log_in(number):
            learner = Learner(address, password, f"learner{number}")
            learner.start_server()
            return learner

        with ThreadPoolExecutor(users) as pool:
            learners = list(pool.map(log_in, range(users)))
        login = time.monotonic() - start
        rows = [together(learners, lesson, process, end) for lesson in asked.notebooks]
    whole = asked.notebooks == LESSONS
    section = report(rows, users, login, whole)
    print(section)
    if whole:
        save_section("load", section)
    return any(row["failures"] for row in rows)


if __name__ == "__main__":
    sys.exit(main())
