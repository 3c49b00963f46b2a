"""The training of lesson 9 that is spread over processes: each of them runs this file.

Which of the processes it is, and where the others are, stands in TF_CONFIG.
"""

import json
import os
import select
import sys
import threading
import time

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from ae_helpers import data


def build():
    """Make the network: 784 pixels to 16 numbers and back."""
    return keras.Sequential([
        keras.Input((784,)),
        layers.Dense(128, "relu"), layers.Dense(16), layers.Dense(128, "relu"),
        layers.Dense(784, "sigmoid"),
    ])  # fmt: skip


def train(strategy, images, batch=64, rate=1.0, epochs=3, seed=0, tell=lambda line: None):
    """Train on all workers of a strategy; return each epoch's loss and seconds, and the network."""
    keras.utils.set_random_seed(seed)  # the same weights everywhere
    with strategy.scope():
        network = build()
        optimizer = keras.optimizers.SGD(rate)
        optimizer.build(network.trainable_variables)

    def share(worker):
        """This worker's rows of each batch: with two workers, every second one."""
        batches = tf.data.Dataset.from_tensor_slices(images)
        batches = batches.shuffle(len(images), seed).batch(batch, drop_remainder=True)
        return batches.map(lambda x: x[worker.input_pipeline_id :: worker.num_input_pipelines])

    def step(x):
        with tf.GradientTape() as tape:
            errors = keras.losses.binary_crossentropy(x, network(x))  # one for each image
            loss = tf.reduce_sum(errors) / batch  # the whole batch, not only this share of it
        gradients = tape.gradient(loss, network.trainable_variables)
        optimizer.apply(gradients, network.trainable_variables)  # adds up those of all workers
        return loss

    @tf.function
    def step_on_all(x):
        return strategy.reduce("SUM", strategy.run(step, args=(x,)), axis=None)

    shares, losses, seconds = strategy.distribute_datasets_from_function(share), [], []
    for epoch in range(epochs):
        start = time.perf_counter()
        losses.append(float(np.mean([step_on_all(x) for x in shares])))
        seconds.append(time.perf_counter() - start)
        tell(f"epoch {epoch + 1}")
    return losses, seconds, network


def try_fit(strategy, images):
    """Let Keras's own ``fit`` train on all workers; return the last line of what it says."""
    with strategy.scope():
        network = build()
        network.compile("sgd", "binary_crossentropy")
    try:
        network.fit(images[:128], images[:128], batch_size=64, verbose=0)
    except Exception as error:  # whatever it may be, the lesson shows it
        return f"{type(error).__name__}: ... {str(error).splitlines()[-1]}"
    return "it ran"


def main():
    """Do a worker's part of the work that the notebook has described in the first argument."""
    end_with_the_notebook()
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    work = json.loads(sys.argv[1])
    images = data.load_digits().x_train.reshape(-1, 784)
    losses, seconds, network = train(strategy, images, **work["training"], tell=print)
    found = {"losses": losses, "seconds": seconds, "fit": try_fit(strategy, images)}
    np.savez(work["result"], *network.get_weights(), **found)
    os._exit(0)  # to leave in the ordinary way is to wait for the others


def end_with_the_notebook():
    """End when nobody holds the other end of standard input any more; nothing is ever written."""

    def wait():
        sys.stdin.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
    if os.name == "posix":  # TensorFlow stops all threads while it waits for the other worker
        import fcntl

        fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)
        if select.select([0], [], [], 0)[0]:  # closed before the system was asked to watch
            os._exit(1)


if __name__ == "__main__":
    main()
