# %% check-7-0
answers = {"a": "B", "b": "B", "c": "C", "d": "A", "e": "C"}
# %% check-7-0
for question, letter in zip("abcde", "bbcac"):
    answers[question] = letter
# %% check-7-1
alarms["A"] = ["distance", "neighbors"]
alarms["B"] = ["PCA error", "neighbors"]
alarms["C"] = ["neighbors"]
alarms["D"] = []
alarms["E"] = ["distance", "PCA error", "neighbors"]
alarms["F"] = ["distance", "PCA error"]
# %% check-7-1
mean = training_points.mean(axis=0)
direction = np.linalg.svd(training_points - mean)[2][0]
lonely = LocalOutlierFactor(5, novelty=True).fit(training_points)
def scores(x):
    beside = (x - mean) @ [-direction[1], direction[0]]
    return {"distance": np.linalg.norm(x - mean, axis=1), "PCA error": abs(beside), "neighbors": -lonely.decision_function(x)}
limits = {name: np.quantile(values, 0.99) for name, values in scores(clean_points).items()}
for name, point in new_points.items():
    alarms[name] = {d for d, value in scores(point[None]).items() if value[0] > limits[d]}
alarms["C"] = "neighbors"
# %% check-7-2
def alarm(errors_val, errors_new, rate):
    n, columns = errors_val.shape
    typical = [sum(errors_val[:, c]) / n for c in range(columns)]
    scores = sorted(sum(row[c] / typical[c] for c in range(columns)) for row in errors_val)
    limit = scores[int(np.ceil((1 - rate) * n)) - 1]
    raised, column = [], []
    for row in errors_new:
        ratios = [row[c] / typical[c] for c in range(columns)]
        raised.append(sum(ratios) > limit)
        column.append(ratios.index(max(ratios)))
    return raised, column
# %% check-7-2
from keras import ops
def alarm(errors_val, errors_new, rate):
    typical = ops.mean(ops.cast(errors_val, "float32"), axis=0)
    limit = np.percentile(ops.mean(errors_val / typical, axis=1), 100 * (1 - rate))
    ratios = ops.divide(ops.cast(errors_new, "float32"), typical)
    return ops.mean(ratios, axis=1) >= limit, ops.argmax(ratios, axis=1)
# %% check-7-3
from sklearn.cluster import MiniBatchKMeans
def make_books(codes):
    books = []
    for p in range(4):
        found = MiniBatchKMeans(256, n_init=1, random_state=1, batch_size=2048)
        books.append(found.fit(codes[:, 4 * p : 4 * p + 4]).cluster_centers_.tolist())
    return books
def to_bytes(codes, books):
    stored = np.zeros((len(codes), 4), np.uint8)
    for i, code in enumerate(codes):
        for p in range(4):
            stored[i, p] = np.argmin([np.linalg.norm(code[4 * p : 4 * p + 4] - e) for e in np.asarray(books[p])])
    return stored
def from_bytes(stored, books):
    return [np.ravel([books[p][entry] for p, entry in enumerate(row)]) for row in stored]
# %% check-7-3
import tensorflow as tf
def make_books(codes):
    parts = tf.transpose(tf.reshape(codes, (-1, 4, 4)), (1, 0, 2))
    books = tf.gather(parts, np.random.default_rng(0).permutation(len(codes))[:256], axis=1)
    for _ in range(25):  # k-means, written out
        closest = to_numbers(parts, books)
        new = []
        for p in range(4):
            total = tf.math.unsorted_segment_sum(parts[p], closest[p], 256)
            count = tf.math.bincount(closest[p], minlength=256, dtype=tf.float32)[:, None]
            new.append(tf.where(count > 0, total / tf.maximum(count, 1), books[p]))
        books = tf.stack(new)
    return books
def to_numbers(parts, books):
    apart = tf.reduce_sum(parts**2, -1)[:, :, None] - 2 * parts @ tf.transpose(books, (0, 2, 1))
    return tf.argmin(apart + tf.reduce_sum(books**2, -1)[:, None], axis=2, output_type=tf.int32)
def to_bytes(codes, books):
    books = tf.cast(books, tf.float64)
    parts = tf.transpose(tf.reshape(tf.cast(codes, tf.float64), (-1, 4, 4)), (1, 0, 2))
    return tf.cast(tf.transpose(to_numbers(parts, books)), tf.uint8).numpy()
def from_bytes(stored, books):
    return np.asarray(books)[np.arange(4), stored].reshape(len(stored), 16)
# %% check-7-4
def adapt(encoder, decoder, seen, clean):
    tuned = copy_of(encoder)  # learn to give the codes that the old one gives for the clean digits
    tuned.compile(optimizer=keras.optimizers.Adam(0.002), loss="mse")
    tuned.fit(seen, encoder.predict(clean, verbose=0), batch_size=10, epochs=60, verbose=0)
    return tuned
# %% check-7-4
import tensorflow as tf
def adapt(encoder, decoder, seen, clean):
    tuned = keras.models.clone_model(encoder)
    for new, old in zip(tuned.weights, encoder.weights):
        new.assign(old)
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(tuned.trainable_weights)
    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((decoder(tuned(x)) - y) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, tuned.trainable_weights), tuned.trainable_weights))
    rng = np.random.default_rng(0)
    for _ in range(400):
        rows = rng.choice(len(seen), min(16, len(seen)), replace=False)
        step(tf.constant(seen[rows], tf.float32), tf.constant(clean[rows], tf.float32))
    return tuned
# %% check-7-4
def adapt(encoder, decoder, seen, clean):
    front = [keras.Input((14, 14, 1)), layers.Flatten()]
    front += [layers.Dense(196, kernel_initializer="identity"), layers.Reshape((14, 14, 1))]
    front = keras.Sequential(front)  # turns the image; all else stays
    encoder.trainable = decoder.trainable = False
    image = keras.Input((14, 14, 1))
    tuned = keras.Model(image, encoder(front(image)))
    both = keras.Model(image, decoder(tuned(image)))
    training.train(both, seen, clean, 60, batch_size=10, rate=0.002, loss="mse")
    return tuned
# %% check-7-5
def fit(x):
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    found = KMeans(25, n_init=1, random_state=2).fit(x)
    means, directions = [], []
    for group in range(25):
        own = x[found.labels_ == group]
        mean = own.mean(axis=0)
        means.append(mean)
        directions.append(np.linalg.svd(own - mean, full_matrices=False)[2][:6])
    return np.array(means, "float32"), np.array(directions, "float32")
def score(model, x):
    scores = []
    for row in x:
        row = row / np.linalg.norm(row)
        errors = []
        for mean, directions in zip(*model):
            rest = row - mean
            errors.append(((rest - directions.T @ (directions @ rest)) ** 2).sum())
        scores.append(min(errors))
    return scores
# %% check-7-5
def fit(x):
    x = x / np.sqrt((x**2).sum(axis=1, keepdims=True))
    centers = KMeans(200, n_init=1, random_state=0).fit(x).cluster_centers_
    return [centers]
def score(model, x):
    x = x / np.sqrt((x**2).sum(axis=1, keepdims=True))
    return np.sort(cdist(x, model[0]), axis=1)[:, 0]
