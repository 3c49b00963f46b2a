# %% check-5-0
answers = {"a": "B", "b": "C", "c": "C", "d": "A", "e": "B"}
# %% check-5-0
for question, letter in zip("abcde", "bccab"):
    answers[question] = letter
# %% check-5-1
green, red, blue_as_red = 0.297, 0.339, False
mse_answer, mae_answer = (0.7, 0.089, 0), (1, 0, 0)
# %% check-5-1
# By simulation: many pixels, their mean and their median.
weights = rgb2gray(np.eye(3)[None])[0]
green, red = weights[0] / weights[1], weights[2] / weights[0]
blue_as_red = weights[2] >= weights[0]
pixels = np.where(np.arange(1000)[:, None] < 700, [1, 0, 0], [0, green, 0])
mse_answer, mae_answer = pixels.mean(axis=0), np.median(pixels, axis=0)
# %% check-5-1
import tensorflow as tf
green, red, blue_as_red = tf.constant(0.2970), np.float32(0.3393), np.bool_(False)
mse_answer, mae_answer = tf.constant([0.7, 0.0891, 0]), np.array([1, 0, 0])
# %% check-5-2
def hide(digit, gray):
    # More blue for less green, in float32, pixel by pixel.
    blue = min(gray, 1 - gray, 0.5)
    picture = np.full((28, 28, 3), gray, "float32")
    for i in range(28):
        for j in range(28):
            step = (2 * digit[i, j] - 1) * blue
            picture[i, j] += np.array([0, -0.0721 / 0.7154 * step, step])
    return picture
# %% check-5-2
import tensorflow as tf
def hide(digit, gray):
    ink = tf.constant([1.0, 0.0, 0.0]) * min(1.0, gray / 0.2125)
    ink += tf.constant([0.0, 1.0, 0.0]) * (gray - 0.2125 * ink[0]) / 0.7154
    paper = 2 * tf.constant([gray, gray, gray], tf.float32) - ink  # the other way from gray
    reach = tf.reduce_min(tf.where(paper < 0, gray / (gray - paper), tf.where(paper > 1, (1 - gray) / (paper - gray), 1.0)))
    paper = gray + reach * (paper - gray)
    d = tf.constant(digit[..., None], tf.float32)
    return paper + d * (ink - paper)
# %% check-5-2
from scipy.linalg import null_space
def hide(digit, gray):
    step = null_space(np.array([[0.2125, 0.7154, 0.0721]]))[:, 0]  # some direction in the plane
    reach = min(gray, 1 - gray) / np.abs(step).max()
    return gray + np.multiply.outer(2 * digit - 1, reach * step)
# %% check-5-3
def leaks(test, train, size):
    found = []
    for p, t, l in test:
        found.append(any(p == q and abs(t - u) < size and abs(l - m) < size for q, u, m in train))
    return found
# %% check-5-3
from scipy.spatial import KDTree
def leaks(test, train, size):
    # Largest difference along an axis; photos far apart from each other.
    apart = np.array([10 * size, 1, 1])
    distance, _ = KDTree(train * apart).query(test * apart, p=np.inf)
    return distance < size
# %% check-5-3
import tensorflow as tf
def leaks(test, train, size):
    off = tf.abs(tf.constant(test)[:, None] - tf.constant(train)[None])
    return tf.reduce_any((off[..., 0] == 0) & tf.reduce_all(off[..., 1:] < size, -1), axis=1)
# %% check-5-3
def leaks(test, train, size):
    covered = {(p, t + i, l + j) for p, t, l in train for i in range(size) for j in range(size)}
    corners = (0, size - 1)  # windows of one size: a corner lies in the other, if anything does
    return np.array([any((p, t + i, l + j) in covered for i in corners for j in corners) for p, t, l in test])
# %% check-5-4
def where_to_ask(gray, count):
    # A plain grid.
    height, width = gray.shape
    rows = int(np.sqrt(count * height / width))
    columns = count // rows
    i = ((np.arange(rows) + 0.5) * height / rows).astype(int)
    j = ((np.arange(columns) + 0.5) * width / columns).astype(int)
    return np.ravel_multi_index([index.ravel() for index in np.meshgrid(i, j)], gray.shape)
# %% check-5-4
def where_to_ask(gray, count):
    # One after the other, each time the pixel that is farthest from all: in place and lightness.
    row, column = np.indices(gray.shape)
    about = np.stack([row, column, 60 * ndimage.gaussian_filter(gray, 1)], axis=-1).reshape(-1, 3)
    chosen = [gray.size // 2 + gray.shape[1] // 2]
    distance = np.linalg.norm(about - about[chosen[0]], axis=1)
    while len(chosen) < count:
        chosen.append(int(distance.argmax()))
        distance = np.minimum(distance, np.linalg.norm(about - about[chosen[-1]], axis=1))
    return chosen
# %% check-5-4
from sklearn.cluster import MiniBatchKMeans
from sklearn.neighbors import NearestNeighbors
def where_to_ask(gray, count):
    row, column = np.indices(gray.shape)
    about = np.stack([row.ravel(), column.ravel(), 100 * gray.ravel()], axis=1)
    middles = MiniBatchKMeans(count, n_init=1, random_state=1).fit(about).cluster_centers_
    return np.unique(NearestNeighbors(n_neighbors=1).fit(about).kneighbors(middles)[1])
# %% check-5-5
def train_colorizer(gray, ab, gray_val, ab_val):
    # Early stopping on validation patches, and a function instead of the model.
    model = build_unet(2, filters=(24, 48, 96))
    model.compile(keras.optimizers.Adam(2e-3), "mse")
    stop = keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)
    model.fit(gray, ab, 32, epochs=4, validation_data=(gray_val, ab_val), callbacks=[stop], verbose=0)
    return lambda x: model.predict(x, verbose=0)
# %% check-5-5
def train_colorizer(gray, ab, gray_val, ab_val):
    # No U: convolutions that look far, at full size of a quarter of the pixels.
    bent = {"padding": "same", "activation": "relu", "kernel_initializer": "he_normal"}
    model = keras.Sequential([
        keras.Input((None, None, 1)),
        layers.Conv2D(32, 5, strides=4, **bent),
        layers.Conv2D(64, 3, **bent),
        layers.Conv2D(64, 3, **bent),
        layers.Conv2D(64, 3, **bent),
        layers.Conv2D(2, 3, padding="same"),
        layers.UpSampling2D(4, interpolation="bilinear"),
    ])
    training.train(model, gray, ab, epochs=3, rate=3e-3, loss="mse")
    return model
