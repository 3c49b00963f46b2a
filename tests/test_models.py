"""The course's autoencoder and its recipe, against Keras and the formulas."""

import numpy as np
import pytest

from ae_helpers import models, training

keras = training.keras


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
    training.train(autoencoder, x, x, epochs=1)
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


@pytest.mark.parametrize("x", [np.zeros(3), np.ones(3), np.full(3, 255.0), np.array([np.nan])])
def test_a_mean_without_a_logit_is_refused(x):
    with pytest.raises(ValueError, match=r"expected values in \[0, 1\]"):
        models.mean_logit(x)


@pytest.mark.parametrize("shape", [(5, 28, 28), (5, 30, 28, 1), (5, 28, 27, 1)])
def test_images_that_cannot_be_halved_twice_are_refused(shape):
    with pytest.raises(ValueError, match="multiples of 4; got shape"):
        models.build_autoencoder(np.full(shape, 0.5), 4)


def test_an_empty_code_is_refused(x):
    with pytest.raises(ValueError, match="got code_size = 0"):
        models.build_autoencoder(x, 0)


def test_training_lowers_the_loss_and_reports_what_keras_measures(x):
    keras.utils.set_random_seed(0)
    *_, autoencoder = models.build_autoencoder(x, 8)
    history = training.train(autoencoder, x, x, epochs=4, validation=(x[:20], x[:20]))
    assert set(history) == {"loss", "val_loss"} and len(history["loss"]) == 4
    assert history["loss"][-1] < history["loss"][0]
    expected = autoencoder.evaluate(x[:20], x[:20], verbose=0)
    assert history["val_loss"][-1] == pytest.approx(expected, rel=1e-4)


def test_the_learning_rate_falls_to_zero(x):
    *_, autoencoder = models.build_autoencoder(x, 2)
    training.train(autoencoder, x[:50], x[:50], epochs=2, batch_size=32)
    assert int(autoencoder.optimizer.iterations) == 4  # two steps an epoch, the second one short
    assert float(autoencoder.optimizer.learning_rate) == pytest.approx(0, abs=1e-9)


@pytest.mark.filterwarnings("error")
def test_training_warns_of_nothing_and_writes_nothing_red(x, capfd):
    training.train(models.build_autoencoder(x, 2)[2], x, x, epochs=1, validation=(x, x))
    assert capfd.readouterr().err == ""


def test_inputs_without_targets_are_refused(x):
    with pytest.raises(ValueError, match="64 inputs do not fit 63 targets"):
        training.train(models.build_autoencoder(x, 2)[2], x, x[1:], epochs=1)


def test_batches_hold_every_pair_once_and_shuffling_keeps_pairs_together():
    x, target = np.arange(10), np.arange(10) * 2
    plain = [b.numpy().tolist() for b, _ in training.batches(x, target, 4)]
    assert plain == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    pairs = training.batches(x, target, 4, shuffle=True)
    orders = [np.concatenate([b for b, _ in pairs]).tolist() for _ in range(2)]
    assert orders[0] != orders[1] and sorted(orders[0]) == sorted(orders[1]) == list(x)
    assert all((2 * b == t).numpy().all() for b, t in pairs)
