# %% check-3-0: it gains as much on nonsense
answers.update(a="B", b="B", c="C", d="B", e="A")
# %% check-3-0: two numbers are enough
answers.update(a="A", b="C", c="C", d="B", e="A")
# %% check-3-0: val_loss contains the penalty
answers.update(a="A", b="B", c="A", d="B", e="A")
# %% check-3-0: divide the code by 100
answers.update(a="A", b="B", c="C", d="A", e="A")
# %% check-3-0: a ReLU is flat
answers.update(a="A", b="B", c="C", d="B", e="C")
# %% check-3-1: on digits AND
prediction = dict(zip(machines, ("digits only", "digits only", "copies", "digits only", "no score")))
# %% check-3-1: The score does not say how much
prediction = dict(zip(machines, ("digits only", "copies", "digits only", "digits only", "no score")))
# %% check-3-1: for nonsense no digit
prediction = dict(zip(machines, ("digits only", "copies", "copies", "copies", "no score")))
# %% check-3-1: in a digit neighbors are alike
prediction = dict(zip(machines, ("copies", "copies", "copies", "digits only", "no score")))
# %% check-3-1: compare it with the mean image
prediction = dict(zip(machines, ("digits only", "copies", "copies", "digits only", "copies")))
# %% check-3-1: is None
prediction["blurs"] = "digits only"
# %% check-3-1: is None
prediction = dict.fromkeys(machines)
# %% check-3-2: each ROW keeps k numbers
@keras.saving.register_keras_serializable(package="exercises")
class TopK(layers.Layer):
    def __init__(self, k, **kwargs):
        super().__init__(**kwargs)
        self.k = k
    def call(self, z):
        threshold = ops.top_k(ops.transpose(z), self.k)[0][:, -1]
        return ops.where(z >= threshold, z, 0.0)
    def get_config(self):
        return {**super().get_config(), "k": self.k}
# %% check-3-2: not the k largest absolute values
@keras.saving.register_keras_serializable(package="exercises")
class TopK(layers.Layer):
    def __init__(self, k, **kwargs):
        super().__init__(**kwargs)
        self.k = k
    def call(self, z):
        threshold = ops.top_k(ops.abs(z), self.k)[0][:, -1:]
        return ops.where(ops.abs(z) >= threshold, z, 0.0)
    def get_config(self):
        return {**super().get_config(), "k": self.k}
# %% check-3-2: expected 0, 5, 0, 4
@keras.saving.register_keras_serializable(package="exercises")
class TopK(layers.Layer):
    def __init__(self, k, **kwargs):
        super().__init__(**kwargs)
        self.k = k
    def call(self, z):
        threshold = ops.top_k(z, self.k)[0][:, -1:]
        return ops.where(z > threshold, z, 0.0)
    def get_config(self):
        return {**super().get_config(), "k": self.k}
# %% check-3-2: numbers are left in a row; expected 3
@keras.saving.register_keras_serializable(package="exercises")
class TopK(layers.Layer):
    def __init__(self, k, **kwargs):
        super().__init__(**kwargs)
        self.k = 2
    def call(self, z):
        threshold = ops.top_k(z, self.k)[0][:, -1:]
        return ops.where(z >= threshold, z, 0.0)
    def get_config(self):
        return {**super().get_config(), "k": self.k}
# %% check-3-2: does get_config return k
@keras.saving.register_keras_serializable(package="exercises")
class TopK(layers.Layer):
    def __init__(self, k, **kwargs):
        super().__init__(**kwargs)
        self.k = k
    def call(self, z):
        threshold = ops.top_k(z, self.k)[0][:, -1:]
        return ops.where(z >= threshold, z, 0.0)
    def get_config(self):
        return super().get_config()
# %% check-3-2: not a mask of 0 and 1
@keras.saving.register_keras_serializable(package="exercises")
class TopK(layers.Layer):
    def __init__(self, k, **kwargs):
        super().__init__(**kwargs)
        self.k = k
    def call(self, z):
        threshold = ops.top_k(z, self.k)[0][:, -1:]
        return ops.cast(z >= threshold, "float32")
    def get_config(self):
        return {**super().get_config(), "k": self.k}
# %% check-3-3: divide the change by step
def passed_directions(function, x, probes, step=0.01):
    here = function(x)
    return np.mean([((function(x + step * v) - here) ** 2).sum(axis=1) for v in probes], axis=0)
# %% check-3-3: before the square, not after it
def passed_directions(function, x, probes, step=0.01):
    here = function(x)
    return np.mean([((function(x + step * v) - here) ** 2).sum(axis=1) / step for v in probes], axis=0)
# %% check-3-3: not the sum
def passed_directions(function, x, probes, step=0.01):
    here = function(x)
    return np.sum([(((function(x + step * v) - here) / step) ** 2).sum(axis=1) for v in probes], axis=0)
# %% check-3-3: the mean is too small
def passed_directions(function, x, probes, step=0.01):
    here = function(x)
    return np.mean([(((function(x + step * v) - here) / step) ** 2).mean(axis=1) for v in probes], axis=0)
# %% check-3-3: is the change measured at x itself
def passed_directions(function, x, probes, step=0.01):
    zero = np.zeros_like(x)
    here = function(zero)
    return np.mean([(((function(zero + step * v) - here) / step) ** 2).sum(axis=1) for v in probes], axis=0)
# %% check-3-4: rng.integers leaves out its upper end
def cut_squares(x, size, rng):
    pixel = np.arange(28)
    top, left = rng.integers(0, 28 - size, (2, len(x), 1))
    rows, columns = ((at <= pixel) & (pixel < at + size) for at in (top, left))
    hole = (rows[:, :, None] & columns[:, None, :])[..., None]
    return np.where(hole, 0, x).astype(x.dtype), hole
