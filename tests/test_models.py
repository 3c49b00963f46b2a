"""The course's autoencoder, against Keras and the formulas."""

import numpy as np
import pytest

from ae_helpers import models
from ae_helpers.quiet import keras


@pytest.fixture(scope="module")
def x():
    x = np.zeros((64, 12, 8, 1), np.float32)
    x[:, 3:9, 2:6] = np.random.default_rng(0).random((64, 6, 4, 1))
    return x


@pytest.mark.parametrize("shape", [(28, 28, 1), (12, 8, 3)])
@pytest.mark.parametrize("code_size", [1, 16])
def test_the_decoder_leads_back_to_the_images_shape(shape, code_size):
    x = np.full((2, *shape), 0.3, np.float32)
    encoder, decoder, autoencoder = models.build_autoencoder(x, code_size)
    assert encoder(x).shape == (2, code_size)
    assert decoder(encoder(x)).shape == autoencoder(x).shape == x.shape
    np.testing.assert_array_equal(autoencoder(x), decoder(encoder(x)))


def test_the_three_models_share_their_weights(x):
    encoder, decoder, autoencoder = models.build_autoencoder(x, 4)
    assert autoencoder.count_params() == encoder.count_params() + decoder.count_params()
    before = np.array(decoder(encoder(x)))
    decoder.set_weights([w + 0.1 for w in decoder.get_weights()])
    after = np.array(decoder(encoder(x)))
    assert not np.array_equal(before, after)
    np.testing.assert_array_equal(after, autoencoder(x))


def test_the_output_starts_near_the_mean_pixel(x):
    keras.utils.set_random_seed(0)
    _, decoder, _ = models.build_autoencoder(x, 4)
    np.testing.assert_allclose(decoder(np.zeros((1, 4))), x.mean(), rtol=1e-5)


@pytest.mark.parametrize("mean", [0.01, 0.5, 0.9])
def test_mean_logit_is_the_sigmoids_inverse(mean):
    logit = models.mean_logit(np.full(7, mean))
    assert float(keras.ops.sigmoid(logit)) == pytest.approx(mean, rel=1e-5)


@pytest.mark.parametrize("value", [0, 1])
def test_a_mean_without_a_logit_is_refused(value):
    with pytest.raises(ValueError, match=f"not be all 0 or all 1; its mean is {value}"):
        models.mean_logit(np.full(3, value))


@pytest.mark.parametrize("shape", [(5, 30, 28, 1), (5, 28, 27, 1)])
def test_images_that_cannot_be_halved_twice_are_refused(shape):
    with pytest.raises(ValueError, match="multiples of 4; got "):
        models.build_autoencoder(np.full(shape, 0.5), 4)
