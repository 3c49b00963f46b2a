"""Measure how far a reconstruction is from its original."""

from collections.abc import Callable

import numpy as np


def mse(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Compute the mean squared error over all images and all pixels.

    Parameters
    ----------
    x, x_hat : ndarray
        Originals and reconstructions, of one shape.

    Returns
    -------
    float
        At least 0, in squared units of ``x``.

    Raises
    ------
    ValueError
        If the shapes differ (NumPy would broadcast them and answer wrongly).

    Examples
    --------
    >>> mse(np.zeros((1, 2)), np.array([[1.0, 0.0]]))
    0.5
    """
    return float(mse_per_image(x, x_hat).mean())


def mse_per_image(x: np.ndarray, x_hat: np.ndarray) -> np.ndarray:
    """Compute the mean squared error of each image.

    Parameters
    ----------
    x, x_hat : ndarray
        Originals and reconstructions, of one shape (n, ...).

    Returns
    -------
    ndarray
        Shape (n,), float64.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> mse_per_image(np.zeros((2, 2)), np.array([[1.0, 0.0], [2.0, 2.0]])).tolist()
    [0.5, 4.0]
    """
    x, x_hat = _check_pair(x, x_hat)
    return ((x - x_hat) ** 2).reshape(len(x), -1).mean(axis=1)


def binary_cross_entropy(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Compute the mean binary cross-entropy, -x ln x' - (1 - x) ln(1 - x'), over all pixels.

    Parameters
    ----------
    x, x_hat : ndarray
        Originals and reconstructions in [0, 1], of one shape. ``x_hat`` is kept 1e-7 away from 0
        and 1, as Keras does.

    Returns
    -------
    float
        In nats per pixel.

    Raises
    ------
    ValueError
        If the shapes differ or a value lies outside [0, 1].

    Examples
    --------
    >>> round(binary_cross_entropy(np.array([[1.0]]), np.array([[0.5]])), 4)
    0.6931
    """
    x, x_hat = _check_pair(x, x_hat)
    for name, values in (("x", x), ("x_hat", x_hat)):
        if not (values.min() >= 0 and values.max() <= 1):  # so that NaN fails too
            raise ValueError(
                f"binary cross-entropy needs values in [0, 1]; {name} spans "
                f"[{values.min():.3g}, {values.max():.3g}]. Scale it, or take the MSE"
            )
    x_hat = np.clip(x_hat, 1e-7, 1 - 1e-7)
    return float(-(x * np.log(x_hat) + (1 - x) * np.log1p(-x_hat)).mean())


def bce_floor(x: np.ndarray) -> float:
    """Compute the least binary cross-entropy that any reconstruction of ``x`` can reach.

    It is the cross-entropy of ``x`` with itself, above 0 as soon as a pixel is neither 0 nor 1.

    Parameters
    ----------
    x : ndarray
        Images in [0, 1].

    Returns
    -------
    float
        In nats per pixel.

    Raises
    ------
    ValueError
        If a value lies outside [0, 1].

    Examples
    --------
    >>> round(bce_floor(np.array([[0.5]])), 4)
    0.6931
    """
    return binary_cross_entropy(x, x)


def psnr(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Compute the peak signal-to-noise ratio, 10 log10(1 / MSE), as the mean over the images.

    Parameters
    ----------
    x, x_hat : ndarray
        Originals in [0, 1] and what was made of them, of one shape (n, height, width, channels).

    Returns
    -------
    float
        In decibels: 10 dB more is a tenth of the MSE. Infinity if an image is rebuilt perfectly.

    Raises
    ------
    ValueError
        If the shapes differ, or the originals leave [0, 1], for which the peak would not be 1.

    Examples
    --------
    >>> round(psnr(np.zeros((1, 8, 8, 1)), np.full((1, 8, 8, 1), 0.1)), 6)
    20.0
    """
    from skimage.metrics import peak_signal_noise_ratio

    x, x_hat = _check_unit_images(x, x_hat)
    with np.errstate(divide="ignore"):  # a perfect image: infinity, without a warning
        return _mean_over_images(peak_signal_noise_ratio, x, x_hat, data_range=1)


def ssim(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Compute the structural similarity index, as the mean over the images.

    It compares mean, contrast and structure inside a Gaussian window (sigma 1.5 pixels) that
    slides over the two images.

    Parameters
    ----------
    x, x_hat : ndarray
        Originals in [0, 1] and what was made of them, of one shape (n, height, width, channels),
        at least 11 x 11 pixels.

    Returns
    -------
    float
        1 for a perfect image, about 0 for an unrelated one.

    Raises
    ------
    ValueError
        If the shapes differ, the originals leave [0, 1], or the images are smaller than the window.

    References
    ----------
    Wang, Bovik, Sheikh and Simoncelli (2004), doi:10.1109/TIP.2003.819861.

    Examples
    --------
    >>> x = np.random.default_rng(0).random((2, 16, 16, 1))
    >>> round(ssim(x, x), 6)
    1.0
    """
    from skimage.metrics import structural_similarity

    x, x_hat = _check_unit_images(x, x_hat)
    if min(x.shape[1:3]) < 11:
        raise ValueError(
            f"SSIM slides a window of 11 x 11 pixels; these images are {x.shape[1]} x {x.shape[2]}"
        )
    as_in_the_paper = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return _mean_over_images(
        structural_similarity, x, x_hat, data_range=1, channel_axis=-1, **as_in_the_paper
    )


def pca_reconstruct(x_train: np.ndarray, x: np.ndarray, k: int) -> np.ndarray:
    """Rebuild images from their first ``k`` principal components: the baseline of this course.

    Parameters
    ----------
    x_train : ndarray
        The images that the components are fitted on, shape (n, ...).
    x : ndarray
        The images to rebuild, shape (m, ...), of the same size each.
    k : int
        How many components: the numbers kept of each image.

    Returns
    -------
    ndarray
        The shape of ``x``.

    Raises
    ------
    ValueError
        If the images differ in size, or ``k`` is not between 1 and min(n, pixels).

    Examples
    --------
    >>> x = np.random.default_rng(0).random((20, 4, 4, 1))
    >>> pca_reconstruct(x, x[:3], k=2).shape
    (3, 4, 4, 1)
    """
    from sklearn.decomposition import PCA

    if x_train.shape[1:] != x.shape[1:]:
        raise ValueError(
            f"images to fit on and to rebuild must have one size; got {x_train.shape[1:]} "
            f"and {x.shape[1:]}"
        )
    rows, flat = x_train.reshape(len(x_train), -1), x.reshape(len(x), -1)
    if not 1 <= k <= min(rows.shape):
        raise ValueError(f"k must lie between 1 and min(n, pixels) = {min(rows.shape)}; got {k}")
    pca = PCA(k, svd_solver="auto", random_state=0).fit(rows)
    return pca.inverse_transform(pca.transform(flat)).reshape(x.shape)


def colorfulness(x: np.ndarray) -> float:
    """Compute how colorful people would call an image: 0 for gray, above 100 for a blaze of color.

    Two opponent channels, red against green and yellow against blue; their spread plus 0.3 of
    their distance from gray. It says nothing about whether the colors are the right ones.

    Parameters
    ----------
    x : ndarray
        Shape (..., 3), red, green, blue in [0, 1]: one image, or several measured as one.

    Returns
    -------
    float
        In the paper's units, which belong to pixel values of 0 to 255. Its observers called about
        15 slightly, 33 moderately, 45 averagely, 59 quite, 82 highly and 109 extremely colorful.

    Raises
    ------
    ValueError
        If the last axis does not hold three channels, or a value lies outside [0, 1].

    References
    ----------
    Hasler and Süsstrunk (2003), doi:10.1117/12.477378, the metric M3.

    Examples
    --------
    >>> colorfulness(np.full((2, 2, 3), 0.5))
    0.0
    """
    x = np.asarray(x, dtype=np.float64)
    if not x.ndim or x.shape[-1] != 3 or not x.size:
        raise ValueError(f"expected red, green and blue on the last axis; got shape {x.shape}")
    if not (x.min() >= 0 and x.max() <= 1):  # so that NaN fails too
        raise ValueError(
            f"colorfulness needs values in [0, 1]; x spans [{x.min():.3g}, {x.max():.3g}]. "
            "Scale it, or clip it"
        )
    red, green, blue = np.moveaxis(255 * x, -1, 0)
    opponents = np.stack([(red - green).ravel(), ((red + green) / 2 - blue).ravel()])
    return float(np.hypot(*opponents.std(axis=1)) + 0.3 * np.hypot(*opponents.mean(axis=1)))


def _mean_over_images(score: Callable, x: np.ndarray, x_hat: np.ndarray, **settings) -> float:
    return float(np.mean([score(*pair, **settings) for pair in zip(x, x_hat, strict=True)]))


def _check_pair(x: np.ndarray, x_hat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, x_hat = np.asarray(x, dtype=np.float64), np.asarray(x_hat, dtype=np.float64)
    if x.shape != x_hat.shape:
        raise ValueError(
            f"original and reconstruction must have one shape; got {x.shape} and {x_hat.shape}. "
            "A missing channel axis? Add it with [..., None]"
        )
    if x.ndim < 2 or not x.size:
        raise ValueError(f"expected at least one image, shape (n, ...); got shape {x.shape}")
    return x, x_hat


def _check_unit_images(x: np.ndarray, x_hat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, x_hat = _check_pair(x, x_hat)
    if x.ndim != 4:
        raise ValueError(
            f"expected images of shape (n, height, width, channels); got shape {x.shape}"
        )
    if not (x.min() >= 0 and x.max() <= 1):  # so that NaN fails too
        raise ValueError(
            f"the originals must lie in [0, 1]; they span [{x.min():.3g}, {x.max():.3g}]"
        )
    return x, x_hat