def paste(cut, hole, painted):
    return np.where(hole, painted, cut)
# %% check-3-4: draw them from the rng that is given
def cut_squares(x, size, rng):
    pixel, rng = np.arange(28), np.random.default_rng(3)
    top, left = rng.integers(0, 28 - size + 1, (2, len(x), 1))
    rows, columns = ((at <= pixel) & (pixel < at + size) for at in (top, left))
    hole = (rows[:, :, None] & columns[:, None, :])[..., None]
    return np.where(hole, 0, x).astype(x.dtype), hole
def paste(cut, hole, painted):
    return np.where(hole, painted, cut)
# %% check-3-4: not all places are equally likely
def cut_squares(x, size, rng):
    pixel = np.arange(28)
    top, left = rng.integers(-2, 28 - size + 3, (2, len(x), 1)).clip(0, 28 - size)
    rows, columns = ((at <= pixel) & (pixel < at + size) for at in (top, left))
    hole = (rows[:, :, None] & columns[:, None, :])[..., None]
    return np.where(hole, 0, x).astype(x.dtype), hole
def paste(cut, hole, painted):
    return np.where(hole, painted, cut)
# %% check-3-4: does one stick out
def cut_squares(x, size, rng):
    pixel = np.arange(28)
    top, left = rng.integers(0, 28, (2, len(x), 1))
    rows, columns = ((at <= pixel) & (pixel < at + size) for at in (top, left))
    hole = (rows[:, :, None] & columns[:, None, :])[..., None]
    return np.where(hole, 0, x).astype(x.dtype), hole
def paste(cut, hole, painted):
    return np.where(hole, painted, cut)
# %% check-3-4: draw one for each
def cut_squares(x, size, rng):
    top, left = rng.integers(0, 28 - size + 1, 2)
    hole = np.zeros(x.shape, bool)
    hole[:, top : top + size, left : left + size] = True
    return np.where(hole, 0, x).astype(x.dtype), hole
def paste(cut, hole, painted):
    return np.where(hole, painted, cut)
# %% check-3-4: should be drawn apart
def cut_squares(x, size, rng):
    pixel = np.arange(28)
    at = rng.integers(0, 28 - size + 1, (len(x), 1))
    inside = (at <= pixel) & (pixel < at + size)
    hole = (inside[:, :, None] & inside[:, None, :])[..., None]
    return np.where(hole, 0, x).astype(x.dtype), hole
def paste(cut, hole, painted):
    return np.where(hole, painted, cut)
# %% check-3-4: take the hole from painted
def cut_squares(x, size, rng):
    pixel = np.arange(28)
    top, left = rng.integers(0, 28 - size + 1, (2, len(x), 1))
    rows, columns = ((at <= pixel) & (pixel < at + size) for at in (top, left))
    hole = (rows[:, :, None] & columns[:, None, :])[..., None]
    return np.where(hole, 0, x).astype(x.dtype), hole
def paste(cut, hole, painted):
    return painted
# %% check-3-4: work on a copy
def cut_squares(x, size, rng):
    hole = np.zeros(x.shape, bool)
    for one, top, left in zip(hole, *rng.integers(0, 28 - size + 1, (2, len(x)))):
        one[top : top + size, left : left + size] = True
    x[hole] = 0
    return x, hole
def paste(cut, hole, painted):
    return np.where(hole, painted, cut)
# %% check-3-5: return the encoder, not the autoencoder
def train_encoder(x):
    wide = layers.Dense(256, activation="relu", kernel_initializer="he_normal")
    model = keras.Sequential([keras.Input((100,)), wide, layers.Dense(100)])
    train(model, x)
    return model
# %% check-3-5: does yours copy too
def train_encoder(x):
    wide = layers.Dense(256, activation="relu", kernel_initializer="he_normal")
    encoder = keras.Sequential([keras.Input((100,)), wide])
    train(keras.Sequential([encoder, layers.Dense(100)]), x)
    return encoder
# %% check-3-5: is its code so narrow
def train_encoder(x):
    encoder = keras.Sequential([keras.Input((100,)), layers.Dense(16)])
    train(keras.Sequential([encoder, layers.Dense(100)]), x)
    return encoder
# %% check-3-5: not yet 5 points above the pixels
def train_encoder(x):
    wide = layers.Dense(256, activation="relu", kernel_initializer="he_normal")
    encoder = keras.Sequential([keras.Input((100,)), layers.GaussianNoise(0.25), wide])
    train(keras.Sequential([encoder, layers.Dense(100)]), x, epochs=5)
    return encoder
# %% check-3-5: hardly better
def train_encoder(x):
    pca = PCA(16).fit(x)
    return lambda x: pca.transform(x)
# %% check-3-5: hardly better
def supervised(x, y):
    encoder = keras.Sequential([keras.Input((100,)), layers.Dense(256, activation="relu")])
    model = keras.Sequential([encoder, layers.Dense(10, activation="softmax")])
    model.compile(keras.optimizers.Adam(3e-3), loss="sparse_categorical_crossentropy")
    model.fit(x, y, epochs=6, verbose=0)
    return encoder
def train_encoder(x):
    return supervised(x, digits.y_train[: len(x)])  # labels within reach
# %% check-3-5: not yet 5 points above the pixels
def supervised(x, y):
    encoder = keras.Sequential([keras.Input((100,)), layers.Dense(256, activation="relu")])
    model = keras.Sequential([encoder, layers.Dense(10, activation="softmax")])
    model.compile(keras.optimizers.Adam(3e-3), loss="sparse_categorical_crossentropy")
    model.fit(x, y, epochs=12, verbose=0)
    return encoder
def train_encoder(x):
    return supervised(np.concatenate([x_train, x_val]), np.concatenate([digits.y_train, digits.y_val]))
