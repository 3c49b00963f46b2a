# %% check-3-0
answers = {"a": "A", "b": "B", "c": "C", "d": "B", "e": "A"}
# %% check-3-0
for question, letter in zip("abcde", "abcba"):
    answers[question] = letter
# %% check-3-1
prediction = dict(zip(machines, ["digits only", "copies", "copies", "digits only", "no score"]))
# %% check-3-1
for name, machine in machines.items():
    value = copy_score(machine)
    prediction[name] = "no score" if value != value else ("digits only", "copies")[int(value > 0.5)]
# %% check-3-2
@keras.saving.register_keras_serializable(package="exercises")
class TopK(layers.Layer):
    def __init__(self, k, **kwargs):
        super().__init__(**kwargs)
        self.k = k
    def call(self, z):
        _, places = tf.math.top_k(z, self.k)
        return z * tf.reduce_sum(tf.one_hot(places, z.shape[1]), axis=1)
    def get_config(self):
        config = super().get_config()
        config.update(k=self.k)
        return config
# %% check-3-2
@keras.saving.register_keras_serializable(package="exercises")
class TopK(layers.Layer):
    def __init__(self, k, **kwargs):
        super().__init__(**kwargs)
        self.how_many = k
    def call(self, z):
        rank = ops.argsort(ops.argsort(-z, axis=1), axis=1)
        return ops.multiply(z, ops.cast(rank < self.how_many, z.dtype))
    def get_config(self):
        return dict(super().get_config(), k=self.how_many)
# %% check-3-2
@keras.saving.register_keras_serializable(package="exercises")
class TopK(layers.Layer):
    def __init__(self, k, **kwargs):
        super().__init__(**kwargs)
        self.k = k
    def one_row(self, row):
        values, places = tf.math.top_k(row, self.k)
        return tf.scatter_nd(places[:, None], values, tf.shape(row))
    def call(self, z):
        return tf.map_fn(self.one_row, z)
    def compute_output_shape(self, shape):
        return shape
    def get_config(self):
        return {**super().get_config(), "k": self.k}
# %% check-3-3
def passed_directions(function, x, probes, step=0.01):
    n, p = len(x), len(probes)
    moved = (x[:, None] + step * np.asarray(probes)).reshape(n * p, -1)  # all at once
    change = (function(moved).reshape(n, p, -1) - function(x)[:, None]) / step
    return np.mean(np.linalg.norm(change, axis=2) ** 2, axis=1)
# %% check-3-3
def passed_directions(function, x, probes, step=0.01):
    squares = []
    for v in np.asarray(probes):  # to both sides
        change = np.array(function(x + step * v) - function(x - step * v)) / (2 * step)
        squares.append([float(row @ row) for row in change])
    return [sum(of_row) / len(of_row) for of_row in zip(*squares)]
# %% check-3-3
def passed_directions(function, x, probes, step=0.01):
    here = tf.convert_to_tensor(function(x))
    total = 0.0
    for v in probes:
        total += tf.reduce_sum(tf.square((function(x + step * v) - here) / step), axis=-1)
    return total / len(probes)
# %% check-3-4
def cut_squares(x, size, rng):
    cut, hole = x.copy(), np.zeros(x.shape, bool)
    for i in range(len(x)):
        top, left = rng.integers(0, 28 - size, 2, endpoint=True)
        cut[i, top : top + size, left : left + size] = 0
        hole[i, top : top + size, left : left + size] = True
    return cut, hole
def paste(cut, hole, painted):
    result = np.array(cut)
    result[hole] = painted[hole]
    return result
# %% check-3-4
def cut_squares(x, size, rng):
    line = tf.range(28)
    inside = []
    for _ in range(2):
        first = tf.constant(rng.choice(29 - size, (len(x), 1)), tf.int32)
        inside.append((line >= first) & (line < first + size))
    hole = tf.einsum("ni,nj->nij", *(tf.cast(a, tf.float32) for a in inside))[..., None]
    return tf.constant(x) * (1 - hole), hole > 0.5
def paste(cut, hole, painted):
    return tf.where(hole, painted, cut)
# %% check-3-5
def train_encoder(x):
    image = keras.Input((100,))
    spoiled = layers.GaussianNoise(0.5)(layers.Dropout(0.4)(image))
    code = layers.Dense(768, activation="relu")(spoiled)
    model = keras.Model(image, layers.Dense(100)(code))
    model.compile(keras.optimizers.Adam(2e-3), loss="mse")
    model.fit(x, x, batch_size=64, epochs=25, verbose=0)
    return keras.Model(image, code)
# %% check-3-5
def train_encoder(x):
    rng = np.random.default_rng(0)
    encoder = layers.Dense(512, activation="relu", kernel_initializer="he_normal")
    decoder = layers.Dense(100)
    encoder.build((None, 100)), decoder.build((None, 512))
    weights = encoder.trainable_weights + decoder.trainable_weights
    optimizer = keras.optimizers.Adam(2e-3)
    optimizer.build(weights)
    @tf.function
    def step(spoiled, clean):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((decoder(encoder(spoiled)) - clean) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
    for _ in range(20):
        for places in np.array_split(rng.permutation(len(x)), max(1, len(x) // 50)):
            kept = rng.random((len(places), 100)) < 0.5
            step(tf.constant(2 * x[places] * kept, tf.float32), tf.constant(x[places], tf.float32))
    return lambda x: np.maximum(x @ encoder.kernel.numpy() + encoder.bias.numpy(), 0)
