"""Build again, in one call, the autoencoder that notebook 2 builds layer by layer."""

import numpy as np

from ae_helpers._tensorflow import keras

layers = keras.layers


def build_autoencoder(
    x_train: np.ndarray, code_size: int
) -> tuple[keras.Model, keras.Model, keras.Model]:
    """Build a convolutional encoder and decoder, and the autoencoder that joins them.

    Two convolutions with stride 2 (32 and 64 filters), a dense code, and back with two transposed
    convolutions, the last of which writes the image. The decoder's first answer is the mean pixel.
    Train it on binary cross-entropy (``training.train``): it does not collapse to black.

    Parameters
    ----------
    x_train : ndarray
        Training images in [0, 1], shape (n, height, width, channels); height and width are
        multiples of 4. Only their shape and their mean are used.
    code_size : int
        How many numbers the code has.

    Returns
    -------
    encoder, decoder, autoencoder : keras.Model
        (height, width, channels) to (code_size,) and back. They share their weights.

    Raises
    ------
    ValueError
        If the images or the code size do not fit.

    References
    ----------
    He, Zhang, Ren and Sun (2015), arXiv:1502.01852, for the initialization.

    Examples
    --------
    >>> encoder, decoder, _ = build_autoencoder(np.full((2, 8, 8, 1), 0.2), code_size=3)
    >>> encoder.output_shape, decoder.output_shape
    ((None, 3), (None, 8, 8, 1))
    """
    if x_train.ndim != 4 or x_train.shape[1] % 4 or x_train.shape[2] % 4:
        raise ValueError(
            "expected images of shape (n, height, width, channels), height and width multiples "
            f"of 4; got shape {x_train.shape}"
        )
    if code_size < 1:
        raise ValueError(f"a code has at least one number; got code_size = {code_size}")
    height, width, channels = x_train.shape[1:]
    small = (height // 4, width // 4, 64)
    step = {"strides": 2, "padding": "same"}
    bent = {"activation": "silu", "kernel_initializer": "he_normal"}
    encoder = keras.Sequential(
        [
            keras.Input((height, width, channels)),
            layers.Conv2D(32, 3, **step, **bent),
            layers.Conv2D(64, 3, **step, **bent),
            layers.Flatten(),
            layers.Dense(code_size),
        ],
        name="encoder",
    )
    start = keras.initializers.Constant(mean_logit(x_train))
    decoder = keras.Sequential(
        [
            keras.Input((code_size,)),
            layers.Dense(int(np.prod(small)), activation="silu"),
            layers.Reshape(small),
            layers.Conv2DTranspose(32, 4, **step, **bent),
            layers.Conv2DTranspose(
                channels, 4, **step, activation="sigmoid", bias_initializer=start
            ),
        ],
        name="decoder",
    )
    return encoder, decoder, keras.Sequential([encoder, decoder], name="autoencoder")


def mean_logit(x: np.ndarray) -> float:
    """Compute the number whose sigmoid is the mean of ``x``: where an output bias should start.

    Parameters
    ----------
    x : ndarray
        Values in [0, 1].

    Returns
    -------
    float
        ln(mean / (1 - mean)).

    Raises
    ------
    ValueError
        If the mean does not lie strictly between 0 and 1.

    Examples
    --------
    >>> mean_logit(np.array([0.0, 1.0]))
    0.0
    """
    mean = float(np.mean(x))
    if not 0 < mean < 1:
        raise ValueError(f"expected values in [0, 1] that are not all 0 or all 1; mean is {mean}")
    return float(np.log(mean / (1 - mean)))
