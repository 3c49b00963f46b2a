"""Import Keras and TensorFlow without the lines TensorFlow writes before any setting takes hold.

``from ae_helpers.quiet import keras, tf`` comes before any other import of either. The lines come
from C++ and go to file descriptor 2, so that is held back, and shown if the import fails.
"""

import contextlib
import gc
import os
import tempfile
from collections.abc import Iterator

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")


@contextlib.contextmanager
def _stderr_held_back() -> Iterator[None]:
    saved = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            os.write(saved, held.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


with _stderr_held_back():
    import keras
    import tensorflow as tf

    tf.constant(0.0)  # starts the runtime, which has log lines of its own

# A model asked with many sizes of batches is traced anew for each: no reason for a red line.
tf.get_logger().setLevel("ERROR")
gc.freeze()  # a full collection no longer walks what the import made: 0.17 s less each time

__all__ = ["keras", "tf"]
