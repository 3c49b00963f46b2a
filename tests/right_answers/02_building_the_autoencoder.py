# %% check-2-0
answers = {"a": "B", "b": "B", "c": "A", "d": "C", "e": "A"}
# %% check-2-0
for question, letter in zip("abcde", "bbaca"):
    answers[question] = letter
# %% check-2-1
for layer in build_photo_encoder().layers:
    shapes[layer.name] = list(layer.output.shape[1:])
    weights[layer.name] = sum(np.prod(w.shape) for w in layer.weights)
larger = ["E"]
# %% check-2-1
shapes = {"A": (16, 16, 16), "B": (7, 7, 32), "C": (7, 7, 32), "D": 1568, "E": 24}
weights = {"A": 448.0, "B": 4640.0, "C": 25632.0, "D": 0.0, "E": 37656.0}
larger = "E"
# %% check-2-2
def bce_excess(x, logits):
    bce = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits)
    floor = -tf.math.xlogy(x, x) - tf.math.xlogy(1 - x, 1 - x)
    return tf.reduce_mean(bce - floor)
# %% check-2-2
def bce_excess(x, logits):
    bce = keras.losses.BinaryCrossentropy(from_logits=True)(x, logits)
    inside = ops.logical_and(x > 0, x < 1)
    p = ops.where(inside, x, 0.5)
    floor = ops.where(inside, -p * ops.log(p) - (1 - p) * ops.log(1 - p), 0.0)
    return bce - ops.mean(floor)
# %% check-2-2
@tf.function
def bce_excess(x, logits):
    total = 0.0
    for flip in (1.0, -1.0):  # ln sigmoid(l) = l - softplus(l), and the same for -l
        p = x if flip > 0 else 1 - x
        log_q = tf.minimum(flip * logits, 0.0) - tf.math.log1p(tf.exp(-tf.abs(logits)))
        total += p * (tf.math.log(tf.maximum(p, 1e-7)) - log_q)
    return tf.reduce_mean(total)
# %% check-2-3
@tf.function
def gradients_of(model, piece, share):
    with tf.GradientTape() as tape:
        error = share * tf.reduce_mean(tf.square(piece - model(piece)))
    return tape.gradient(error, model.trainable_variables)
def accumulated_step(model, optimizer, x, size):
    pieces = [tf.constant(x[i : i + size]) for i in range(0, len(x), size)]
    before = np.concatenate([model(piece) for piece in pieces])  # a second pass, for the loss
    parts = [gradients_of(model, piece, tf.constant(len(piece) / len(x))) for piece in pieces]
    optimizer.apply_gradients(zip([sum(g) for g in zip(*parts)], model.trainable_variables))
    return ((x - before) ** 2).mean()
# %% check-2-3
@tf.function
def accumulated_step(model, optimizer, x, size):
    squares, gradients = 0.0, None
    for start in range(0, x.shape[0], size):
        piece = x[start : start + size]
        with tf.GradientTape() as tape:
            error = tf.reduce_sum(keras.losses.mean_squared_error(piece, model(piece)))
        found = tape.gradient(error, model.trainable_weights)
        gradients = found if gradients is None else [a + b for a, b in zip(gradients, found)]
        squares += error
    optimizer.apply([g / x.shape[0] for g in gradients], model.trainable_weights)
    return squares / x.shape[0]
# %% check-2-3
def accumulated_step(model, optimizer, x, size):
    count, loss = x.size, 0.0
    total = [np.zeros(w.shape, "float64") for w in model.trainable_weights]
    for piece in np.split(x, range(size, len(x), size)):
        with tf.GradientTape() as tape:
            squares = tf.reduce_sum((model(piece) - piece) ** 2)
        for sum_, gradient in zip(total, tape.gradient(squares, model.trainable_weights)):
            sum_ += gradient.numpy() / count
        loss += float(squares) / count
    optimizer.apply_gradients(zip([tf.constant(t, tf.float32) for t in total], model.trainable_weights))
    return loss
