# %% check-9-0
answers = {"a": "C", "b": "B", "c": "B", "d": "B", "e": "B"}
# %% check-9-0
for question, letter in zip("abcde", "cbbbb"):
    answers[question] = letter
# %% check-9-1
def make_batches(n, read, spoil, batch):
    numbers = tf.data.Dataset.from_tensor_slices(np.arange(n))
    stored = numbers.map(read, num_parallel_calls=2).cache()
    mixed = stored.shuffle(10 * n, reshuffle_each_iteration=True).batch(batch)
    return mixed.map(lambda x: (tf.map_fn(spoil, x), x)).prefetch(tf.data.AUTOTUNE)
# %% check-9-1
def make_batches(n, read, spoil, batch):
    images = tf.stack([read(tf.constant(i, tf.int64)) for i in range(n)])  # all in memory
    order = tf.data.Dataset.range(n).shuffle(n)
    pairs = order.map(lambda i: tf.gather(images, i)).map(lambda x: (spoil(x), x))
    return pairs.batch(batch).prefetch(1)
# %% check-9-2
def halve(curves, rungs):
    curves = np.asarray(curves)
    running = [True] * len(curves)
    trained = 0
    for epoch in range(curves.shape[1]):
        trained += sum(running)
        if epoch + 1 in rungs:
            ranked = sorted((error, i) for i, error in enumerate(curves[:, epoch]) if running[i])
            for _, i in ranked[math.ceil(len(ranked) / 2):]:
                running[i] = False
    return np.argmin(np.where(running, curves[:, -1], np.inf)), trained
late = [[1] * 8, [2] * 8, [3] * 8, [4, 4, 4, 4, 4, 4, 4, 0.5]]
# %% check-9-2
def halve(curves, rungs, start=0):
    names = np.arange(len(curves))
    if not rungs:
        return int(names[curves[:, -1].argmin()]), len(curves) * (curves.shape[1] - start)
    first, *others = rungs
    order = np.lexsort((names, curves[:, first - 1]))[: (len(curves) + 1) // 2]
    order.sort()
    best, trained = halve(curves[order], others, first)
    return order[best], trained + len(curves) * (first - start)
late = np.full((4, 8), 5.0)
late[0] = np.geomspace(9, 0.01, 8)
late[1:, 0] = 1
# %% check-9-3
def all_reduce(vectors, ring):
    n, d = len(vectors), len(vectors[0])
    size = -(-d // n)
    own = [np.pad(np.asarray(v, float), (0, n * size - d)).reshape(n, size) for v in vectors]
    for k in range(2 * (n - 1)):
        came = ring.pass_on([own[w][(w - k) % n].copy() for w in range(n)])
        for w in range(n):
            row = (w - 1 - k) % n
            own[w][row] = came[w] + (own[w][row] if k < n - 1 else 0)
    return [table.ravel()[:d] for table in own]
# %% check-9-3
def all_reduce(vectors, ring):
    n = len(vectors)
    edges = [len(vectors[0]) * p // n for p in range(n + 1)]
    cut = [slice(a, b) for a, b in zip(edges, edges[1:])]
    moving = [vectors[w][cut[w]] for w in range(n)]
    for k in range(1, n):  # a part wanders, and each worker adds its own to it
        came = ring.pass_on(moving)
        moving = [came[w] + vectors[w][cut[(w - k) % n]] for w in range(n)]
    done = [np.zeros(len(vectors[0])) for _ in range(n)]
    for k in range(n):
        for w in range(n):
            done[w][cut[(w - n + 1 - k) % n]] = moving[w]
        if k < n - 1:
            moving = ring.pass_on(moving)
    return [tf.constant(v) for v in done]
# %% check-9-4
def hours(trials, minutes, at_once, kept=1.0, start=0.0):
    left, spent = trials, start
    while left > 0:
        left, spent = left - at_once, spent + minutes * kept
    return spent / 60
plan.update(offer="small", machines=10, kept=1)
plan["hours"] = hours(1020, 20, 40, 1, 3)
plan["dollars"] = 10 * 0.2 * plan["hours"]
plan["risk"] = "Nobody has measured that a trial takes twenty minutes on these cores with three others beside it; I would hire one machine for an hour, run four trials at once, and time them before anything else."
# %% check-9-4
def hours(trials, minutes, at_once, kept=1.0, start=0.0):
    return (start + np.ceil(trials / at_once) * minutes * kept) / 60
plan = {"offer": "large, may be taken away at any time", "machines": 2, "kept": 0.5}
plan["hours"] = float(hours(1020, 20, 64, 0.5, 5))
plan["dollars"] = plan["hours"] * 2 * 0.5
plan["risk"] = "The machines may be taken away so often that more than one trial in fifty has to be repeated, and then the hours grow. A run of an hour on one of them counts how often that happens to us."
