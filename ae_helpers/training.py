"""Watch a training run: its progress and its clock. Importing this imports TensorFlow, quietly."""

import sys
import time

import numpy as np
from tqdm import tqdm

from ae_helpers._tensorflow import keras

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
        output = np.asarray(self.model(self.x, training=False))
        self.seconds.append(self._spent)
        self.errors.append(float(((output - self.target) ** 2).mean()))
        self._since = time.perf_counter()

    def seconds_to(self, error: float) -> float:
        """Tell when the error was first at or below ``error``; infinity if it never was."""
        reached = [s for s, e in zip(self.seconds, self.errors, strict=True) if e <= error]
        return reached[0] if reached else float("inf")
