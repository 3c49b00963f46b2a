"""What the site's live figures compute with: trained weights and a photo, as scripts.

A page cannot fetch a file when it is opened from a folder, so each figure's numbers are a script,
in base64: weights and points in float16, colors of points as digits. The recipes are the lessons'.
"""

import base64
import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from keras import Model, Sequential, initializers, layers, ops
from sklearn.datasets import make_moons
from sklearn.decomposition import PCA

from ae_helpers import data, training
from ae_helpers.models import mean_logit
from ae_helpers.quiet import keras

HERE = Path(__file__)


def _pack(array: np.ndarray) -> str:
    """Numbers as base64 of little-endian float16."""
    return base64.b64encode(np.asarray(array, "<f2").tobytes()).decode()


def pack_network(network: Sequential, *before: tuple[np.ndarray, np.ndarray]) -> list[dict]:
    """Pack a network's dense layers: sizes, activation, weights; ``before`` are linear layers."""
    dense = [layer for layer in network.layers if isinstance(layer, layers.Dense)]
    parts = [(*map(np.asarray, pair), "linear") for pair in before]
    parts += [(*layer.get_weights(), layer.activation.__name__) for layer in dense]
    return [
        {"size": kernel.shape, "bend": bend, "kernel": _pack(kernel), "bias": _pack(bias)}
        for kernel, bias, bend in parts
    ]


def _dense(width: int) -> layers.Dense:
    return layers.Dense(width, activation="silu", kernel_initializer="he_normal")


def _decoder(x_train: np.ndarray, *widths: int) -> Sequential:
    """A decoder of 2 numbers, which first answers with the mean pixel."""
    start = initializers.Constant(mean_logit(x_train))
    last = layers.Dense(784, activation="sigmoid", bias_initializer=start)
    hidden = [_dense(width) for width in widths]
    return Sequential([keras.Input((2,)), *hidden, last, layers.Reshape((28, 28, 1))])


def _plane(codes: np.ndarray, labels: np.ndarray, network: list[dict], start: int) -> dict:
    codes = np.asarray(codes, float)
    low, high = codes.min(axis=0), codes.max(axis=0)
    return {
        "kind": "plane",
        "network": network,
        "points": _pack(codes),
        "labels": "".join(map(str, labels)),
        "low": low.round(2).tolist(),
        "high": high.round(2).tolist(),
        "start": codes[start].round(2).tolist(),
    }


def export_map(epochs: int = 20) -> tuple[dict, Callable]:
    """Train lesson 2's two-number map; give its figure, and the decoder that it must agree with."""
    keras.utils.set_random_seed(0)
    digits = data.load_digits()
    hidden = [_dense(width) for width in (256, 128, 64)]
    encoder = Sequential([keras.Input((28, 28, 1)), layers.Flatten(), *hidden, layers.Dense(2)])
    decoder = _decoder(digits.x_train, 64, 128, 256)
    training.train(Sequential([encoder, decoder]), digits.x_train, digits.x_train, epochs=epochs)
    plane = PCA(2).fit(encoder(digits.x_train))  # turns the plane, no more
    codes = plane.transform(encoder(digits.x_test))
    network = pack_network(decoder, (plane.components_, plane.mean_))
    figure = _plane(codes, digits.y_test, network, start=_first(digits.y_test, 7))
    return figure | {"byRank": True}, lambda points: decoder(
        plane.inverse_transform(points)
    ).numpy()


class VAE(Model):
    """Lesson 8's: an encoder that answers with a cloud, and the pull of the prior."""

    def __init__(self, encoder: Sequential, decoder: Sequential):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.noise = keras.random.SeedGenerator(0)

    def call(self, x: np.ndarray):
        mean, log_var = ops.split(self.encoder(x), 2, axis=1)
        spread = ops.exp(0.5 * log_var)
        pull = 0.5 * ops.sum(mean**2 + spread**2 - log_var - 1, axis=1)
        self.add_loss(ops.mean(pull) / 784)  # the error is a mean over 784 pixels
        return self.decoder(mean + spread * keras.random.normal(ops.shape(mean), seed=self.noise))


def export_prior(epochs: int = 15) -> tuple[dict, Callable]:
    """Train a VAE of two numbers, as lesson 8 does; give its figure, and its decoder."""
    keras.utils.set_random_seed(0)
    digits = data.load_digits()
    hidden = [_dense(width) for width in (128, 64)]
    encoder = Sequential([keras.Input((28, 28, 1)), layers.Flatten(), *hidden, layers.Dense(4)])
    decoder = _decoder(digits.x_train, 64, 128)
    training.train(VAE(encoder, decoder), digits.x_train, digits.x_train, epochs=epochs)
    codes = encoder(digits.x_test).numpy()[:, :2]
    figure = _plane(codes, digits.y_test, pack_network(decoder), start=_first(digits.y_test, 3))
    return figure | {"low": [-3, -3], "high": [3, 3]}, lambda z: decoder(z).numpy()


def _first(labels: np.ndarray, digit: int) -> int:
    return int(np.flatnonzero(labels == digit)[0])


def export_flow(epochs: int = 8) -> tuple[dict, Callable]:
    """Train lesson 10's flow from noise to two moons; give its figure, and its velocity."""
    keras.utils.set_random_seed(0)
    points, moon = make_moons((1600, 400), noise=0.05, random_state=0)
    x1 = np.tile((points - [0.5, 0.25]) * [1.2, 2.0], (20, 1))
    rng = np.random.default_rng(0)
    x0, t = rng.standard_normal(x1.shape), rng.random((len(x1), 1))
    inputs = np.hstack([(1 - t) * x0 + t * x1, t])
    hidden = [layers.Dense(96, activation="relu") for _ in range(3)]
    network = Sequential([keras.Input((3,)), *hidden, layers.Dense(2)])
    training.train(
        network, inputs.astype("float32"), (x1 - x0).astype("float32"),
        epochs=epochs, rate=6e-3, batch_size=128, loss="mse", steps_per_execution=20,
    )  # fmt: skip
    figure = {
        "kind": "flow",
        "network": pack_network(network),
        "points": _pack(x1[:2000:4]),
        "labels": "".join(map(str, moon[::4])),
        "noise": _pack(np.random.default_rng(1).standard_normal((300, 2))),
    }
    return figure, lambda x: network(x.astype("float32")).numpy()


def export_photo() -> dict:
    """Pack the lightness of lesson 5's photo, a sixteenth of its pixels, for the reader's hints."""
    from skimage.color import gray2rgb, rgb2gray, rgb2lab
    from skimage.transform import resize

    photo = resize(data.load_photo("china"), (107, 160), anti_aliasing=True)
    lightness = rgb2lab(gray2rgb(rgb2gray(photo)))[..., 0] / 100
    return {"kind": "hints", "height": 107, "width": 160, "lightness": _pack(lightness)}


def export(folder: Path) -> None:
    """Write each figure's script into a folder, unless this file's scripts are there already."""
    stamp = folder / "made-by"
    digest = hashlib.sha256(HERE.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "02": export_map()[0],
        "05": export_photo(),
        "08": export_prior()[0],
        "10": export_flow()[0],
    }
    for name, figure in figures.items():
        script = f'(globalThis.course ??= {{}})["{name}"] = {json.dumps(figure)};\n'
        (folder / f"{name}.js").write_text(script, encoding="utf-8")
    stamp.write_text(digest)


if __name__ == "__main__":
    export(Path(sys.argv[1]))
