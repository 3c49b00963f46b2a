"""Train with the course's recipe, and watch a training run. Imports TensorFlow, quietly."""

import sys
import time
from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from ae_helpers._tensorflow import keras, tf

from tqdm.keras import TqdmCallback  # isort: skip  (it imports Keras, so after the quiet import)


def progress_bar() -> TqdmCallback:
    """Make a callback for ``fit(..., verbose=0)`` that shows one bar, an epoch a step.

    Returns
    -------
    tqdm.keras.TqdmCallback
        It writes to standard output: on standard error JupyterLab would paint it red.

    Examples
    --------
    >>> model.fit(x, x, verbose=0, callbacks=[progress_bar()])  # doctest: +SKIP
    """
    bar = "{desc}: {percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt} epochs, {elapsed}{postfix}"
    return TqdmCallback(
        verbose=0, tqdm_class=tqdm, desc="training", file=sys.stdout, bar_format=bar, delay=1e-9
    )


def train(
    model: keras.Model,
    x: np.ndarray,
    target: np.ndarray,
    epochs: int,
    *,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    rate: float = 3e-3,
    batch_size: int = 32,
    loss: str | None = "binary_crossentropy",
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> dict[str, list[float]]:
    """Compile and fit a model as notebook 2 does in the end, with a progress bar.

    Adam, small batches, and a learning rate that falls to zero along a cosine.

    Parameters
    ----------
    model : keras.Model
        Compiled anew here.
    x, target : ndarray
        Inputs and what the model should answer, of one length n.
    epochs : int
        Passes over the data.
    validation : tuple of ndarray, optional
        Inputs and targets to measure the loss on after each epoch.
    rate : float
        Learning rate of the first step.
    batch_size : int
        Images a step.
    loss : str or None
        A Keras loss; None for a model that computes its own.
    callbacks : sequence of keras.callbacks.Callback
        Further ones.

    Returns
    -------
    dict
        "loss" and, with ``validation``, "val_loss": one number for each epoch.

    Raises
    ------
    ValueError
        If the lengths differ.

    References
    ----------
    Loshchilov and Hutter (2017), arXiv:1608.03983, for the cosine.

    Examples
    --------
    >>> train(autoencoder, x_train, x_train, epochs=8)  # doctest: +SKIP
    """
    if len(x) != len(target):
        raise ValueError(f"{len(x)} inputs do not fit {len(target)} targets")
    steps = epochs * -(-len(x) // batch_size)
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps)
    model.compile(optimizer=keras.optimizers.Adam(schedule), loss=loss)
    model.optimizer.build(model.trainable_variables)  # else the first step is traced twice
    history = model.fit(
        batches(x, target, batch_size, shuffle=True),
        shuffle=False,  # they are shuffled; Keras would warn that it cannot
        validation_data=validation and batches(*validation, batch_size=256),
        epochs=epochs,
        verbose=0,
        callbacks=[*callbacks, progress_bar()],
    )
    return history.history


def batches(
    x: np.ndarray, target: np.ndarray, batch_size: int, shuffle: bool = False
) -> tf.data.Dataset:
    """Cut arrays into batches for ``fit``, with tf.data's automatic tuning turned off.

    With it on, ``fit`` was seen to pause for up to a second at the end of an epoch, in which
    nothing was computed; with it off, the pauses were gone. Data that lie in memory need no tuning.

    Parameters
    ----------
    x, target : ndarray
        Of one length.
    batch_size : int
        Pairs a batch; the last one may be smaller.
    shuffle : bool
        Deal the pairs anew in each epoch.

    Returns
    -------
    tf.data.Dataset
        Batches of pairs (x, target).

    Examples
    --------
    >>> len(batches(np.zeros((5, 2)), np.zeros((5, 2)), batch_size=2))
    3
    """
    pairs = tf.data.Dataset.from_tensor_slices((x, target))
    if shuffle:
        pairs = pairs.shuffle(len(x))
    options = tf.data.Options()
    options.autotune.enabled = False
    return pairs.batch(batch_size).prefetch(2).with_options(options)


class ErrorClock(keras.callbacks.Callback):
    """Record a model's error against the seconds it has trained.

    The clock stands still while the error is measured. The first step counts whole, with the
    building of its graph.

    Parameters
    ----------
    x, target : ndarray
        What to measure the error on, shape (n, ...): the MSE between model(x) and target.
    every : int
        Steps (batches) between two measurements.

    Attributes
    ----------
    seconds, errors : list of float
        One entry per measurement: the training time so far, and the MSE then.

    Raises
    ------
    ValueError
        If ``every`` is less than 1.

    Examples
    --------
    >>> clock = ErrorClock(x_val, x_val, every=25)  # doctest: +SKIP
    >>> model.fit(x, x, verbose=0, callbacks=[clock])  # doctest: +SKIP
    """

    def __init__(self, x: np.ndarray, target: np.ndarray, every: int = 25):
        super().__init__()
        if every < 1:
            raise ValueError(f"every counts training steps, so at least 1; got {every}")
        self.x, self.target, self.every = x, target, every

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.seconds, self.errors, self._steps, self._spent = [], [], 0, 0.0
        self._since = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self._steps += 1
        if self._steps % self.every:
            return
        self._spent += time.perf_counter() - self._since
        parts = np.array_split(self.x, -(-len(self.x) // 500))  # small, for the memory's sake
        output = np.concatenate([self.model(part, training=False) for part in parts])
        self.seconds.append(self._spent)
        self.errors.append(float(((output - self.target) ** 2).mean()))
        self._since = time.perf_counter()

    def seconds_to(self, error: float) -> float:
        """Tell when the error was first at or below ``error``; infinity if it never was."""
        reached = [s for s, e in zip(self.seconds, self.errors, strict=True) if e <= error]
        return reached[0] if reached else float("inf")
