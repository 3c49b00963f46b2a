# %% check-2-0: it is a mean, not a sum
answers.update(a="A", b="B", c="A", d="C", e="A")
# %% check-2-0: where the window has to lie inside
answers.update(a="B", b="A", c="A", d="C", e="A")
# %% check-2-0: a gray pixel is a coin
answers.update(a="B", b="B", c="B", d="C", e="A")
# %% check-2-0: what cannot fit 32 images
answers.update(a="B", b="B", c="A", d="B", e="A")
# %% check-2-0: times as much
answers.update(a="B", b="B", c="A", d="C", e="B")
# %% check-2-1: 'valid' places the window only where it lies inside
shapes = {"A": (16, 16, 16), "B": (8, 8, 32), "C": (8, 8, 32), "D": (2048,), "E": (24,)}
weights = {"A": 448, "B": 4640, "C": 25632, "D": 0, "E": 2048 * 24 + 24}
larger = {"E"}
# %% check-2-1: one bias for each output is missing
shapes = {"A": (16, 16, 16), "B": (7, 7, 32), "C": (7, 7, 32), "D": (1568,), "E": (24,)}
weights = {"A": 432, "B": 4608, "C": 25600, "D": 0, "E": 1568 * 24}
larger = {"E"}
# %% check-2-1: a window for EACH channel that comes in
shapes = {"A": (16, 16, 16), "B": (7, 7, 32), "C": (7, 7, 32), "D": (1568,), "E": (24,)}
weights = {"A": 9 * 16 + 16, "B": 9 * 32 + 32, "C": 25 * 32 + 32, "D": 0, "E": 1568 * 24 + 24}
larger = {"E"}
# %% check-2-1: the batch is not one of them
shapes = {"A": (None, 16, 16, 16), "B": (None, 7, 7, 32), "C": (None, 7, 7, 32), "D": (None, 1568), "E": (None, 24)}
weights = {"A": 448, "B": 4640, "C": 25632, "D": 0, "E": 37656}
larger = {"E"}
# %% check-2-1: whatever its size
shapes = {"A": (16, 16, 16), "B": (7, 7, 32), "C": (7, 7, 32), "D": (1568,), "E": (24,)}
weights = {"A": 448, "B": 4640, "C": 25632, "D": 0, "E": 37656}
larger = {"A", "B", "C", "E"}
# %% check-2-1: write down shapes['A']
shapes = dict.fromkeys("ABCDE")
weights = dict.fromkeys("ABCDE")
larger = None
# %% check-2-1: larger names layers
shapes = {"A": (16, 16, 16), "B": (7, 7, 32), "C": (7, 7, 32), "D": (1568,), "E": (24,)}
weights = {"A": 448, "B": 4640, "C": 25632, "D": 0, "E": 37656}
larger = {"Dense"}
# %% check-2-1: write down weights['C']
shapes = {"A": (16, 16, 16), "B": (7, 7, 32), "C": (7, 7, 32), "D": (1568,), "E": (24,)}
weights = {"A": 448, "B": 4640, "c": 25632, "D": 0, "E": 37656}
larger = {"E"}
# %% check-2-2: came instead
def bce_excess(x, logits):
    x, logits = x.numpy(), logits.numpy()
    return (np.logaddexp(0, logits) - x * logits).mean()
# %% check-2-2: Is there a ln 0
def bce_excess(x, logits):
    x_hat = ops.sigmoid(logits)
    bce = -x * ops.log(x_hat) - (1 - x) * ops.log(1 - x_hat)
    safe = ops.clip(x, 1e-7, 1 - 1e-7)
    return ops.mean(bce + x * ops.log(safe) + (1 - x) * ops.log(1 - safe))
# %% check-2-2: clipping the sigmoid
def bce_excess(x, logits):
    x_hat = ops.clip(ops.sigmoid(logits), 1e-7, 1 - 1e-7)
    bce = -x * ops.log(x_hat) - (1 - x) * ops.log(1 - x_hat)
    safe = ops.clip(x, 1e-7, 1 - 1e-7)
    return ops.mean(bce + x * ops.log(safe) + (1 - x) * ops.log(1 - safe))
# %% check-2-2: its floor is still in it
def bce_excess(x, logits):
    return ops.mean(ops.softplus(logits) - x * logits)
# %% check-2-2: you added the floor
def bce_excess(x, logits):
    safe = ops.clip(x, 1e-7, 1 - 1e-7)
    floor = -x * ops.log(safe) - (1 - x) * ops.log(1 - safe)
    return ops.mean(ops.softplus(logits) - x * logits + floor)
# %% check-2-2: you took the sum
def bce_excess(x, logits):
    safe = ops.clip(x, 1e-7, 1 - 1e-7)
    floor = -x * ops.log(safe) - (1 - x) * ops.log(1 - safe)
    return ops.sum(ops.softplus(logits) - x * logits - floor)
# %% check-2-2: Is there a ln 0
def bce_excess(x, logits):
    return ops.mean(ops.softplus(logits) - x * logits + x * ops.log(x) + (1 - x) * ops.log(1 - x))
