"""PSNR and SSIM against scikit-image and against the formulas, written with SciPy."""

import numpy as np
import pytest
import scipy.ndimage
import skimage.metrics
from hypothesis import given
from hypothesis import strategies as st

from ae_helpers import metrics

seeds = st.integers(0, 2**32 - 1)


def _pair(seed, n=3, size=16, channels=1):
    rng = np.random.default_rng(seed)
    x = rng.random((n, size, size, channels), dtype=np.float32)
    return x, np.clip(x + rng.normal(0, 0.2, x.shape), 0, 1).astype("float32")


@given(seeds)
def test_psnr_is_the_mean_of_scikit_images(seed):
    x, x_hat = _pair(seed)
    each = [
        skimage.metrics.peak_signal_noise_ratio(a.astype(float), b.astype(float), data_range=1)
        for a, b in zip(x, x_hat, strict=True)
    ]
    assert metrics.psnr(x, x_hat) == pytest.approx(np.mean(each))
    assert metrics.psnr(x, x_hat) == pytest.approx(
        np.mean(-10 * np.log10(metrics.mse_per_image(x, x_hat)))
    )


@pytest.mark.parametrize("error, decibels", [(1, 0), (0.1, 20), (0.01, 40)])
def test_a_tenth_of_the_error_is_twenty_decibels(error, decibels):
    x = np.zeros((2, 4, 4, 1))
    assert metrics.psnr(x, x + error) == pytest.approx(decibels)


def test_a_perfect_image_has_infinite_psnr_and_ssim_one():
    x, _ = _pair(0)
    assert metrics.psnr(x, x) == np.inf
    assert metrics.ssim(x, x) == pytest.approx(1)


def _ssim_by_the_formula(a, b):
    """Equation 13 of Wang et al. (2004), where the 11 x 11 window lies inside the image."""

    def blur(image):
        return scipy.ndimage.gaussian_filter(image, 1.5, radius=5)[5:-5, 5:-5]

    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    covariance = blur(a * b) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    top = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    return (top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean()


@given(seeds, st.integers(1, 3))
def test_ssim_is_the_papers_formula(seed, channels):
    x, x_hat = (z.astype(float) for z in _pair(seed, channels=channels))
    expected = [
        _ssim_by_the_formula(a[..., c], b[..., c])
        for a, b in zip(x, x_hat, strict=True)
        for c in range(channels)
    ]
    assert metrics.ssim(x, x_hat) == pytest.approx(np.mean(expected))


@given(seeds)
def test_more_noise_is_worse(seed):
    x, slightly = _pair(seed)
    badly = np.clip(x + 3 * (slightly - x), 0, 1)
    assert metrics.psnr(x, badly) < metrics.psnr(x, slightly)
    assert metrics.ssim(x, badly) < metrics.ssim(x, slightly)


def test_ssim_forgives_brightness_sooner_than_noise_of_the_same_error():
    x, _ = _pair(0, size=32)
    x = scipy.ndimage.gaussian_filter(0.3 + 0.4 * x, (0, 2, 2, 0))
    brighter = x + 0.1
    noisy = x + np.random.default_rng(0).choice([-0.1, 0.1], x.shape)
    assert metrics.psnr(x, brighter) == pytest.approx(metrics.psnr(x, noisy), abs=0.01)
    assert metrics.ssim(x, brighter) > metrics.ssim(x, noisy) + 0.2


@pytest.mark.parametrize("score", [metrics.psnr, metrics.ssim])
def test_bad_input_is_refused(score):
    x, x_hat = _pair(0)
    with pytest.raises(ValueError, match="one shape"):
        score(x, x_hat[..., 0])
    with pytest.raises(ValueError, match=r"\(n, height, width, channels\); got shape \(16, 16\)"):
        score(x[0, :, :, 0], x_hat[0, :, :, 0])
    for bad in (255 * x, x - 1):
        with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
            score(bad, x_hat)


def test_ssim_refuses_images_smaller_than_its_window():
    with pytest.raises(ValueError, match=r"11 x 11 pixels; got shape \(3, 8, 8, 1\)"):
        metrics.ssim(*_pair(0, size=8))
