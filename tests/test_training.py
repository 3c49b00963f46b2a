"""The recipe and its bar, against what Keras reports."""

import numpy as np
import pytest

from ae_helpers import training
from ae_helpers.quiet import keras

layers = keras.layers


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((3,)), layers.Dense(3, activation="sigmoid")])


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).random((50, 3), dtype=np.float32)


@pytest.mark.filterwarnings("error")
def test_training_lowers_the_loss_and_reports_what_keras_measures(model, x, capfd):
    history = training.train(model, x, x, epochs=4, validation=(x[:20], x[:20]), rate=0.1)
    assert set(history) == {"loss", "val_loss"} and len(history["loss"]) == 4
    assert history["loss"][-1] < history["loss"][0]
    expected = model.evaluate(x[:20], x[:20], verbose=0)
    assert history["val_loss"][-1] == pytest.approx(expected, rel=1e-4)
    out, err = capfd.readouterr()
    assert "training: 100%" in out and "4/4 epochs" in out and "loss" in out
    assert err == ""


def test_the_learning_rate_falls_to_zero(model, x):
    training.train(model, x, x, 2, batch_size=32)
    assert int(model.optimizer.iterations) == 4  # two steps an epoch, the second one short
    assert float(model.optimizer.learning_rate) == pytest.approx(0, abs=1e-9)


def test_a_ready_dataset_trains_as_its_arrays_do_however_many_steps_a_call(model, x):
    start, losses = model.get_weights(), []
    pairs = training.batches(x, x, 10)
    for steps in (1, 3, 5):
        model.set_weights(start)
        history = training.train(model, pairs, epochs=2, steps_per_execution=steps)
        losses.append(history["loss"])
        assert int(model.optimizer.iterations) == 10
    np.testing.assert_allclose(losses, [losses[0]] * 3, rtol=1e-6)


def test_a_model_that_computes_its_own_loss_needs_none(x):
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(3)

        def call(self, x):
            y = self.dense(x)
            self.add_loss(keras.ops.mean((y - x) ** 2))
            return y

    history = training.train(Own(), x, x, epochs=2, loss=None, validation=(x, x))
    assert history["val_loss"][1] < history["val_loss"][0]


def test_batches_hold_every_pair_once(x):
    for shuffle in (False, True):
        got = list(training.batches(x, 2 * x, 20, shuffle).as_numpy_iterator())
        assert [len(a) for a, _ in got] == [20, 20, 10]
        rows = np.concatenate([a for a, _ in got])
        np.testing.assert_array_equal(np.concatenate([b for _, b in got]), 2 * rows)
        assert np.array_equal(rows, x) is not shuffle
        np.testing.assert_array_equal(np.sort(rows, axis=0), np.sort(x, axis=0))


def test_what_does_not_fit_is_refused(model, x):
    endless = training.batches(x, x, 10).repeat()
    with pytest.raises(ValueError, match="must know how many batches"):
        training.train(model, endless, epochs=1)
    with pytest.raises(ValueError, match="leave target out"):
        training.train(model, training.batches(x, x, 10), x, epochs=1)
    with pytest.raises(ValueError, match=r"\(50, 3\) do not fit targets of shape \(49, 3\)"):
        training.train(model, x, x[:-1], epochs=1)
