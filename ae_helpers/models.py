"""Build again, in one call, the autoencoder that notebook 2 builds layer by layer.

Images are numbers in [0, 1], shape (n, height, width, channels); else a TypeError or a ValueError.
"""

import numpy as np

from ae_helpers import _check
from ae_helpers.quiet import keras

layers = keras.layers


def build_autoencoder(
    x_train: np.ndarray, code_size: int
) -> tuple[keras.Model, keras.Model, keras.Model]:
    """Build a convolutional encoder and decoder, and the autoencoder that joins them.

    Two convolutions with stride 2 (32 and 64 filters), a dense code, and back with two transposed
    convolutions, the last of which writes the image. The decoder's first answer is the mean pixel.
    Train it on binary cross-entropy (``training.train``): it does not collapse to black.

    Of the training images, height and width multiples of 4, only shape and mean are used. The
    three models, (height, width, channels) to (code_size,) and back, share their weights. The
    initialization is that of He, Zhang, Ren and Sun (2015), arXiv:1502.01852.

    Examples
    --------
    >>> encoder, decoder, _ = build_autoencoder(np.full((2, 8, 8, 1), 0.2), code_size=3)
    >>> encoder.output_shape, decoder.output_shape
    ((None, 3), (None, 8, 8, 1))
    """
    height, width, channels = _check.images("x_train", x_train).shape[1:]
    if height % 4 or width % 4:
        raise ValueError(f"height and width must be multiples of 4; got {height} x {width}")
    _check.whole("code_size", code_size)
    small = (height // 4, width // 4, 64)
    kind = {"strides": 2, "padding": "same"}
    silu = {"activation": "silu", "kernel_initializer": "he_normal"}
    start = keras.initializers.Constant(mean_logit(x_train))
    encoder = [
        keras.Input((height, width, channels)),
        layers.Conv2D(32, 3, **kind, **silu),
        layers.Conv2D(64, 3, **kind, **silu),
        layers.Flatten(),
        layers.Dense(code_size),
    ]
    decoder = [
        keras.Input((code_size,)),
        layers.Dense(int(np.prod(small)), activation="silu"),
        layers.Reshape(small),
        layers.Conv2DTranspose(32, 4, **kind, **silu),
        layers.Conv2DTranspose(channels, 4, **kind, activation="sigmoid", bias_initializer=start),
    ]
    halves = keras.Sequential(encoder, name="encoder"), keras.Sequential(decoder, name="decoder")
    return *halves, keras.Sequential(halves, name="autoencoder")


def mean_logit(x: np.ndarray) -> float:
    """Compute ln(mean / (1 - mean)): the sigmoid of it is the mean of ``x``, in [0, 1].

    An output bias should start there. A mean of 0 or 1 has none and raises a ValueError.

    Examples
    --------
    >>> mean_logit(np.array([0.0, 1.0]))
    0.0
    """
    mean = float(_check.unit("x", _check.array("x", x)).mean())
    if not 0 < mean < 1:
        raise ValueError(f"x must not be all 0 or all 1; its mean is {mean:g}")
    return float(np.log(mean / (1 - mean)))
