"""Spoil images in known ways.

All functions take images ``x``, floats in [0, 1] of shape (n, height, width, channels), and return
the same shape and type. How much is one number for all images, or an array of shape (n,), one for
each. A pixel is hit with all its channels. A ``seed`` that is a number gives the same noise in
every call; a ``numpy.random.Generator`` moves on, so that the next call gives fresh noise. What
does not fit raises a TypeError or a ValueError.
"""

import numpy as np

from ae_helpers import _check


def add_gaussian_noise(
    x: np.ndarray, sigma: float | np.ndarray, seed: int | np.random.Generator, clip: bool = True
) -> np.ndarray:
    """Add independent Gaussian noise, of standard deviation ``sigma``, to every value.

    ``clip`` sets values below 0 to 0 and above 1 to 1, as a camera does. The noise that is left has
    less spread than ``sigma``, and a mean above 0 on dark and below 0 on bright pixels.

    Examples
    --------
    >>> noisy = add_gaussian_noise(np.zeros((1, 28, 28, 1)), sigma=0.5, seed=0)
    >>> bool(noisy.mean() > 0.1)
    True
    """
    x, sigma, rng = _checked(x, sigma, "sigma", seed)
    noisy = x + sigma * rng.standard_normal(x.shape, dtype=np.float32)
    return (np.clip(noisy, 0, 1) if _check.flag("clip", clip) else noisy).astype(x.dtype)


def add_salt_and_pepper(
    x: np.ndarray, share: float | np.ndarray, seed: int | np.random.Generator
) -> np.ndarray:
    """Set pixels to white or black, evenly; ``share`` is the probability that a pixel is hit.

    Examples
    --------
    >>> np.unique(add_salt_and_pepper(np.full((1, 28, 28, 1), 0.5), share=0.5, seed=0)).tolist()
    [0.0, 0.5, 1.0]
    """
    x, hit, white = _hit_pixels(x, share, seed)
    return np.where(hit, white.astype(x.dtype), x)


def mask_pixels(
    x: np.ndarray, share: float | np.ndarray, seed: int | np.random.Generator
) -> np.ndarray:
    """Set pixels to black; ``share`` is the probability that a pixel is lost.

    Source: Vincent, Larochelle, Bengio and Manzagol (2008), doi:10.1145/1390156.1390294.

    Examples
    --------
    >>> np.unique(mask_pixels(np.ones((1, 28, 28, 1)), share=0.5, seed=0)).tolist()
    [0.0, 1.0]
    """
    x, lost, _ = _hit_pixels(x, share, seed)
    return np.where(lost, np.zeros((), x.dtype), x)


def _hit_pixels(x, share, seed) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The images, which pixels a corruption hits, and which of these are in a random half."""
    x, share, rng = _checked(x, share, "share", seed)
    _check.unit("share", share)
    draw = rng.random((*x.shape[:3], 1), dtype=np.float32)
    return x, draw < share, draw < share / 2


def _checked(x, level, name, seed) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    """The images, the level as an array that broadcasts over them, and a generator."""
    x = _check.unit("x", _check.images("x", x))
    if x.dtype.kind != "f":
        raise ValueError(f"x must be floats in [0, 1]; got {x.dtype}. Use x.astype('float32')")
    level = _check.array(name, level).astype(np.float32)
    if level.shape not in ((), (len(x),)):
        raise ValueError(
            f"{name} is one number, or one for each of the {len(x)} images; got shape {level.shape}"
        )
    if level.min() < 0 or np.isinf(level).any():  # too large for float32
        raise ValueError(f"{name} must be at least 0; got {level.min():.3g} to {level.max():.3g}")
    return x, level.reshape(-1, 1, 1, 1), _check.generator(seed)
