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


def _overlap(distance: int, length: int) -> tuple[slice, slice]:
    """Where the pixels that stay in view go, and where they come from."""
    near, far = max(0, distance), max(0, -distance)
    return slice(near, length - far), slice(far, length - near)


def _check_images(x: np.ndarray) -> None:
    if x.ndim != 4:
        raise ValueError(
            f"expected images of shape (n, height, width, channels); got shape {x.shape}"
        )
