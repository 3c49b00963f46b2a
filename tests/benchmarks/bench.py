"""Measure what the course promises about time, and write docs/benchmarks.md.

    python tests/benchmarks/bench.py              all parts (about half an hour)
    python tests/benchmarks/bench.py digits cost  some of them; the others keep their last results

Every comparison runs side by side in one process, in turns, and is given as a ratio: seconds alone
mean little on a machine that does other things too.
"""

import datetime
import importlib.metadata
import json
import os
import platform
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import recipes
from bench_conv_matrix import measure as bench_conv_matrix
from tqdm import tqdm

from ae_helpers import data, metrics, training
from ae_helpers.quiet import keras, tf
from ae_helpers.workspace import write_atomically

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "build" / "bench"
REPORT = ROOT / "docs" / "benchmarks.md"
SEEDS = range(5)
BUDGET_NOTEBOOKS, BUDGET_TESTS = 600, 18 * 60  # seconds


class Watch(keras.callbacks.Callback):
    """Record (seconds, score) as training goes; the clock stands still while it is scored."""

    def __init__(self, score, every, until=None, seconds=float("inf")):
        super().__init__()
        self.score, self.every, self.until, self.seconds = score, every, until, seconds
        self.curve, self.steps, self.spent = [], 0, 0.0
        self.since = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1
        if self.steps % self.every:
            return
        self.spent += time.perf_counter() - self.since
        value = self.score(self.model)
        self.curve.append((self.spent, value))
        done = self.until is not None and value <= self.until
        self.model.stop_training = done or self.spent > self.seconds
        self.since = time.perf_counter()

    def first(self, target):
        return next((s for s, value in self.curve if value <= target), float("inf"))

    def at(self, seconds):
        """The score after so many seconds of training, or the last one if it ended before."""
        return [value for s, value in self.curve if s <= seconds or s == self.curve[0][0]][-1]


def error_on(x, target):
    def score(model):
        parts = [model(part, training=False) for part in np.array_split(x, 5)]
        return float(((np.concatenate(parts) - target) ** 2).mean())

    return score


def fit(build, x_train, pairs, optimizer, loss, epochs, watch, seed):
    keras.utils.set_random_seed(seed)
    model = build(x_train)
    watch.since = time.perf_counter()  # compiling and tracing are part of the wait
    model.compile(optimizer=optimizer, loss=loss)
    if isinstance(pairs, tuple):  # arrays, as most tutorials hand them to fit
        x, target, batch_size = pairs
        pairs = {"x": x, "y": target, "batch_size": batch_size}
    else:  # as training.train does
        model.optimizer.build(model.trainable_variables)
        pairs = {"x": pairs, "shuffle": False}
    model.fit(**pairs, epochs=epochs, verbose=0, callbacks=[watch])
    return watch


def cosine(rate, epochs, n, batch_size=32):
    steps = epochs * -(-n // batch_size)
    return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps))


def in_turns(seeds, first, second):
    """Run two trainings for each seed, every other time in the other order."""
    pairs = []
    for seed in tqdm(seeds, desc="pairs", leave=False):
        both = [first, second] if seed % 2 == 0 else [second, first]
        done = {run: run(seed) for run in both}
        pairs.append((done[first], done[second]))
    return pairs