# %% check-2-4
import heapq
def walk(start, end, codes, steps):
    points = np.array([start, end, *codes])
    far, near = NearestNeighbors(n_neighbors=11).fit(points).kneighbors(points)
    edges = [{} for _ in points]
    for i in range(len(points)):
        for j, length in zip(near[i], far[i]):
            edges[i][int(j)] = edges[int(j)][i] = length**2
    cost, before, todo = {0: 0.0}, {}, [(0.0, 0)]
    while todo:
        so_far, i = heapq.heappop(todo)
        if i == 1:
            break
        for j, more in edges[i].items():
            if so_far + more < cost.get(j, np.inf):
                cost[j], before[j] = so_far + more, i
                heapq.heappush(todo, (so_far + more, j))
    path = [1]
    while path[-1]:
        path.append(before[path[-1]])
    stones = points[path[::-1]]
    fine = np.concatenate([np.linspace(a, b, 50) for a, b in zip(stones[:-1], stones[1:])])
    along = np.concatenate([[0], np.linalg.norm(np.diff(fine, axis=0), axis=1).cumsum()])
    return [fine[np.argmin(abs(along - at))] for at in np.linspace(0, along[-1], steps)]
# %% check-2-4
from scipy.sparse.csgraph import shortest_path
def walk(start, end, codes, steps):
    points = np.concatenate([codes, [end], [start]]).astype("float32")
    graph = kneighbors_graph(points, 10, mode="distance").power(2)
    before = shortest_path(graph, method="D", directed=False, indices=[len(points) - 1], return_predecessors=True)[1][0]
    stones, at = [], len(points) - 2
    while at >= 0:
        stones.insert(0, points[at])
        at = before[at]
    hops = [np.linalg.norm(b - a) for a, b in zip(stones, stones[1:])]
    walk, total = [start], sum(hops)
    for k in range(1, steps - 1):
        left, i = total * k / (steps - 1), 0
        while left > hops[i]:
            left, i = left - hops[i], i + 1
        walk.append(stones[i] + left / hops[i] * (stones[i + 1] - stones[i]))
    return np.array([*walk, end])
# %% check-2-5
def design(x):
    image = keras.Input((28, 28, 1))
    y = layers.Conv2D(12, 3, padding="same", activation="elu")(image)
    y = layers.AveragePooling2D(2)(y)
    y = layers.Conv2D(24, 3, padding="same", strides=2, activation="elu")(y)
    encoder = keras.Model(image, layers.Dense(8)(layers.Flatten()(y)))
    code = keras.Input((8,))
    y = layers.Reshape((7, 7, 32))(layers.Dense(7 * 7 * 32, activation="elu")(code))
    y = layers.UpSampling2D(interpolation="bilinear")(y)
    y = layers.Conv2D(24, 3, padding="same", activation="elu")(y)
    y = layers.UpSampling2D(interpolation="bilinear")(y)
    y = layers.Conv2D(16, 3, padding="same", activation="elu")(y)
    start = keras.initializers.Constant(models.mean_logit(x))
    y = layers.Conv2D(1, 3, padding="same", activation="sigmoid", bias_initializer=start)(y)
    return encoder, keras.Model(code, y), 5e-3
# %% check-2-5
class Half(keras.Model):
    """A model written as a class: it has no output_shape."""
    def __init__(self, *steps):
        super().__init__()
        self.steps = list(steps)
    def call(self, x):
        for step in self.steps:
            x = step(x)
        return x
def design(x):
    both = {"strides": 2, "padding": "same", "activation": "silu", "kernel_initializer": "he_normal"}
    encoder = Half(layers.Conv2D(16, 4, **both), layers.Conv2D(32, 4, **both), layers.Flatten(), layers.Dense(8))
    decoder = Half(
        layers.Dense(49 * 24, activation="silu"),
        layers.Reshape((7, 7, 24)),
        layers.Conv2DTranspose(24, 4, **both),
        layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="sigmoid"),
    )
    return [encoder, decoder, 0.01]
