"""The metrics against scikit-image, scikit-learn, Keras and linear algebra."""

import numpy as np
import pytest
import skimage.metrics
import sklearn.metrics
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ae_helpers import metrics

unit = st.floats(0, 1, width=32)
shapes = arrays.array_shapes(min_dims=2, max_dims=4, max_side=5)


@st.composite
def pairs(draw):
    shape = draw(shapes)
    return tuple(draw(arrays.arrays(np.float32, shape, elements=unit)) for _ in range(2))


@given(pairs())
def test_mse_is_scikit_images(pair):
    x, x_hat = pair
    expected = skimage.metrics.mean_squared_error(x, x_hat)
    assert metrics.mse(x, x_hat) == pytest.approx(expected, rel=1e-6, abs=1e-12)
    assert metrics.mse(x, x_hat) == metrics.mse(x_hat, x) >= 0
    assert metrics.mse(x, x) == 0


@given(pairs())
def test_mse_per_image_takes_each_image_alone(pair):
    x, x_hat = pair
    expected = [skimage.metrics.mean_squared_error(a, b) for a, b in zip(x, x_hat, strict=True)]
    np.testing.assert_allclose(metrics.mse_per_image(x, x_hat), expected, rtol=1e-6, atol=1e-12)


@given(arrays.arrays(bool, (4, 6)), arrays.arrays(np.float64, (4, 6), elements=st.floats(0, 1)))
def test_bce_on_black_and_white_is_scikit_learns_log_loss(x, x_hat):
    assume(x.any() and not x.all())
    x_hat = np.clip(x_hat, 1e-6, 1 - 1e-6)
    expected = sklearn.metrics.log_loss(x.ravel(), x_hat.ravel())
    assert metrics.binary_cross_entropy(x, x_hat) == pytest.approx(expected)


def test_bce_is_keras_own():
    from ae_helpers.quiet import keras

    x, x_hat = np.random.default_rng(0).random((2, 8, 28, 28, 1))
    x_hat.flat[:4] = 0, 1, 0, 1
    expected = float(np.mean(keras.losses.binary_crossentropy(x, x_hat)))
    assert metrics.binary_cross_entropy(x, x_hat) == pytest.approx(expected, rel=1e-5)


@given(pairs())
def test_no_reconstruction_beats_the_bce_floor(pair):
    x, x_hat = pair
    assert metrics.binary_cross_entropy(x, x_hat) >= metrics.binary_cross_entropy(x, x) - 1e-9


def test_the_bce_floor_is_zero_for_black_and_white_only():
    for x, floor in ((np.eye(3), 0), (np.full((3, 3), 0.5), np.log(2))):
        assert metrics.binary_cross_entropy(x, x) == pytest.approx(floor, abs=1e-6)


@pytest.mark.parametrize("k", [1, 3, 10])
def test_pca_is_the_truncated_singular_value_decomposition(k):
    rng = np.random.default_rng(0)
    x_train, x = rng.random((40, 5, 4, 1)), rng.random((7, 5, 4, 1))
    flat, mean = x_train.reshape(40, -1), x_train.reshape(40, -1).mean(axis=0)
    axes = np.linalg.svd(flat - mean, full_matrices=False)[2][:k]
    expected = (x.reshape(7, -1) - mean) @ axes.T @ axes + mean
    rebuilt = metrics.pca_reconstruct(x_train, x, k)
    np.testing.assert_allclose(rebuilt, expected.reshape(x.shape), atol=1e-8)


def test_pca_with_all_components_rebuilds_the_training_images():
    x = np.random.default_rng(0).random((30, 4, 4, 1))
    errors = [metrics.mse(x, metrics.pca_reconstruct(x, x, k)) for k in (1, 4, 8, 16)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    "measure", [metrics.mse, metrics.mse_per_image, metrics.binary_cross_entropy]
)
def test_shapes_that_numpy_would_broadcast_are_refused(measure):
    with pytest.raises(ValueError, match=r"got \(2, 4, 4, 1\) and \(2, 4, 4\).*channel axis"):
        measure(np.zeros((2, 4, 4, 1)), np.zeros((2, 4, 4)))


@pytest.mark.parametrize("bad", [-0.1, 1.1, 255.0])
def test_bce_of_values_outside_0_to_1_is_refused(bad):
    good, spoiled = np.full((1, 2), 0.5), np.array([[0.5, bad]])
    with pytest.raises(ValueError, match=r"x_hat must lie in \[0, 1\]; it spans"):
        metrics.binary_cross_entropy(good, spoiled)
    with pytest.raises(ValueError, match=r"x must lie in \[0, 1\]; it spans"):
        metrics.binary_cross_entropy(spoiled, good)


def test_an_impossible_number_of_components_is_refused():
    x = np.zeros((20, 4, 4, 1))
    with pytest.raises(ValueError, match="= 16; got 17"):
        metrics.pca_reconstruct(x, x, 17)


def test_images_of_two_sizes_are_refused():
    with pytest.raises(ValueError, match=r"\(9, 4, 4, 1\) and \(9, 5, 5, 1\)"):
        metrics.pca_reconstruct(np.zeros((9, 4, 4, 1)), np.zeros((9, 5, 5, 1)), 2)
