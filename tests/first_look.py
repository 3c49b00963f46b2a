"""Make the first picture that a learner sees, by the course's own methods, on the embedded data.

    python tests/first_look.py

writes notebooks/00_first_look.npz, which lesson 0 draws, and docs/first_look.png for the README:
lesson 0's own drawing. It takes a minute on two cores. All seeds are fixed; with another number of
threads the fourth digits differ. No digit is picked for its looks: ``main`` says which are taken.
"""

import contextlib
import json
import time
from pathlib import Path

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse.linalg import spsolve
from skimage.color import lab2rgb, rgb2lab
from skimage.transform import resize

from ae_helpers import corruption, data, metrics, models, training
from ae_helpers.quiet import keras, tf

layers = keras.layers
ROOT = Path(__file__).resolve().parent.parent
ARRAYS, PICTURE = ROOT / "notebooks/00_first_look.npz", ROOT / "docs/first_look.png"
LESSON = ROOT / "notebooks/00_start_here.ipynb"
CODE = 16
PHOTO, SIZE, DOTS = "china", (213, 320), 100  # lesson 5 lays this photo aside


def train_autoencoder(x_train: np.ndarray) -> tuple[keras.Model, keras.Model]:
    """Train lesson 2's autoencoder with a code of 16 numbers; returns encoder and decoder."""
    encoder, decoder, autoencoder = models.build_autoencoder(x_train, CODE)
    training.train(autoencoder, x_train, x_train, epochs=8)
    return encoder, decoder


def train_denoiser(x_train: np.ndarray) -> keras.Model:
    """Train lesson 4's denoiser: Gaussian noise of sigma 0.5, drawn anew in every epoch."""
    rng = np.random.default_rng(0)

    def add_noise(clean, target):
        noisy = tf.numpy_function(
            lambda x: corruption.add_gaussian_noise(x, 0.5, rng), [clean], tf.float32
        )
        return tf.ensure_shape(noisy, clean.shape), target

    kind = {"padding": "same", "activation": "silu", "kernel_initializer": "he_normal"}
    start = keras.initializers.Constant(models.mean_logit(x_train))
    last = {"padding": "same", "activation": "sigmoid", "bias_initializer": start}
    denoiser = keras.Sequential(
        [
            keras.Input((None, None, 1)),
            layers.Conv2D(32, 5, strides=2, **kind),
            layers.Conv2D(64, 3, strides=2, **kind),
            layers.Conv2D(64, 3, **kind),
            layers.Conv2DTranspose(32, 4, strides=2, **kind),
            layers.Conv2DTranspose(1, 4, strides=2, **last),
        ]
    )
    pairs = training.batches(x_train, x_train, 32, shuffle=True).map(add_noise)
    training.train(denoiser, pairs, epochs=8, rate=5e-3)
    return denoiser