def bench_digits():
    """Row 1: time to test MSE 0.020, 0.015 and 0.0125 on the embedded digits."""
    digits = data.load_digits("embedded")
    x, n = digits.x_train, len(digits.x_train)
    score = error_on(digits.x_test, digits.x_test)

    def plain(seed):
        watch = Watch(score, every=8, until=0.0125, seconds=90)
        pairs = (x, x, 128)
        adam = keras.optimizers.Adam(1e-3)
        return fit(recipes.plain_digits, x, pairs, adam, "mse", 100, watch, seed)

    def course(seed):
        watch = Watch(score, every=12)
        pairs = training.batches(x, x, 32, shuffle=True)
        adam = cosine(5e-3, 10, n)
        bce = "binary_crossentropy"
        return fit(recipes.course_digits, x, pairs, adam, bce, 10, watch, seed)

    pairs = in_turns(SEEDS, plain, course)
    targets = {}
    for target in (0.020, 0.015, 0.0125):
        slow, quick = zip(*[(p.first(target), c.first(target)) for p, c in pairs], strict=True)
        targets[target] = ratio_row(slow, quick)
    seconds = [5, 10, 20, 30, 45, 60]
    same_time = [
        {
            "seconds": s,
            "plain": statistics.median(p.at(s) for p, _ in pairs),
            "course": statistics.median(c.at(s) for _, c in pairs),
            "worst": max(c.at(s) / p.at(s) for p, c in pairs),
        }
        for s in seconds
    ]
    ends = []
    for seed in tqdm(range(20), desc="collapse", leave=False):
        watch = Watch(score, every=125)
        pairs_ = training.batches(x, x, 32, shuffle=True)
        adam = cosine(5e-3, 10, n)
        bce = "binary_crossentropy"
        ends.append(
            fit(recipes.course_digits, x, pairs_, adam, bce, 1, watch, 100 + seed).curve[-1][1]
        )
    return {"targets": targets, "same_time": same_time, "after_one_epoch": ends}


def ratio_row(slow, quick):
    ratios = [s / q for s, q in zip(slow, quick, strict=True)]
    return {
        "plain": statistics.median(slow),
        "course": statistics.median(quick),
        "ratio": statistics.median(ratios),
        "least": min(ratios),
    }


def bench_denoising():
    """Row 2: time to the PSNR that the plain denoiser has after 10 epochs."""
    digits = data.load_digits("embedded")
    x, n = digits.x_train, len(digits.x_train)
    noise = np.random.default_rng(0).normal(0, 0.5, digits.x_test.shape)
    noisy = np.clip(digits.x_test + noise, 0, 1).astype("float32")

    def score(model):  # minus the PSNR, so that less is better
        return -metrics.psnr(digits.x_test, model(noisy, training=False).numpy())

    def plain(seed, loss="binary_crossentropy", epochs=10):
        watch = Watch(score, every=32)
        pairs = recipes.noisy_batches(x, 128)
        adam = keras.optimizers.Adam(1e-3)
        return fit(recipes.plain_denoiser, x, pairs, adam, loss, epochs, watch, seed)

    def course(seed):
        watch = Watch(score, every=5)
        pairs = recipes.noisy_batches(x, 32)
        adam = cosine(5e-3, 5, n)
        bce = "binary_crossentropy"
        return fit(recipes.course_denoiser, x, pairs, adam, bce, 5, watch, seed)

    result = time_to_end(in_turns(SEEDS, plain, course), sign=-1)
    black = metrics.psnr(digits.x_test, np.zeros_like(noisy))
    with_mse = [plain(seed, "mse", epochs=3).curve[-1][1] for seed in SEEDS]
    return result | {"black": black, "plain_with_mse": [-end for end in with_mse]}


