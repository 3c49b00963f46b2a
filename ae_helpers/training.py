"""Train with the course's recipe. What does not fit raises a TypeError or a ValueError."""

import sys
from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from ae_helpers import _check
from ae_helpers.quiet import keras, tf

from tqdm.keras import TqdmCallback  # isort: skip  (it imports Keras, so after the quiet import)


def progress_bar() -> TqdmCallback:
    """Make a callback for ``fit(..., verbose=0)`` that shows one bar, an epoch a step.

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
    x: np.ndarray | tf.data.Dataset,
    target: np.ndarray | None = None,
    epochs: int = 1,
    *,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    rate: float = 3e-3,
    batch_size: int = 32,
    loss: str | None = "binary_crossentropy",
    callbacks: Sequence[keras.callbacks.Callback] = (),
    steps_per_execution: int = 1,
) -> dict[str, list[float]]:
    """Compile and fit a model as notebook 2 does in the end: Adam, small batches, falling rate.

    The dictionary it returns has "loss" and, with ``validation``, "val_loss": a number an epoch.

    Parameters
    ----------
    x, target : ndarray
        Inputs and what the model should answer, of one length n. Or ``x`` alone: a dataset of
        ready batches of pairs, which knows how many they are.
    validation : tuple of ndarray, optional
        Inputs and targets to measure the loss on after each epoch.
    rate : float
        Learning rate of the first step. It falls to zero along a cosine (Loshchilov and Hutter
        2017, arXiv:1608.03983).
    loss : str or None
        A Keras loss; None for a model that computes its own.
    steps_per_execution : int
        Steps in one call of TensorFlow: for speed where a step is short.

    Examples
    --------
    >>> train(autoencoder, x_train, x_train, epochs=8)  # doctest: +SKIP
    """
    _check.require(isinstance(model, keras.Model), "model", "a keras.Model", model, TypeError)
    known = loss is None or isinstance(loss, str) or callable(loss)
    _check.require(known, "loss", "None or a loss that Keras knows", loss, TypeError)
    kind = keras.callbacks.Callback
    listed = isinstance(callbacks, Sequence) and all(isinstance(c, kind) for c in callbacks)
    _check.require(listed, "callbacks", "a list of Keras callbacks", callbacks, TypeError)
    _check.whole("epochs", epochs)
    _check.whole("steps_per_execution", steps_per_execution)
    pairs = _as_batches(x, target, batch_size)
    if validation is not None:
        pair = isinstance(validation, tuple | list) and len(validation) == 2
        _check.require(pair, "validation", "a pair (inputs, targets)", validation, TypeError)
        validation = batches(*validation, batch_size=256)
    _check.number("rate", rate, zero=False)
    schedule = keras.optimizers.schedules.CosineDecay(rate, epochs * len(pairs))
    model.compile(keras.optimizers.Adam(schedule), loss, steps_per_execution=steps_per_execution)
    if model.built:
        model.optimizer.build(model.trainable_variables)  # else the first step is traced twice
    history = model.fit(
        pairs,
        shuffle=False,  # they are shuffled; Keras would warn that it cannot
        validation_data=validation,
        epochs=epochs,
        verbose=0,
        callbacks=[*callbacks, progress_bar()],
    )
    return history.history


def batches(
    x: np.ndarray, target: np.ndarray, batch_size: int, shuffle: bool = False
) -> tf.data.Dataset:
    """Cut arrays of one length into batches of pairs (x, target); the last one may be smaller.

    ``shuffle`` deals the pairs anew in each epoch.

    Examples
    --------
    >>> len(batches(np.zeros((5, 2)), np.zeros((5, 2)), batch_size=2))
    3
    """
    x, target = _check.array("x", x), _check.array("target", target)
    if not x.ndim or not target.ndim or len(x) != len(target):
        raise ValueError(f"inputs of shape {x.shape} do not fit targets of shape {target.shape}")
    pairs = tf.data.Dataset.from_tensor_slices((x, target))
    if _check.flag("shuffle", shuffle):
        pairs = pairs.shuffle(len(x))
    options = tf.data.Options()
    options.autotune.enabled = False  # with it, fit paused for up to a second after an epoch
    return pairs.batch(_check.whole("batch_size", batch_size)).prefetch(2).with_options(options)


def _as_batches(x, target, batch_size) -> tf.data.Dataset:
    if not isinstance(x, tf.data.Dataset):
        return batches(x, target, batch_size, shuffle=True)
    if target is not None:
        raise ValueError("a dataset holds its targets already; leave target out")
    if x.cardinality() < 1:  # unknown and infinite are negative
        raise ValueError("the dataset must know how many batches it has, at least one")
    return x
