"""Measure how far a reconstruction is from its original.

``x`` and ``x_hat`` are originals and reconstructions of one shape (n, ...); NumPy would broadcast
two shapes and answer wrongly, so that this raises a ValueError. So do NaN, infinity, an empty array
and values out of range; what holds no numbers raises a TypeError.
"""

from collections.abc import Callable

import numpy as np

from ae_helpers import _check


def mse(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Compute the mean squared error over all images and all pixels, in squared units of ``x``.

    Examples
    --------
    >>> mse(np.zeros((1, 2)), np.array([[1.0, 0.0]]))
    0.5
    """
    return float(mse_per_image(x, x_hat).mean())


def mse_per_image(x: np.ndarray, x_hat: np.ndarray) -> np.ndarray:
    """Compute the mean squared error of each image: shape (n,), float64.

    Examples
    --------
    >>> mse_per_image(np.zeros((2, 2)), np.array([[1.0, 0.0], [2.0, 2.0]])).tolist()
    [0.5, 4.0]
    """
    x, x_hat = _pair(x, x_hat)
    return ((x - x_hat) ** 2).reshape(len(x), -1).mean(axis=1)


def binary_cross_entropy(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Compute the mean binary cross-entropy, -x ln x' - (1 - x) ln(1 - x'), over all pixels.

    In nats. Both lie in [0, 1]; ``x_hat`` is kept 1e-7 away from 0 and 1, as Keras does. Nothing
    gets below ``binary_cross_entropy(x, x)``: above 0 as soon as a pixel is neither 0 nor 1.

    Examples
    --------
    >>> round(binary_cross_entropy(np.array([[1.0]]), np.array([[0.5]])), 4)
    0.6931
    """
    x, x_hat = _pair(x, x_hat)
    x_hat = np.clip(_check.unit("x_hat", x_hat), 1e-7, 1 - 1e-7)
    return float(-(_check.unit("x", x) * np.log(x_hat) + (1 - x) * np.log1p(-x_hat)).mean())


def psnr(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Compute the peak signal-to-noise ratio, 10 log10(1 / MSE), as the mean over the images.

    In decibels: 10 dB more is a tenth of the MSE; infinity if an image is rebuilt perfectly. The
    shape is (n, height, width, channels); the originals lie in [0, 1], else the peak were not 1.

    Examples
    --------
    >>> round(psnr(np.zeros((1, 8, 8, 1)), np.full((1, 8, 8, 1), 0.1)), 6)
    20.0
    """
    from skimage.metrics import peak_signal_noise_ratio

    with np.errstate(divide="ignore"):  # a perfect image: infinity, without a warning
        return _mean_over_images(peak_signal_noise_ratio, x, x_hat)


def ssim(x: np.ndarray, x_hat: np.ndarray) -> float:
    """Compute the structural similarity index: 1 for perfect images, about 0 for unrelated ones.

    It compares mean, contrast and structure inside a Gaussian window (sigma 1.5 pixels) that slides
    over the two images; the mean over the images. Shapes and range as for ``psnr``, at least 11 x
    11 pixels. Source: Wang, Bovik, Sheikh and Simoncelli (2004), doi:10.1109/TIP.2003.819861.

    Examples
    --------
    >>> x = np.random.default_rng(0).random((2, 16, 16, 1))
    >>> round(ssim(x, x), 6)
    1.0
    """
    from skimage.metrics import structural_similarity

    if min(_check.images("x", x).shape[1:3]) < 11:
        raise ValueError(f"SSIM needs images of at least 11 x 11 pixels; got shape {np.shape(x)}")
    as_in_the_paper = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return _mean_over_images(structural_similarity, x, x_hat, channel_axis=-1, **as_in_the_paper)


def pca_reconstruct(x_train: np.ndarray, x: np.ndarray, k: int) -> np.ndarray:
    """Rebuild images from their first ``k`` principal components: the baseline of this course.

    The components are fitted on ``x_train``, shape (n, ...); ``x``, shape (m, ...), is rebuilt, in
    its own shape. ``k`` is the numbers kept of each image, from 1 to min(n, pixels).

    Examples
    --------
    >>> x = np.random.default_rng(0).random((20, 4, 4, 1))
    >>> pca_reconstruct(x, x[:3], k=2).shape
    (3, 4, 4, 1)
    """
    from sklearn.decomposition import PCA

    x_train, x = _check.array("x_train", x_train), _check.array("x", x)
    if min(x_train.ndim, x.ndim) < 2 or x_train.shape[1:] != x.shape[1:]:
        raise ValueError(
            "x_train and x must be images of one size, shape (n, ...) and (m, ...); got shapes "
            f"{x_train.shape} and {x.shape}"
        )
    rows, flat = x_train.reshape(len(x_train), -1), x.reshape(len(x), -1)
    if _check.whole("k", k) > min(rows.shape):
        raise ValueError(f"k must lie between 1 and min(n, pixels) = {min(rows.shape)}; got {k}")
    pca = PCA(k, random_state=0).fit(rows)
    return pca.inverse_transform(pca.transform(flat)).reshape(x.shape)


def colorfulness(x: np.ndarray) -> float:
    """Compute how colorful people would call an image: 0 for gray, above 100 for a blaze of color.

    Two opponent channels, red against green and yellow against blue: their spread plus 0.3 of
    their distance from gray. ``x`` has shape (..., 3), red, green, blue in [0, 1]: one image, or
    several measured as one. Source: Hasler and Süsstrunk (2003), doi:10.1117/12.477378, the metric
    M3, in their units (pixels of 0 to 255). Their observers called about 15 slightly, 33
    moderately, 45 averagely, 59 quite, 82 highly and 109 extremely colorful.

    Examples
    --------
    >>> colorfulness(np.full((2, 2, 3), 0.5))
    0.0
    """
    x = _check.unit("x", _check.array("x", x)).astype(np.float64)
    if x.shape[-1:] != (3,):
        raise ValueError(f"expected red, green and blue on the last axis; got shape {x.shape}")
    red, green, blue = np.moveaxis(255 * x, -1, 0)
    opponents = np.stack([(red - green).ravel(), ((red + green) / 2 - blue).ravel()])
    return float(np.hypot(*opponents.std(axis=1)) + 0.3 * np.hypot(*opponents.mean(axis=1)))


def _pair(x: np.ndarray, x_hat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x = _check.array("x", x).astype(np.float64)
    x_hat = _check.array("x_hat", x_hat).astype(np.float64)
    if x.shape != x_hat.shape or x.ndim < 2:
        raise ValueError(
            "original and reconstruction must have one shape (n, ...); got "
            f"{x.shape} and {x_hat.shape}. A missing channel axis? Add it with [..., None]"
        )
    return x, x_hat


def _mean_over_images(score: Callable, x: np.ndarray, x_hat: np.ndarray, **settings) -> float:
    pairs = zip(*_pair(_check.unit("x", _check.images("x", x)), x_hat), strict=True)
    return float(np.mean([score(*pair, data_range=1, **settings) for pair in pairs]))
