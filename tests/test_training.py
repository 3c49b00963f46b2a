"""The training callbacks, against what Keras reports."""

from types import SimpleNamespace

import numpy as np
import pytest

from ae_helpers import training


@pytest.fixture
def model():
    training.keras.utils.set_random_seed(0)
    model = training.keras.Sequential([training.keras.layers.Dense(3)])
    model.compile("sgd", "mse")
    return model


@pytest.fixture
def x():
    return np.random.default_rng(0).random((40, 3), dtype=np.float32)


def test_the_bar_writes_to_standard_output_only(model, x, capfd):
    model.fit(x, x, epochs=3, verbose=0, callbacks=[training.progress_bar()])
    out, err = capfd.readouterr()
    assert "training: 100%" in out and "3/3 epochs" in out and "loss" in out
    assert err == ""


def test_the_clock_measures_the_error_that_keras_measures(model, x):
    clock = training.ErrorClock(x, x, every=1)
    model.fit(x, x, batch_size=40, epochs=1, verbose=0, callbacks=[clock])
    assert clock.errors == pytest.approx([model.evaluate(x, x, verbose=0)], rel=1e-5)


def test_the_clock_strikes_every_so_many_steps_across_epochs(model, x):
    clock = training.ErrorClock(x, x, every=4)
    model.fit(x, x, batch_size=4, epochs=2, verbose=0, callbacks=[clock])  # 20 steps
    assert len(clock.seconds) == len(clock.errors) == 5
    assert clock.seconds == sorted(clock.seconds) and clock.seconds[0] > 0


def test_the_clock_starts_anew_with_each_training(model, x):
    clock = training.ErrorClock(x, x, every=1)
    for _ in range(2):
        model.fit(x, x, batch_size=20, epochs=1, verbose=0, callbacks=[clock])
        assert len(clock.errors) == 2


def test_the_clock_stands_still_while_it_measures(model, x, monkeypatch):
    now = iter(range(100))
    monkeypatch.setattr(training, "time", SimpleNamespace(perf_counter=lambda: next(now)))
    clock = training.ErrorClock(x, x, every=1)
    model.fit(x, x, batch_size=20, epochs=1, verbose=0, callbacks=[clock])
    assert clock.seconds == [1, 2]


def test_seconds_to_is_the_first_time_at_or_below(x):
    clock = training.ErrorClock(x, x)
    clock.seconds, clock.errors = [1.0, 2.0, 3.0, 4.0], [0.4, 0.2, 0.3, 0.1]
    assert [clock.seconds_to(e) for e in (0.5, 0.2, 0.15, 0.05)] == [1, 2, 4, float("inf")]


@pytest.mark.parametrize("every", [0, -3])
def test_a_clock_that_never_strikes_is_refused(every, x):
    with pytest.raises(ValueError, match=f"at least 1; got {every}"):
        training.ErrorClock(x, x, every)
