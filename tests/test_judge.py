"""The judge of drawn digits: its distance against closed forms and SciPy, its reading on toys."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from ae_helpers.judge import frechet_distance, train_judge
from ae_helpers.quiet import keras


@pytest.fixture(scope="module")
def bars():
    """Two classes of images: an upright bar and a lying one, with noise."""
    x = 0.2 * np.random.default_rng(0).random((200, 12, 12, 1), dtype=np.float32)
    y = np.arange(200) % 2
    x[y == 0, :, 5:7] += 0.7
    x[y == 1, 5:7] += 0.7
    return x, y


def test_the_judge_reads_what_it_has_learned(bars):
    keras.utils.set_random_seed(0)
    x, y = bars
    features, odds = train_judge(x[:150], y[:150]).predict(x[150:], verbose=0)
    assert features.shape == (50, 64) and odds.shape == (50, 2)
    np.testing.assert_allclose(odds.sum(axis=1), 1, rtol=1e-5)
    assert (odds.argmax(axis=1) == y[150:]).mean() > 0.95


@pytest.mark.parametrize(
    "y", [[0.0, 1.0] * 100, [0, 1], [[0, 1]] * 200, [-1, 1] * 100, ["a"] * 200]
)
def test_labels_that_do_not_fit_are_refused(bars, y):
    with pytest.raises((TypeError, ValueError), match="y_train must be"):
        train_judge(bars[0], y)


def test_images_that_are_too_small_are_refused():
    with pytest.raises(ValueError, match="at least 10 x 10 pixels; got shape"):
        train_judge(np.zeros((4, 9, 11, 1)), [0, 1, 0, 1])


def test_the_distance_is_that_of_the_papers_equation():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(300, 5)) @ rng.normal(size=(5, 5))
    b = rng.normal(size=(200, 5)) @ rng.normal(size=(5, 5)) + 1
    cov_a, cov_b = np.cov(a.T), np.cov(b.T)
    apart = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    expected = apart + np.trace(cov_a + cov_b - 2 * sqrtm(cov_a @ cov_b).real)
    assert frechet_distance(a, b) == pytest.approx(expected)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a))


def test_of_one_number_it_is_the_known_one():
    a = np.random.default_rng(0).normal(size=(1000, 1))
    expected = 3**2 + (2 * a.std(ddof=1) - a.std(ddof=1)) ** 2 + 6 * a.mean() + a.mean() ** 2
    assert frechet_distance(a, 2 * a + 3) == pytest.approx(expected)


def test_equal_sets_have_no_distance_even_with_dead_features():
    a = np.random.default_rng(0).normal(size=(20, 64))  # fewer images than features
    a[:, 10:] = 0
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("shape", [(5,), (1, 3), (5, 4), (5, 3, 1)])
def test_features_that_do_not_fit_are_refused(shape):
    with pytest.raises(ValueError, match="features of at least two images"):
        frechet_distance(np.zeros((5, 3)), np.zeros(shape))
