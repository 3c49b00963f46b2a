"""Spoil images in known ways."""

import numpy as np


def shift(x: np.ndarray, rows: int = 0, columns: int = 0) -> np.ndarray:
    """Move images by whole pixels; what comes in from outside is black.

    Parameters
    ----------
    x : ndarray
        Shape (n, height, width, channels).
    rows, columns : int
        How far: down and to the right if positive.

    Returns
    -------
    ndarray
        The shape and type of ``x``.

    Raises
    ------
    ValueError
        If ``x`` is not a stack of images, or the shift is as large as the image.

    Examples
    --------
    >>> shift(np.ones((1, 2, 2, 1)), columns=1)[0, :, :, 0].tolist()
    [[0.0, 1.0], [0.0, 1.0]]
    """
    _check_images(x)
    height, width = x.shape[1:3]
    if abs(rows) >= height or abs(columns) >= width:
        raise ValueError(
            f"a shift by ({rows}, {columns}) moves the whole {height} x {width} image out of view"
        )
    moved = np.zeros_like(x)
    to, origin = zip(_overlap(rows, height), _overlap(columns, width), strict=True)
    moved[:, to[0], to[1]] = x[:, origin[0], origin[1]]
    return moved


def blank(x: np.ndarray, top: int, bottom: int) -> np.ndarray:
    """Set the pixel rows from ``top`` up to, not including, ``bottom`` to black.

    Parameters
    ----------
    x : ndarray
        Shape (n, height, width, channels).
    top, bottom : int
        0 <= top <= bottom <= height.

    Returns
    -------
    ndarray
        A copy of ``x``.

    Raises
    ------
    ValueError
        If ``x`` is not a stack of images, or the rows lie outside it.

    Examples
    --------
    >>> blank(np.ones((1, 3, 1, 1)), 1, 2).ravel().tolist()
    [1.0, 0.0, 1.0]
    """
    _check_images(x)
    if not 0 <= top <= bottom <= x.shape[1]:
        raise ValueError(f"rows {top} to {bottom} lie outside an image of height {x.shape[1]}")
    blanked = x.copy()
    blanked[:, top:bottom] = 0
    return blanked


def add_gaussian_noise(
    x: np.ndarray,
    sigma: float | np.ndarray,
    seed: int | np.random.Generator,
    clip: bool = True,
) -> np.ndarray:
    """Add independent Gaussian noise to every value, and cut what leaves [0, 1].

    Parameters
    ----------
    x : ndarray
        Images in [0, 1], shape (n, height, width, channels).
    sigma : float or ndarray
        Standard deviation of the noise before the cut: one for all, or shape (n,), one an image.
    seed : int or numpy.random.Generator
        A number gives the same noise in every call; a generator moves on, so that the next call
        gives fresh noise.
    clip : bool
        Set values below 0 to 0 and above 1 to 1, as a camera does. The noise that is left has
        less spread than ``sigma``, and a mean above 0 on dark and below 0 on bright pixels.

    Returns
    -------
    ndarray
        The shape and type of ``x``.

    Raises
    ------
    ValueError
        If ``x`` is not a stack of images in [0, 1], or ``sigma`` is negative or does not fit ``x``.

    Examples
    --------
    >>> noisy = add_gaussian_noise(np.zeros((1, 28, 28, 1)), sigma=0.5, seed=0)
    >>> bool(noisy.mean() > 0.1)
    True
    """
    _check_unit_images(x)
    sigma = _one_per_image(sigma, x, "sigma", largest=np.inf)
    noise = np.random.default_rng(seed).standard_normal(x.shape, dtype=np.float32)
    noisy = x + sigma * noise
    return (np.clip(noisy, 0, 1) if clip else noisy).astype(x.dtype)


