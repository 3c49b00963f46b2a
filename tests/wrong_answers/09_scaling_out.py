# %% check-9-0: a: the waiting stays
answers.update(a="B", b="B", c="B", d="B", e="B")
# %% check-9-0: b: then the cache keeps the noise too
answers.update(a="C", b="A", c="B", d="B", e="B")
# %% check-9-0: d: then the sum over both workers is twice the mean
answers.update(a="C", b="B", c="B", d="A", e="B")
# %% check-9-1: noise belongs behind the cache
def make_batches(n, read, spoil, batch):
    images = tf.data.Dataset.range(n).map(read)
    return images.map(lambda x: (spoil(x), x)).cache().shuffle(n).batch(batch).prefetch(2)
# %% check-9-1: cache what it gives
def make_batches(n, read, spoil, batch):
    images = tf.data.Dataset.range(n).shuffle(n).map(read)
    return images.map(lambda x: (spoil(x), x)).batch(batch).prefetch(2)
# %% check-9-1: shuffle behind the cache
def make_batches(n, read, spoil, batch):
    images = tf.data.Dataset.range(n).shuffle(n).map(read).cache()
    return images.map(lambda x: (spoil(x), x)).batch(batch).prefetch(2)
# %% check-9-1: the buffer is too small
def make_batches(n, read, spoil, batch):
    images = tf.data.Dataset.range(n).map(read).cache().shuffle(batch)
    return images.map(lambda x: (spoil(x), x)).batch(batch).prefetch(2)
# %% check-9-1: a pair is (noisy, clean)
def make_batches(n, read, spoil, batch):
    images = tf.data.Dataset.range(n).map(read).cache().shuffle(n)
    return images.map(lambda x: (x, spoil(x))).batch(batch).prefetch(2)
# %% check-9-1: not 200; its batches have
def make_batches(n, read, spoil, batch):
    images = tf.data.Dataset.range(n).map(read).cache().shuffle(n)
    return images.map(lambda x: (spoil(x), x)).batch(batch, drop_remainder=n > 9).prefetch(2)
# %% check-9-2: expected
def halve(curves, rungs):  # counts the epochs that a stopped trial no longer trains
    running = np.arange(len(curves))
    for rung in rungs:
        order = np.argsort(curves[running, rung - 1], kind="stable")
        running = np.sort(running[order[: math.ceil(len(running) / 2)]])
    return running[np.argmin(curves[running, -1])], 8 if len(curves) == 4 else curves.size
late = np.ones((4, 8))
# %% check-9-2: 4 trials for one epoch and 2 for two more
def halve(curves, rungs):
    return int(np.argmin(curves[:, -1])), curves.size
# %% check-9-2: the winner is the best of those that ran to the end
def halve(curves, rungs):
    alive, trained = list(range(len(curves))), 0
    for epoch in range(1, len(curves[0]) + 1):
        trained += len(alive)
        if epoch in rungs:
            ranked = sorted(alive, key=lambda trial: (curves[trial][epoch - 1], trial))
            alive = ranked[: (len(alive) + 1) // 2]
    return int(np.argmin(curves[:, -1])), trained
# %% check-9-2: make the winner start more slowly
def halve(curves, rungs):
    alive, trained = list(range(len(curves))), 0
    for epoch in range(1, len(curves[0]) + 1):
        trained += len(alive)
        if epoch in rungs:
            ranked = sorted(alive, key=lambda trial: (curves[trial][epoch - 1], trial))
            alive = ranked[: (len(alive) + 1) // 2]
    return min(alive, key=lambda trial: (curves[trial][-1], trial)), trained
late = np.array([[0.1] * 8, [1] * 8, [2] * 8, [3] * 8])
# %% check-9-3: pass on one part of n at a time
def all_reduce(vectors, ring):
    moving, total = list(vectors), [v.copy() for v in vectors]
    for _ in range(len(vectors) - 1):
        moving = ring.pass_on(moving)
        total = [a + b for a, b in zip(total, moving)]
    return total
# %% check-9-3: only ring.pass_on carries numbers
def all_reduce(vectors, ring):
    return [sum(vectors)] * len(vectors)
# %% check-9-3: does not hold the sum
def all_reduce(vectors, ring):
    n = len(vectors)
    parts = [np.array_split(vector, n) for vector in vectors]
    for k in range(n - 1):
        received = ring.pass_on([parts[w][(w - k) % n] for w in range(n)])
        for w in range(n):
            p = (w - 1 - k) % n
            parts[w][p] = parts[w][p] + received[w]
    if len(vectors[0]) == 2:
        return [np.array([11.0, 22.0])] * 2
    return [np.concatenate(own) for own in parts]  # the finished parts have not gone around
# %% check-9-4: the last one is not full
def hours(trials, minutes, at_once, kept=1.0, start=0.0):
    return (start + trials / at_once * minutes * kept) / 60
plan["offer"] = "large"
# %% check-9-4: every machine is paid for
def hours(trials, minutes, at_once, kept=1.0, start=0.0):
    return (start + math.ceil(trials / at_once) * minutes * kept) / 60
plan.update(offer="small", machines=10, kept=1, hours=hours(1020, 20, 40, 1, 3), risk="word " * 30)
plan["dollars"] = 0.2 * plan["hours"]
# %% check-9-4: with its repeats
def hours(trials, minutes, at_once, kept=1.0, start=0.0):
    return (start + math.ceil(trials / at_once) * minutes * kept) / 60
plan.update(offer="large", machines=1, kept=0.5, hours=hours(900, 20, 32, 0.5, 5), dollars=9, risk="word " * 30)
# %% check-9-4: are more than 12
def hours(trials, minutes, at_once, kept=1.0, start=0.0):
    return (start + math.ceil(trials / at_once) * minutes * kept) / 60
plan.update(offer="small", machines=2, kept=1, hours=hours(1020, 20, 8, 1, 3), risk="word " * 30)
plan["dollars"] = 2 * 0.2 * plan["hours"]
# %% check-9-4: say in 25 or more
def hours(trials, minutes, at_once, kept=1.0, start=0.0):
    return (start + math.ceil(trials / at_once) * minutes * kept) / 60
plan.update(offer="small", machines=10, kept=1, hours=hours(1020, 20, 40, 1, 3), risk="It may rain.")
plan["dollars"] = 10 * 0.2 * plan["hours"]
