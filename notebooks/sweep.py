"""The sweep of lesson 9: python sweep.py; on a cluster, python sweep.py --address HOST:PORT."""

import argparse
import os
import time

import processes

from ae_helpers import corruption, data, metrics
from ae_helpers.quiet import keras

from keras import layers  # isort: skip  (it imports Keras, so after the quiet import)


def grid(seed=0):
    """Pair each code size with each penalty: six trials."""
    sizes, penalties = (4, 16, 64), (0.0, 1e-3)
    return [{"code": n, "penalty": p, "seed": seed} for n in sizes for p in penalties]


def digits():
    """Give clean digits to learn from, noisy and clean ones to judge by, as rows of pixels."""
    x = data.load_digits()
    noisy = corruption.add_gaussian_noise(x.x_val, 0.5, seed=1)
    return [images.reshape(-1, 784) for images in (x.x_train[:2000], noisy, x.x_val)]


def train(trial, report, epochs=4):
    """Train one denoising autoencoder; report its error on validation digits after each epoch."""
    here = {"worker": os.getpid()}
    report(here | {"epoch": 0, "error": 1.0, "clock": time.time()})  # it has begun
    keras.utils.set_random_seed(trial["seed"])
    x_train, noisy, clean = digits()
    penalty = keras.regularizers.L1(trial["penalty"])
    stack = [
        keras.Input((784,)),
        layers.GaussianNoise(0.5),  # drawn anew in each epoch
        layers.ReLU(max_value=1),  # and clipped
        layers.Dense(128, "relu"),
        layers.Dense(trial["code"], "relu", activity_regularizer=penalty),
        layers.Dense(128, "relu"),
        layers.Dense(784, "sigmoid"),
    ]
    autoencoder = keras.Sequential(stack)

    def tell(epoch, logs):
        error = metrics.mse(clean, autoencoder(noisy).numpy())
        report(here | {"epoch": epoch + 1, "error": error, "clock": time.time()})

    told = [keras.callbacks.LambdaCallback(on_epoch_end=tell)]
    autoencoder.compile(keras.optimizers.Adam(3e-3), "binary_crossentropy")
    autoencoder.fit(x_train, x_train, 64, epochs, verbose=0, callbacks=told)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", help="of a cluster; without it, this machine's own cores")
    parser.add_argument("--at-once", type=int, default=os.cpu_count(), help="trials side by side")
    options = parser.parse_args()
    processes.start_ray(options.address, options.at_once)
    lines = processes.run_trials(train, grid(), options.at_once, stop_early=True)
    processes.stop_ray()
    for line in sorted(lines, key=lambda line: line["error"])[:5]:
        print("{code} numbers, penalty {penalty}, epoch {epoch}: MSE {error:.4f}".format(**line))