def add_salt_and_pepper(
    x: np.ndarray, share: float | np.ndarray, seed: int | np.random.Generator
) -> np.ndarray:
    """Set a share of the pixels to white or black, each with even chances.

    Parameters
    ----------
    x : ndarray
        Images in [0, 1], shape (n, height, width, channels).
    share : float or ndarray
        Probability that a pixel is hit: one for all, or shape (n,), one an image. All channels
        of a pixel are hit together.
    seed : int or numpy.random.Generator
        A number gives the same noise in every call; a generator moves on.

    Returns
    -------
    ndarray
        The shape and type of ``x``.

    Raises
    ------
    ValueError
        If ``x`` is not a stack of images in [0, 1], or ``share`` leaves [0, 1] or does not fit
        ``x``.

    Examples
    --------
    >>> np.unique(add_salt_and_pepper(np.full((1, 28, 28, 1), 0.5), share=0.5, seed=0)).tolist()
    [0.0, 0.5, 1.0]
    """
    hit, white = _hit_pixels(x, share, seed)
    return np.where(hit, white.astype(x.dtype), x)


def mask_pixels(
    x: np.ndarray, share: float | np.ndarray, seed: int | np.random.Generator
) -> np.ndarray:
    """Set a share of the pixels to black.

    Parameters
    ----------
    x : ndarray
        Images in [0, 1], shape (n, height, width, channels).
    share : float or ndarray
        Probability that a pixel is lost: one for all, or shape (n,), one an image. All channels
        of a pixel are lost together.
    seed : int or numpy.random.Generator
        A number loses the same pixels in every call; a generator moves on.

    Returns
    -------
    ndarray
        The shape and type of ``x``.

    Raises
    ------
    ValueError
        If ``x`` is not a stack of images in [0, 1], or ``share`` leaves [0, 1] or does not fit
        ``x``.

    References
    ----------
    Vincent, Larochelle, Bengio and Manzagol (2008), doi:10.1145/1390156.1390294.

    Examples
    --------
    >>> np.unique(mask_pixels(np.ones((1, 28, 28, 1)), share=0.5, seed=0)).tolist()
    [0.0, 1.0]
    """
    lost, _ = _hit_pixels(x, share, seed)
    return np.where(lost, np.zeros((), x.dtype), x)


def _hit_pixels(
    x: np.ndarray, share: float | np.ndarray, seed: int | np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Which pixels a corruption hits, a share of all, and a random half of them."""
    _check_unit_images(x)
    share = _one_per_image(share, x, "share", largest=1)
    draw = np.random.default_rng(seed).random((*x.shape[:3], 1), dtype=np.float32)
    return draw < share, draw < share / 2


def _overlap(distance: int, length: int) -> tuple[slice, slice]:
    """Where the pixels that stay in view go, and where they come from."""
    near, far = max(0, distance), max(0, -distance)
    return slice(near, length - far), slice(far, length - near)


def _check_images(x: np.ndarray) -> None:
    if x.ndim != 4:
        raise ValueError(
            f"expected images of shape (n, height, width, channels); got shape {x.shape}"
        )


def _one_per_image(
    level: float | np.ndarray, x: np.ndarray, name: str, largest: float
) -> np.ndarray:
    """The level as an array that broadcasts over the images of ``x``."""
    level = np.asarray(level, dtype=np.float32)
    if level.shape not in ((), (len(x),)):
        raise ValueError(
            f"{name} is one number, or one for each of the {len(x)} images; got shape {level.shape}"
        )
    if not ((level >= 0) & (level <= largest)).all():  # so that NaN fails too
        span = "at least 0" if np.isinf(largest) else f"in [0, {largest}]"
        raise ValueError(f"{name} must be {span}; got {level.min():.3g} to {level.max():.3g}")
    return level.reshape(-1, 1, 1, 1)


def _check_unit_images(x: np.ndarray) -> None:
    _check_images(x)
    if x.dtype.kind != "f" or not x.size or not (x.min() >= 0 and x.max() <= 1):
        span = f", {x.min():.3g} to {x.max():.3g}" if x.size else " and no images"
        raise ValueError(
            f"expected floats in [0, 1], 0 black and 1 white; got {x.dtype}{span}. "
            "Divide 8-bit images by 255"
        )