# %% check-2-3: not the SUM of the pieces
def accumulated_step(model, optimizer, x, size):
    total, loss = [tf.zeros_like(w) for w in model.trainable_weights], 0.0
    for start in range(0, len(x), size):
        piece = x[start : start + size]
        with tf.GradientTape() as tape:
            error = tf.reduce_mean((piece - model(piece)) ** 2)
        total = [t + g for t, g in zip(total, tape.gradient(error, model.trainable_weights))]
        loss += float(error) * len(piece) / len(x)
    optimizer.apply_gradients(zip(total, model.trainable_weights))
    return loss
# %% check-2-3: a small last piece must count less
def accumulated_step(model, optimizer, x, size):
    total, losses = [tf.zeros_like(w) for w in model.trainable_weights], []
    for start in range(0, len(x), size):
        piece = x[start : start + size]
        with tf.GradientTape() as tape:
            error = tf.reduce_mean((piece - model(piece)) ** 2)
        total = [t + g for t, g in zip(total, tape.gradient(error, model.trainable_weights))]
        losses.append(float(error))
    optimizer.apply_gradients(zip([t / len(losses) for t in total], model.trainable_weights))
    return float(np.mean(losses))
# %% check-2-3: steps of the optimizer; expected 1
def accumulated_step(model, optimizer, x, size):
    losses = []
    for start in range(0, len(x), size):
        piece = x[start : start + size]
        with tf.GradientTape() as tape:
            error = tf.reduce_mean((piece - model(piece)) ** 2)
        gradients = tape.gradient(error, model.trainable_weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_weights))
        losses.append(float(error))
    return float(np.mean(losses))
# %% check-2-3: images at a time; only 5 are allowed
def accumulated_step(model, optimizer, x, size):
    with tf.GradientTape() as tape:
        error = tf.reduce_mean((x - model(x)) ** 2)
    gradients = tape.gradient(error, model.trainable_weights)
    optimizer.apply_gradients(zip(gradients, model.trainable_weights))
    return float(error)
# %% check-2-3: is the last piece lost
def accumulated_step(model, optimizer, x, size):
    pieces = len(x) // size
    total, loss = [tf.zeros_like(w) for w in model.trainable_weights], 0.0
    for i in range(pieces):
        piece = x[i * size : (i + 1) * size]
        with tf.GradientTape() as tape:
            error = tf.reduce_mean((piece - model(piece)) ** 2)
        total = [t + g / pieces for t, g in zip(total, tape.gradient(error, model.trainable_weights))]
        loss += float(error) / pieces
    optimizer.apply_gradients(zip(total, model.trainable_weights))
    return loss
# %% check-2-3: before the step
def accumulated_step(model, optimizer, x, size):
    total = [tf.zeros_like(w) for w in model.trainable_weights]
    for start in range(0, len(x), size):
        piece = x[start : start + size]
        with tf.GradientTape() as tape:
            error = tf.reduce_sum((piece - model(piece)) ** 2) / x.size
        total = [t + g for t, g in zip(total, tape.gradient(error, model.trainable_weights))]
    optimizer.apply_gradients(zip(total, model.trainable_weights))
    pieces = [model(x[start : start + size]) for start in range(0, len(x), size)]
    return float(((np.concatenate(pieces) - x) ** 2).mean())
# %% check-2-4: cuts across the empty middle
def walk(start, end, codes, steps):
    return np.linspace(start, end, steps)
# %% check-2-4: the steps differ in length
def walk(start, end, codes, steps):
    points = np.vstack([start, end, codes])
    graph = kneighbors_graph(points, 10, mode="distance")
    graph.data **= 2
    _, before = dijkstra(graph, directed=False, indices=0, return_predecessors=True)
    path = [1]
    while path[-1] != 0:
        path.append(before[path[-1]])
    stones = points[path[::-1]]
    return np.vstack([stones[: steps - 1], stones[-1:]])
# %% check-2-4: the steps differ in length
def walk(start, end, codes, steps):
    line = np.linspace(start, end, steps)[1:-1]
    nearest = codes[((line[:, None] - codes) ** 2).sum(axis=2).argmin(axis=1)]
    return np.vstack([start, nearest, end])
# %% check-2-4: begin at start itself
def walk(start, end, codes, steps):
    line = np.linspace(start, end, steps + 2)[1:-1]
    return codes[((line[:, None] - codes) ** 2).sum(axis=2).argmin(axis=1)]
# %% check-2-5: eight numbers for each digit
def design(x):
    encoder, decoder, _ = models.build_autoencoder(x, 16)
    return encoder, decoder, 5e-3
# %% check-2-5: at most 50,000 are allowed
def design(x):
    encoder, decoder, _ = models.build_autoencoder(x, 8)
    return encoder, decoder, 5e-3
# %% check-2-5: Does it bend enough
def design(x):
    encoder = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(8)])
    decoder = keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(784, activation="sigmoid", bias_initializer=keras.initializers.Constant(models.mean_logit(x))),
            layers.Reshape((28, 28, 1)),
        ]
    )
    return encoder, decoder, 3e-3
# %% check-2-5: end with a sigmoid
def design(x):
    encoder = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(8)])
    decoder = keras.Sequential([keras.Input((8,)), layers.Dense(784), layers.Reshape((28, 28, 1))])
    return encoder, decoder, 3e-3
