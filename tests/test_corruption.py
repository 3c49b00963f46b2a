"""The three noises against SciPy's distributions and against what they mean."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from ae_helpers import corruption

seeds = st.integers(0, 2**32 - 1)
levels = st.floats(0, 1, width=32)
NOISES = [
    corruption.add_gaussian_noise,
    corruption.add_salt_and_pepper,
    corruption.mask_pixels,
]


def _images(seed, n=3, channels=2):
    x = np.random.default_rng(seed).random((n, 6, 5, channels), dtype=np.float32)
    return 0.1 + 0.8 * x  # no pixel is black or white


def _clipped_normal(value, sigma):
    """Mean and spread of a normal variable cut to [0, 1]: two atoms and a truncated normal."""
    low, high = -value / sigma, (1 - value) / sigma
    inside = scipy.stats.truncnorm(low, high, loc=value, scale=sigma)
    above = scipy.stats.norm.sf(high)
    share = scipy.stats.norm.cdf(high) - scipy.stats.norm.cdf(low)
    mean = share * inside.mean() + above
    square = share * (inside.var() + inside.mean() ** 2) + above
    return mean, np.sqrt(square - mean**2)


@pytest.mark.parametrize("value", [0.0, 0.2, 0.5, 1.0])
@pytest.mark.parametrize("sigma", [0.1, 0.5, 1.0])
def test_clipped_gaussian_noise_has_the_mean_and_spread_of_a_clipped_normal(value, sigma):
    x = np.full((1, 400, 500, 1), value, dtype=np.float32)
    noisy = corruption.add_gaussian_noise(x, sigma, seed=0)
    mean, spread = _clipped_normal(value, sigma)
    assert noisy.mean(dtype=float) == pytest.approx(mean, abs=5 * spread / np.sqrt(x.size))
    assert noisy.std(dtype=float) == pytest.approx(spread, rel=0.01)


def test_unclipped_gaussian_noise_is_normal():
    x = np.full((1, 100, 100, 1), 0.5)
    noise = corruption.add_gaussian_noise(x, 0.3, seed=0, clip=False) - x
    assert scipy.stats.kstest(noise.ravel(), scipy.stats.norm(0, 0.3).cdf).pvalue > 0.01


@given(seeds, levels)
def test_clipping_is_a_cut_of_the_unclipped_noise(seed, sigma):
    x = _images(seed)
    free = corruption.add_gaussian_noise(x, sigma, seed, clip=False)
    np.testing.assert_array_equal(
        corruption.add_gaussian_noise(x, sigma, seed), np.clip(free, 0, 1)
    )


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_salt_and_pepper_hits_its_share_with_even_chances(share):
    x = np.full((1, 200, 200, 1), 0.5)
    noisy = corruption.add_salt_and_pepper(x, share, seed=0)
    counts = [(noisy == value).sum() for value in (0, 0.5, 1)]
    expected = x.size * np.array([share / 2, 1 - share, share / 2])
    assert scipy.stats.chisquare(counts, expected).pvalue > 0.01


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_masking_loses_its_share(share):
    lost = (corruption.mask_pixels(np.ones((1, 200, 200, 1)), share, seed=0) == 0).sum()
    assert scipy.stats.binomtest(int(lost), 200 * 200, share).pvalue > 0.01


@given(seeds, levels)
def test_a_pixel_is_kept_or_replaced_whole(seed, share):
    x = _images(seed)
    for noise, values in [
        (corruption.add_salt_and_pepper, (0, 1)),
        (corruption.mask_pixels, (0,)),
    ]:
        noisy = noise(x, share, seed)
        kept = (noisy == x).all(axis=-1)
        replaced = np.any([(noisy == value).all(axis=-1) for value in values], axis=0)
        assert (kept ^ replaced).all()


@pytest.mark.parametrize("noise", NOISES)
@given(seed=seeds, level=levels)
def test_shape_type_and_range_stay(noise, seed, level):
    x = _images(seed)
    before = x.copy()
    noisy = noise(x, level, seed)
    assert (noisy.shape, noisy.dtype) == (x.shape, x.dtype)
    assert noisy.min() >= 0 and noisy.max() <= 1
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(noise(x, 0, seed), x)


@pytest.mark.parametrize("noise", NOISES)
def test_a_number_repeats_and_a_generator_moves_on(noise):
    x = _images(0)
    rng = np.random.default_rng(1)
    first, second = noise(x, 0.5, rng), noise(x, 0.5, rng)
    np.testing.assert_array_equal(first, noise(x, 0.5, 1))
    assert (first != second).any()


@pytest.mark.parametrize("noise", NOISES)
def test_each_image_can_have_its_own_level(noise):
    x = _images(0)
    noisy = noise(x, np.array([0, 0.3, 1]), 0)
    np.testing.assert_array_equal(noisy[0], x[0])
    np.testing.assert_array_equal(noisy[1], noise(x, 0.3, 0)[1])
    np.testing.assert_array_equal(noisy[2], noise(x, 1, 0)[2])


@pytest.mark.parametrize("noise", NOISES)
def test_bad_input_is_refused(noise):
    x = _images(0)
    with pytest.raises(ValueError, match=r"\(n, height, width, channels\); got shape \(6, 5\)"):
        noise(x[0, :, :, 0], 0.5, 0)
    with pytest.raises(ValueError, match=r"spans \[0, 255\]. Divide 8-bit images by 255"):
        noise(np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1), 0.5, 0)
    with pytest.raises(ValueError, match="must be floats"):
        noise(np.zeros((1, 2, 2, 1), np.uint8), 0.5, 0)
    for bad in (-0.1, np.array([0.1, 0.2, -1])):
        with pytest.raises(ValueError, match="must be at least 0"):
            noise(x, bad, 0)
    with pytest.raises(ValueError, match=r"each of the 3 images; got shape \(2,\)"):
        noise(x, np.array([0.1, 0.2]), 0)


@pytest.mark.parametrize("noise", [corruption.add_salt_and_pepper, corruption.mask_pixels])
def test_a_share_above_one_is_refused(noise):
    with pytest.raises(ValueError, match=r"share must lie in \[0, 1\]; it spans \[1.5, 1.5\]"):
        noise(_images(0), 1.5, 0)
