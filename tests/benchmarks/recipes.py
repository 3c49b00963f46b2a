"""The recipes that are compared: what most tutorials train, and what the course trains."""

from ae_helpers import data, models
from ae_helpers.quiet import keras, tf

layers = keras.layers
HALVING = {"strides": 2, "padding": "same"}
BENT = {"activation": "silu", "kernel_initializer": "he_normal"}


def plain_digits(x_train):
    """Conv2D 32 and 64, code 16, ReLU, sigmoid: notebook 2's first model."""
    step = {"activation": "relu", **HALVING}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, **step),
            layers.Conv2D(64, 3, **step),
            layers.Flatten(),
            layers.Dense(16),
            layers.Dense(7 * 7 * 64, activation="relu"),
            layers.Reshape((7, 7, 64)),
            layers.Conv2DTranspose(64, 3, **step),
            layers.Conv2DTranspose(32, 3, **step),
            layers.Conv2DTranspose(1, 3, padding="same", activation="sigmoid"),
        ]
    )


def course_digits(x_train):
    return models.build_autoencoder(x_train, code_size=16)[2]


def plain_denoiser(x_train):
    """Two halvings by max pooling and back, as in the example of a denoiser on keras.io."""
    bent = {"activation": "relu", "padding": "same"}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, **bent),
            layers.MaxPooling2D(2, padding="same"),
            layers.Conv2D(32, 3, **bent),
            layers.MaxPooling2D(2, padding="same"),
            layers.Conv2DTranspose(32, 3, strides=2, **bent),
            layers.Conv2DTranspose(32, 3, strides=2, **bent),
            layers.Conv2D(1, 3, padding="same", activation="sigmoid"),
        ]
    )


def course_denoiser(x_train):
    bias = keras.initializers.Constant(models.mean_logit(x_train))
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, **HALVING, **BENT),
            layers.Conv2D(64, 3, **HALVING, **BENT),
            layers.Conv2D(64, 3, padding="same", **BENT),
            layers.Conv2DTranspose(32, 4, **HALVING, **BENT),
            layers.Conv2DTranspose(1, 4, **HALVING, activation="sigmoid", bias_initializer=bias),
        ]
    )


def plain_colorizer(x_train):
    """Gray to color through a code of 256 numbers, filters 64, 128, 256."""
    step = {"activation": "relu", **HALVING}
    return keras.Sequential(
        [keras.Input((32, 32, 1))]
        + [layers.Conv2D(n, 3, **step) for n in (64, 128, 256)]
        + [layers.Flatten(), layers.Dense(256)]
        + [layers.Dense(4 * 4 * 256), layers.Reshape((4, 4, 256))]
        + [layers.Conv2DTranspose(n, 3, **step) for n in (256, 128, 64)]
        + [layers.Conv2DTranspose(3, 3, padding="same", activation="sigmoid")]
    )


def course_colorizer(x_train):
    """The same code and filters; a decoder that grows thinner, without overlapping stamps."""
    bias = keras.initializers.Constant(models.mean_logit(x_train))
    last = {"activation": "sigmoid", "bias_initializer": bias}
    return keras.Sequential(
        [keras.Input((32, 32, 1))]
        + [layers.Conv2D(n, 3, **HALVING, **BENT) for n in (64, 128, 256)]
        + [layers.Flatten(), layers.Dense(256)]
        + [layers.Dense(4 * 4 * 256, activation="silu"), layers.Reshape((4, 4, 256))]
        + [layers.Conv2DTranspose(n, 2, **HALVING, **BENT) for n in (64, 32, 16)]
        + [layers.Conv2D(3, 3, padding="same", **last)]
    )


def gray_patches() -> data.Split:
    """Photo patches: ``x_*`` gray, ``y_*`` the colors."""
    weights = [[0.2125], [0.7154], [0.0721]]  # luma, as scikit-image's rgb2gray
    split = data.load_photo_patches(stride=32)
    colors = (split.x_train, split.x_val, split.x_test)
    return data.Split(*(a for c in colors for a in ((c @ weights).astype("float32"), c)))


def noisy_batches(x, batch_size):
    """Batches of (noisy, clean) digits: Gaussian noise of spread 0.5, drawn anew in each epoch."""

    def spoil(clean):
        noisy = clean + tf.random.normal(tf.shape(clean), stddev=0.5)
        return tf.clip_by_value(noisy, 0.0, 1.0), clean

    options = tf.data.Options()
    options.autotune.enabled = False
    clean = tf.data.Dataset.from_tensor_slices(x).shuffle(len(x)).batch(batch_size)
    return clean.map(spoil).prefetch(2).with_options(options)
