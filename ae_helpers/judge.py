"""Judge drawn digits as no eye can: by a small classifier that has seen only real ones.

It trains in seconds and is saved nowhere. Images are numbers in [0, 1], shape (n, height, width,
channels); else a TypeError or a ValueError.
"""

import numpy as np

from ae_helpers import _check, training
from ae_helpers.quiet import keras

layers = keras.layers


def train_judge(x_train: np.ndarray, y_train: np.ndarray) -> keras.Model:
    """Train a convolutional classifier on real images.

    Parameters
    ----------
    x_train : ndarray
        Images of at least 10 x 10 pixels.
    y_train : ndarray
        Their classes, shape (n,): whole numbers from 0.

    Returns
    -------
    keras.Model
        From images to the pair (features, probabilities), of shapes (n, 64) and (n, classes). The
        features are what the last layer reads: ``frechet_distance`` compares two sets of them. The
        largest probability is the class, and how sure the judge is.

    Examples
    --------
    >>> features, odds = train_judge(x_train, y_train)(x_test)  # doctest: +SKIP
    """
    x, labels = _check.images("x_train", x_train), _check.array("y_train", y_train)
    _check.unit("x_train", x)
    if min(x.shape[1:3]) < 10:
        raise ValueError(f"x_train must be images of at least 10 x 10 pixels; got shape {x.shape}")
    if labels.shape != x.shape[:1] or labels.dtype.kind not in "iu" or labels.min() < 0:
        raise ValueError(
            f"y_train must be {len(x)} whole numbers from 0, a class for each image; got "
            f"{labels.dtype} of shape {labels.shape}, the least {labels.min()}"
        )
    image = keras.Input(x.shape[1:])
    h = layers.MaxPooling2D()(layers.Conv2D(16, 3, activation="relu")(image))
    h = layers.MaxPooling2D()(layers.Conv2D(32, 3, activation="relu")(h))
    features = layers.Dense(64, activation="relu")(layers.Flatten()(h))
    odds = layers.Dense(int(labels.max()) + 1, activation="softmax")(features)
    loss = "sparse_categorical_crossentropy"
    training.train(keras.Model(image, odds), x, labels, epochs=4, loss=loss)
    return keras.Model(image, [features, odds])


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Compute how far two sets of features lie apart: 0 for equal means and covariances.

    Each set, shape (n, features) and (m, features), is taken for a Gaussian cloud: the squared
    distance of the two means, plus what the two covariances differ by. A small set looks farther
    away than it is; compare sets of one size. Source: Heusel and others (2017), arXiv:1706.08500,
    equation 6, where the features are those of another network.

    Examples
    --------
    >>> a = np.random.default_rng(0).normal(size=(50, 3))
    >>> round(frechet_distance(a, a + [3, 4, 0]), 6)
    25.0
    """
    a, b = (_check.array(name, x).astype(np.float64) for name, x in (("a", a), ("b", b)))
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or min(len(a), len(b)) < 2:
        raise ValueError(
            "a and b must be features of at least two images each, shape (n, features) and "
            f"(m, features); got shapes {a.shape} and {b.shape}"
        )
    cov_a, cov_b = (np.atleast_2d(np.cov(x.T)) for x in (a, b))
    roots = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).real.clip(0)).sum()
    apart = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return max(0.0, float(apart + np.trace(cov_a) + np.trace(cov_b) - 2 * roots))