def bench_colorization():
    """Row 2: time to the MSE that the plain colorizer has after 10 epochs."""
    split = recipes.gray_patches()
    x, y, n = split.x_train, split.y_train, len(split.x_train)
    score = error_on(split.x_test, split.y_test)

    def plain(seed):
        watch = Watch(score, every=-(-n // 128))
        pairs = (x, y, 128)
        adam = keras.optimizers.Adam(1e-3)
        return fit(recipes.plain_colorizer, y, pairs, adam, "mse", 10, watch, seed)

    def course(seed):
        watch = Watch(score, every=15)
        pairs = training.batches(x, y, 32, shuffle=True)
        adam = cosine(5e-3, 8, n)
        return fit(recipes.course_colorizer, y, pairs, adam, "mse", 8, watch, seed)

    return time_to_end(in_turns(SEEDS, plain, course), sign=1)


def time_to_end(pairs, sign):
    """Time to the score that the plain recipe ends with."""
    ends = [p.curve[-1][1] for p, _ in pairs]
    slow = [p.first(end) for (p, _), end in zip(pairs, ends, strict=True)]
    quick = [c.first(end) for (_, c), end in zip(pairs, ends, strict=True)]
    return ratio_row(slow, quick) | {
        "plain_end": [sign * end for end in ends],
        "course_end": [sign * c.curve[-1][1] for _, c in pairs],
    }


def bench_throughput():
    """Row 3: examples a second, the share of the matmul peak, and where the rest goes."""
    x = data.load_digits("embedded").x_train
    a = tf.random.normal((2048, 2048))
    matmul = tf.function(lambda: tf.reduce_sum(a @ a))
    peak = 2 * 2048**3 / seconds_of(matmul, repeats=5)
    rows = [
        measure_steps("plain, batch 128", recipes.plain_digits(x), x, 128, "mse", peak),
        measure_steps("plain, batch 32", recipes.plain_digits(x), x, 32, "mse", peak),
        measure_steps(
            "course, batch 32", recipes.course_digits(x), x, 32, "binary_crossentropy", peak
        ),
    ]
    return {"gflops": peak / 1e9, "recipes": rows, "layers": layer_shares(x, peak)}


def measure_steps(name, model, x, batch_size, loss, peak):
    """Milliseconds of one training step, and of its parts."""
    model.compile(optimizer="adam", loss=loss)
    pairs = training.batches(x, x, batch_size, shuffle=True)
    step = seconds_of(lambda: model.fit(pairs, shuffle=False, verbose=0), repeats=3) / len(pairs)
    waiting = seconds_of(lambda: [None for _ in pairs], repeats=3) / len(pairs)
    train = model.make_train_function()
    batch = next(iter(pairs))
    whole = iter(tf.data.Dataset.from_tensors(batch).repeat())
    single = iter(tf.data.Dataset.from_tensors(tuple(part[:1] for part in batch)).repeat())
    on_batch = seconds_of(lambda: train(whole), repeats=30)
    on_one = seconds_of(lambda: train(single), repeats=30)
    return {
        "name": name,
        "examples": batch_size / step,
        "peak": 3 * forward_flops(model) * batch_size / step / peak,
        "step": 1e3 * step,
        "input": 1e3 * waiting,
        "python": 1e3 * on_one,
        "compute": 1e3 * max(on_batch - on_one, 0),
    }


def seconds_of(call, repeats):
    """Median over the repeats, after one call that is not counted."""
    call()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def all_layers(model):
    for layer in model.layers:
        yield from all_layers(layer) if isinstance(layer, keras.Model) else [layer]


def layer_flops(layer):
    """Multiplications and additions of one layer for one image, forward."""
    if isinstance(layer, keras.layers.Conv2DTranspose):
        return 2 * layer.kernel.shape.num_elements() * int(np.prod(layer.input.shape[1:3]))
    if isinstance(layer, keras.layers.Conv2D):
        return 2 * layer.kernel.shape.num_elements() * int(np.prod(layer.output.shape[1:3]))
    if isinstance(layer, keras.layers.Dense):
        return 2 * layer.kernel.shape.num_elements()
    return 0


def forward_flops(model):
    return sum(map(layer_flops, all_layers(model)))


def layer_shares(x, peak):
    """Seconds forward and backward of each layer of the plain model, alone, batch 128."""
    rows = []
    for layer in all_layers(recipes.plain_digits(x)):
        flops = layer_flops(layer)
        if not flops:
            continue
        inputs = tf.random.normal((128, *layer.input.shape[1:]))

        @tf.function
        def there_and_back(layer=layer, inputs=inputs):
            with tf.GradientTape() as tape:
                tape.watch(inputs)
                result = tf.reduce_sum(layer(inputs) ** 2)
            return tape.gradient(result, [inputs, *layer.trainable_weights])

        seconds = seconds_of(there_and_back, repeats=10)
        rows.append(
            {
                "layer": f"{type(layer).__name__} {layer.output.shape[1:]}",
                "ms": 1e3 * seconds,
                "peak": 3 * flops * 128 / seconds / peak,
            }
        )
    return rows


def bench_cost():
    """Row 4: how an epoch of the course's model grows with images, size and code."""
    digits = data.load_digits("embedded").x_train
    rows = {}
    sizes = {
        "images": [1_000, 4_000, 15_000, 60_000],
        "pixels a side": [28, 36, 44, 52, 64],
        "code": [2, 8, 32, 128, 512],
    }
    for what, values in sizes.items():
        seconds = []
        for value in tqdm(values, desc=what, leave=False):
            x, code = digits[:1000], 16
            if what == "images":
                x = np.resize(digits, (value, 28, 28, 1))
            elif what == "pixels a side":
                pad = (value - 28) // 2
                x = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
            else:
                code = value
            model = recipes.models.build_autoencoder(x, code)[2]
            model.compile(optimizer="adam", loss="binary_crossentropy")
            pairs = training.batches(x, x, 32, shuffle=True)
            model.fit(pairs.take(2), shuffle=False, verbose=0)
            repeats = 1 if value > 4_000 else 3
            times = []
            for _ in range(repeats):
                start = time.perf_counter()
                model.fit(pairs, shuffle=False, verbose=0)
                times.append(time.perf_counter() - start)
            seconds.append(min(times))
        slope = np.polyfit(np.log(values), np.log(seconds), 1)[0]
        rows[what] = {"values": values, "seconds": seconds, "slope": slope}
    return rows


LOADERS = {
    "import ae_helpers": "import ae_helpers",
    "load_digits": "from ae_helpers import data; call = data.load_digits",
    "load_photo_patches": "from ae_helpers import data; call = data.load_photo_patches",
    "load_breast_cancer": "from ae_helpers import data; call = data.load_breast_cancer",
}


def bench_loaders():
    """Row 5: seconds in a fresh process, first call and second call."""
    rows = {}
    for name, code in LOADERS.items():
        script = (
            "import time; s = time.perf_counter()\n"
            f"{code}\n"
            "times = [time.perf_counter() - s]\n"
            "if 'call' in globals():\n"
            "    times = []\n"
            "    for _ in range(2):\n"
            "        s = time.perf_counter(); call(); times.append(time.perf_counter() - s)\n"
            "print(*times)"
        )
        runs = [
            [float(t) for t in subprocess.check_output([sys.executable, "-c", script]).split()]
            for _ in range(5)
        ]
        rows[name] = [statistics.median(times) for times in zip(*runs, strict=True)]
    return rows


def bench_notebooks():
    """Row 6a: seconds and peak memory of every notebook and every solution there is."""
    sys.path.append(str(ROOT / "tests"))
    from run import run

    folders = ("notebooks", "exercises/solutions")
    paths = [path for folder in folders for path in sorted((ROOT / folder).glob("*.ipynb"))]
    runs = [run(path, save=False, limit=300) for path in paths]
    return [
        {
            "notebook": f"{run.path.parent.name}/{run.path.stem}",
            "seconds": run.seconds,
            "slowest": run.slowest,
            "peak": run.peak_mib,
            "failure": run.failure,
        }
        for run in runs
    ]


def bench_commands():
    """Row 6b: make test, and two make lab up to a served page, in a clean clone."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "course"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        environment = os.environ | {"HOME": folder}
        environment.pop("VIRTUAL_ENV", None)
        lab = [seconds_to_page(clone, environment) for _ in range(2)]
        start = time.perf_counter()
        test = subprocess.run(
            ["make", "test"], cwd=clone, env=environment, capture_output=True, text=True
        )
        return {
            "first_lab": lab[0],
            "second_lab": lab[1],
            "test": time.perf_counter() - start,
            "summary": test.stdout.strip().splitlines()[-1].strip("= "),
            "slowest": re.findall(r"^(\d+\.\d+)s \w+ +(.+)$", test.stdout, re.M),
        }


def seconds_to_page(clone, environment):
    token = secrets.token_hex(16)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = f"ARGS=--no-browser --ServerApp.port={port} --IdentityProvider.token={token}"
    start = time.perf_counter()
    server = subprocess.Popen(
        ["make", "lab", arguments],
        cwd=clone,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.perf_counter() - start < 900:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/lab?token={token}", timeout=5)
                return time.perf_counter() - start
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise TimeoutError("make lab served no page in 15 minutes")
    finally:
        os.killpg(server.pid, 15)
        server.wait(60)


PARTS = {
    "digits": bench_digits,
    "denoising": bench_denoising,
    "colorization": bench_colorization,
    "throughput": bench_throughput,
    "cost": bench_cost,
    "loaders": bench_loaders,
    "conv_matrix": bench_conv_matrix,
    "notebooks": bench_notebooks,
    "commands": bench_commands,
}


def report(results):
    """Write what was measured, last results of every part, as Markdown."""
    text = [HEADER.format(**machine())]
    for name in PARTS:
        if name in results:
            text.append(WRITERS[name](results[name]))
    before = REPORT.read_text(encoding="utf-8") if REPORT.exists() else ""
    text += re.findall(r"<!-- \w+: start -->.*?<!-- \w+: end -->", before, re.DOTALL)  # of others
    write_atomically(REPORT, "\n".join(text))


HEADER = """# Benchmarks

Written by `make bench`. {cores} cores of {processor}, {memory:.0f} GiB of memory, {system}; Python
{python}, TensorFlow {tensorflow}, Keras {keras}; {date}. Ratios are medians over pairs of runs that
took turns in one process, {seeds} seeds. A recipe's clock runs from `compile` on and stands still
while the error is measured.

**Plain**: the recipe of most tutorials: arrays handed to `fit`, Adam 0.001, batch 128, ReLU, MSE.
**Course**: `training.batches`, batch 32, SiLU, He initialization of the convolutions, a decoder
whose last stride-2 layer writes the image, output bias at the mean pixel, binary cross-entropy, a
learning rate that falls to zero along a cosine.
"""


def machine():
    import psutil

    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = [x for x in cpuinfo.read_text().splitlines() if x.startswith("model name")]
        processor = lines[0].split(":")[1].strip() if lines else processor
    return {
        "cores": os.cpu_count(),
        "processor": processor,
        "memory": psutil.virtual_memory().total / 2**30,
        "system": platform.system(),
        "python": platform.python_version(),
        "tensorflow": importlib.metadata.version("tensorflow"),
        "keras": importlib.metadata.version("keras"),
        "date": datetime.date.today().isoformat(),
        "seeds": len(SEEDS),
    }


def markdown(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def write_digits(r):
    targets = markdown(
        ["test MSE", "plain, s", "course, s", "times sooner", "least of the seeds"],
        [
            [f"{float(t):.4f}", *(f"{v[k]:.1f}" for k in ("plain", "course", "ratio", "least"))]
            for t, v in r["targets"].items()
        ],
    )
    same = markdown(
        ["after, s", "plain, test MSE", "course, test MSE", "course / plain, worst seed"],
        [
            [str(v["seconds"]), f"{v['plain']:.4f}", f"{v['course']:.4f}", f"{v['worst']:.2f}"]
            for v in r["same_time"]
        ],
    )
    ends = r["after_one_epoch"]
    return (
        "## 1 · Digits, code of 16 numbers\n\n"
        f"{targets}\nThe course's recipe ends after 10 epochs; later rows hold its last error.\n\n"
        f"{same}\nCollapse: {len(ends)} further seeds, one epoch each: test MSE {min(ends):.4f} to "
        f"{max(ends):.4f}; {sum(end > 0.05 for end in ends)} of them at 0.05 or above (the mean "
        "image has 0.067, black 0.113).\n"
    )


def write_time_to_end(r, title, unit, digits_after):
    plain = ", ".join(f"{v:.{digits_after}f}" for v in r["plain_end"])
    course = ", ".join(f"{v:.{digits_after}f}" for v in r["course_end"])
    table = markdown(
        ["plain, s", "course, s", "times sooner", "least of the seeds"],
        [[f"{r[k]:.1f}" for k in ("plain", "course", "ratio", "least")]],
    )
    return (
        f"## 2 · {title}\n\nTime to the test {unit} that the plain recipe has after 10 epochs."
        f"\n\n{table}\nPlain recipe's {unit} after 10 epochs, seed by seed: {plain}. "
        f"Course's at its end: {course}.\n"
    )


def write_denoising(r):
    ends = ", ".join(f"{v:.2f}" for v in r["plain_with_mse"])
    return write_time_to_end(r, "Denoising, Gaussian noise of spread 0.5", "PSNR in dB", 2) + (
        "The plain recipe has binary cross-entropy as its error. With MSE instead, three "
        f"epochs end at {ends}; an all-black answer has {r['black']:.2f}.\n"
    )


def write_colorization(r):
    return write_time_to_end(r, "Colorization, code of 256 numbers", "MSE", 4) + (
        "Both recipes have MSE as their error here, and the course's decoder ends in a "
        "convolution, as notebook 5's does.\n"
    )


def write_throughput(r):
    recipes_ = markdown(
        ["recipe", "images/s", "share of matmul peak", "step, ms"]
        + ["waiting for input", "Python and dispatch", "computing"],
        [
            [
                v["name"],
                f"{v['examples']:,.0f}",
                f"{v['peak']:.0%}",
                f"{v['step']:.1f}",
                *(f"{v[k]:.1f} ms" for k in ("input", "python", "compute")),
            ]
            for v in r["recipes"]
        ],
    )
    parts = markdown(
        ["layer of the plain model, batch 128", "forward and backward, ms", "share of peak"],
        [[v["layer"], f"{v['ms']:.1f}", f"{v['peak']:.0%}"] for v in r["layers"]],
    )
    return (
        f"## 3 · Throughput\n\nMatmul peak, 2048 x 2048, same process: {r['gflops']:.0f} Gflop/s. "
        "Backward counts as two forwards. *Waiting for input*: the pipeline alone, which runs "
        "beside the rest. *Python and dispatch*: a step on a single image.\n\n"
        f"{recipes_}\nWhere the computing goes:\n\n{parts}"
    )


def write_cost(r):
    return "## 4 · Cost as the work grows\n\nOne epoch of the course's model.\n\n" + markdown(
        ["what grows", "values", "seconds", "slope on log axes"],
        [
            [
                what,
                ", ".join(f"{value:,}" for value in v["values"]),
                ", ".join(f"{s:.2f}" for s in v["seconds"]),
                f"{v['slope']:.2f}",
            ]
            for what, v in r.items()
        ],
    )


def write_loaders(r):
    return "## 5 · Loaders\n\nIn a fresh process; median of 5.\n\n" + markdown(
        ["call", "first, s", "second, s"],
        [
            [name, *(f"{t:.3f}" for t in times), *[""] * (2 - len(times))]
            for name, times in r.items()
        ],
    )


def write_conv_matrix(r):
    return (
        "\n`conv_matrix`, sparse, 64 x 64 image, 5 x 5 kernel: "
        f"{1e3 * r['vectorized']:.2f} ms (limit 50); a double Python loop takes "
        f"{r['loops'] / r['vectorized']:.0f} times as long (at least 50).\n"
    )


def write_notebooks(r):
    total = sum(v["seconds"] for v in r if v["notebook"].startswith("notebooks"))
    return (
        "## 6 · Notebooks, commands\n\n"
        + markdown(
            ["notebook", "seconds", "slowest cell, s", "peak memory, MiB"],
            [
                [v["notebook"] + (" FAILED" if v["failure"] else ""), f"{v['seconds']:.1f}"]
                + [f"{v['slowest']:.1f}", f"{v['peak']:.0f}"]
                for v in r
            ],
        )
        + f"\nAll notebooks: {total:.0f} s of the {BUDGET_NOTEBOOKS} s that the lessons may take.\n"
    )


def write_commands(r):
    return (
        f"\n`make test` in a clean clone: {r['test']:.0f} s of {BUDGET_TESTS} s ({r['summary']}). "
        f"`make lab` up to a served page: {r['first_lab']:.1f} s the first time, "
        f"{r['second_lab']:.1f} s the second.\n\nIts slowest tests, with two workers of one thread "
        "each (each cell of a notebook is one test):\n\n"
        + markdown(["test", "seconds"], [[f"`{name}`", seconds] for seconds, name in r["slowest"]])
    )


WRITERS = {
    "digits": write_digits,
    "denoising": write_denoising,
    "colorization": write_colorization,
    "throughput": write_throughput,
    "cost": write_cost,
    "loaders": write_loaders,
    "conv_matrix": write_conv_matrix,
    "notebooks": write_notebooks,
    "commands": write_commands,
}


def main():
    chosen = sys.argv[1:] or list(PARTS)
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        sys.exit(f"no part {', '.join(unknown)}; choose from {', '.join(PARTS)}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        start = time.perf_counter()
        write_atomically(RESULTS / f"{name}.json", json.dumps(PARTS[name]()))
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
    results = {
        name: json.loads((RESULTS / f"{name}.json").read_text())
        for name in PARTS
        if (RESULTS / f"{name}.json").exists()
    }
    report(results)
    for name in chosen:
        print(f"\n{WRITERS[name](results[name])}")


if __name__ == "__main__":
    main()