def draw_codes(codes: np.ndarray, n: int) -> np.ndarray:
    """Draw ``n`` new codes by flow matching: a network learns the way from noise to a code.

    On the straight line from a noise point to a code, it is told the place and the time and
    answers with the direction (Lipman and others, 2023, arXiv:2210.02747). New noise then walks
    along the answers, in 20 steps of the midpoint rule.
    """
    mean, spread = codes.mean(axis=0), codes.std(axis=0)
    rng = np.random.default_rng(0)
    end = np.tile((codes - mean) / spread, (60, 1))
    start = rng.normal(size=end.shape)
    t = rng.random((len(end), 1))
    x = np.hstack([(1 - t) * start + t * end, t]).astype("float32")
    hidden = [layers.Dense(256, activation="silu") for _ in range(3)]
    flow = keras.Sequential([keras.Input((CODE + 1,)), *hidden, layers.Dense(CODE)])
    falling = keras.optimizers.schedules.CosineDecay(3e-3, 6 * -(-len(x) // 256))
    flow.compile(keras.optimizers.Adam(falling), "mse", steps_per_execution=20)
    flow.fit(x, (end - start).astype("float32"), batch_size=256, epochs=6, verbose=0)

    def direction(z, time):
        return flow(np.hstack([z, np.full((n, 1), time)])).numpy()

    z, step = np.random.default_rng(1).normal(size=(n, CODE)), 1 / 20
    for time_now in np.arange(20) * step:
        middle = z + direction(z, time_now) * step / 2
        z = z + direction(middle, time_now + step / 2) * step
    return z * spread + mean


def neighbor_weights(lightness: np.ndarray) -> sparse.csr_array:
    """Say how much of a pixel's color comes from each neighbor: more, where it is equally light.

    Shape (pixels, pixels), rows of sum 1; the weights of Levin, Lischinski and Weiss (2004),
    doi:10.1145/1186562.1015780, in windows of 3 x 3.
    """
    height, width = lightness.shape
    place = np.pad(np.arange(height * width).reshape(height, width), 1, constant_values=-1)
    steps = [(i, j) for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    near = np.stack([place[i : i + height, j : j + width].ravel() for i, j in steps], axis=1)
    mean = ndimage.uniform_filter(lightness, 3)
    variance = (ndimage.uniform_filter(lightness**2, 3) - mean**2).ravel()[:, None]
    flat = lightness.ravel()
    difference = (flat[near] - flat[:, None]) ** 2
    weights = np.exp(-difference / np.maximum(0.6 * variance, 2e-6)) * (near >= 0)
    weights /= weights.sum(axis=1, keepdims=True)
    rows = np.repeat(np.arange(flat.size), len(steps))
    shape = (flat.size, flat.size)
    return sparse.csr_array((weights.ravel(), (rows, np.maximum(near, 0).ravel())), shape)


def spread_color(weights: sparse.csr_array, dots: np.ndarray, color: np.ndarray) -> np.ndarray:
    """Color every pixel as the weighted mean of its neighbors, with the color of the dots given.

    ``dots`` are places of pixels, ``color`` has shape (dots, 2); returns (pixels, 2).
    """
    n = weights.shape[0]
    free = np.setdiff1d(np.arange(n), dots)
    equations = (sparse.eye_array(n, format="csr") - weights)[free].tocsc()
    filled = np.empty((n, 2))
    filled[dots] = color
    filled[free] = spsolve(equations[:, free], -equations[:, dots] @ color)
    return filled


def color_from_dots(photo: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take the color from a photo, give it back at 100 pixels, and spread it from there.

    Forty dots stand in a regular grid. The others are put, ten at a time, where the picture so far
    is most wrong, as somebody would who looks at the photo. Returns the gray photo, the colored
    one, both (height, width, 3), and the dots' places, (100, 2).
    """
    height, width = photo.shape[:2]
    lab = rgb2lab(photo)
    truth = lab[..., 1:].reshape(-1, 2)
    weights = neighbor_weights(lab[..., 0] / 100)
    rows, columns = np.arange(0.5, 5) * height / 5, np.arange(0.5, 8) * width / 8
    dots = [int(y) * width + int(x) for y in rows for x in columns]
    y, x = np.indices((height, width))
    while True:
        color = spread_color(weights, np.array(dots), truth[dots])
        if len(dots) == DOTS:
            break
        wrong = ((color - truth) ** 2).sum(axis=1).reshape(height, width)
        wrong = ndimage.gaussian_filter(wrong, 4)
        for _ in range(10):
            dots.append(int(wrong.argmax()))
            row, column = divmod(dots[-1], width)
            wrong[(y - row) ** 2 + (x - column) ** 2 < 100] = 0  # the next one 10 pixels away
    gray, colored = (
        lab2rgb(np.dstack([lab[..., :1], c.reshape(height, width, 2)])) for c in (0 * color, color)
    )
    return gray, colored, np.stack(np.divmod(dots, width), axis=1)


def as_bytes(x: np.ndarray) -> np.ndarray:
    """Images in [0, 1] as whole numbers 0 to 255, gray ones without a channel axis."""
    x = x[..., 0] if x.shape[-1] == 1 else x
    return np.round(255 * np.clip(x, 0, 1)).astype(np.uint8)


def draw(picture: Path) -> None:
    """Run lesson 0's cells that load and draw the arrays, and save the figure."""
    cells = json.loads(LESSON.read_text(encoding="utf-8"))["cells"]
    source = {cell["id"]: "".join(cell["source"]) for cell in cells}
    names: dict = {}
    with contextlib.chdir(LESSON.parent):
        for cell in ("6cd92bac", "look-load", "look-draw"):
            exec(source[cell], names)
    names["figure"].savefig(picture, dpi=170)


def main() -> None:
    keras.utils.set_random_seed(0)
    digits = data.load_digits()
    x, y = digits.x_test, digits.y_test
    began = time.perf_counter()

    def tell(what: str) -> None:
        print(f"{time.perf_counter() - began:5.0f} s  {what}", flush=True)

    encoder, decoder = train_autoencoder(digits.x_train)
    codes = encoder.predict(x, verbose=0)
    rebuilt = decoder.predict(codes, verbose=0)
    error = metrics.mse_per_image(x, rebuilt)
    # Of each class the test digit whose error is the median one: no better, no worse than others.
    ranked = [np.flatnonzero(y == digit)[np.argsort(error[y == digit])] for digit in range(10)]
    typical = [places[len(places) // 2] for places in ranked]
    tell(f"16 numbers: test MSE {error.mean():.4f}")

    noisy = corruption.add_gaussian_noise(x, 0.5, seed=1)
    cleaned = train_denoiser(digits.x_train)(noisy).numpy()
    tell(f"denoiser: from {metrics.psnr(x, noisy):.1f} to {metrics.psnr(x, cleaned):.1f} dB")

    photo = resize(data.load_photo(PHOTO), SIZE, anti_aliasing=True)
    gray, colored, dots = color_from_dots(photo)
    share = metrics.mse(photo[None], colored[None]) / metrics.mse(photo[None], gray[None])
    tell(f"{len(dots)} dots: MSE {share:.2f} of the gray photo's")

    codes_drawn = draw_codes(encoder.predict(digits.x_train, verbose=0), 28)
    drawn = decoder.predict(codes_drawn, verbose=0)  # the first ones, whatever they look like
    tell("drawn from nothing")

    np.savez_compressed(
        ARRAYS,
        digits=as_bytes(x[typical]),
        codes=codes[typical].astype(np.float16),
        rebuilt=as_bytes(rebuilt[typical]),
        noisy=as_bytes(noisy[typical]),
        cleaned=as_bytes(cleaned[typical]),
        photo=as_bytes(photo),
        gray=as_bytes(gray[..., :1]),
        dots=dots.astype(np.uint16),
        colored=as_bytes(colored),
        drawn=as_bytes(drawn),
    )
    draw(PICTURE)
    tell(
        f"{ARRAYS.name} {ARRAYS.stat().st_size:,} bytes, {PICTURE.name} {PICTURE.stat().st_size:,}"
    )


if __name__ == "__main__":
    main()
