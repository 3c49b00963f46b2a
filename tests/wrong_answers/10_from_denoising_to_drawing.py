# %% check-10-0: the mean of both
answers.update(a="A", b="B", c="C", d="C", e="B")


# %% check-10-0: the place says nothing yet
answers.update(a="B", b="A", c="C", d="C", e="B")


# %% check-10-0: half way to look and then to go: 40 times
answers.update(a="B", b="B", c="B", d="C", e="B")


# %% check-10-0: the distance is least near 0.25
answers.update(a="B", b="B", c="C", d="A", e="B")


# %% check-10-0: copies have to be looked for apart
answers.update(a="B", b="B", c="C", d="C", e="C")


# %% check-10-0: to 'A', 'B' or 'C'
answers.update(a="B", b=1, c=40, d="C", e="B")


# %% check-10-1: divide by 1 - t
def exact_velocity(x, t, data):
    log_weight = -cdist(x, t * data, "sqeuclidean") / (2 * (1 - t) ** 2)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    return weight @ data / weight.sum(axis=1, keepdims=True) - x


# %% check-10-1: you go to the nearest point
def exact_velocity(x, t, data):
    return (data[cdist(x, t * data).argmin(axis=1)] - x) / (1 - t)


# %% check-10-1: one stands around t c, not around c
def exact_velocity(x, t, data):
    log_weight = -cdist(x, data, "sqeuclidean") / (2 * (1 - t) ** 2)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    return (weight @ data / weight.sum(axis=1, keepdims=True) - x) / (1 - t)


# %% check-10-1: has the standard deviation 1 - t
def exact_velocity(x, t, data):
    weight = np.exp(-cdist(x, t * data, "sqeuclidean") / 2)
    return (weight @ data / weight.sum(axis=1, keepdims=True) - x) / (1 - t)


# %% check-10-1: subtract the largest logarithm
def exact_velocity(x, t, data):
    with np.errstate(all="ignore"):
        weight = np.exp(-cdist(x, t * data, "sqeuclidean") / (2 * (1 - t) ** 2))
        return (weight @ data / weight.sum(axis=1, keepdims=True) - x) / (1 - t)


# %% check-10-2: two questions a step are 20
def walk(velocity, x, steps):
    for k in range(steps):
        x = x + velocity(x, k / steps) / steps
    return x


# %% check-10-2: comes after the whole step, at the later time
def walk(velocity, x, steps):
    h = 1 / steps
    for k in range(steps):
        here = velocity(x, k * h)
        x = x + h * (here + velocity(x + h * here, k * h)) / 2
    return x


# %% check-10-2: take the MEAN
def walk(velocity, x, steps):
    h = 1 / steps
    for k in range(steps):
        here = velocity(x, k * h)
        x = x + h * (here + velocity(x + h * here, (k + 1) * h))
    return x


# %% check-10-2: a rule of second order makes it 4 times smaller
def walk(velocity, x, steps):
    h = 1 / steps
    for k in range(steps):
        here = velocity(x, k * h)
        velocity(x + h * here, (k + 1) * h)
        x = x + h * here
    return x


# %% check-10-2: expected (4, 3): only the end
def walk(velocity, x, steps):
    h, way = 1 / steps, [x]
    for k in range(steps):
        here = velocity(x, k * h)
        x = x + h * (here + velocity(x + h * here, (k + 1) * h)) / 2
        way.append(x)
    return np.stack(way)


# %% check-10-3: this leads away from the label
def steered(network, z, t, label, w):
    time, one_hot = np.full((len(z), 1), t), np.eye(10)[label]
    v_label = network(np.hstack([z, time, one_hot]))
    return v_label + w * (network(np.hstack([z, time, 0 * one_hot])) - v_label)


w_none = 1


# %% check-10-3: w = 0 must give the velocity WITH the label
def steered(network, z, t, label, w):
    time, one_hot = np.full((len(z), 1), t), np.eye(10)[label]
    v_none = network(np.hstack([z, time, 0 * one_hot]))
    return v_none + w * (network(np.hstack([z, time, one_hot])) - v_none)


w_none = 0


# %% check-10-3: expected (n, 27): place, time, label
def steered(network, z, t, label, w):
    time = np.full((len(z), 1), t)
    return network(np.hstack([z, time, label[:, None]]))


w_none = -1


# %% check-10-3: still hears the label
def steered(network, z, t, label, w):
    time, one_hot = np.full((len(z), 1), t), np.eye(10)[label]
    v_label = network(np.hstack([z, time, one_hot]))
    return v_label + w * (v_label - network(np.hstack([z, time, 0 * one_hot])))


w_none = 0


# %% check-10-3: is 'none' ten zeros
def steered(network, z, t, label, w):
    time, one_hot = np.full((len(z), 1), t), np.eye(10)[label]
    v_label = network(np.hstack([z, time, one_hot]))
    return v_label + w * (v_label - network(np.hstack([z, time, one_hot * 0 + 0.1])))


w_none = -1


# %% check-10-4: there is no noise in the relatives
def relatives(z, t, velocity, rng):
    return follow(velocity, t * z, start=t)


# %% check-10-4: the place belongs to time 0.75
def relatives(z, t, velocity, rng):
    return follow(velocity, (1 - t) * rng.standard_normal(z.shape) + t * z)


# %% check-10-4: t times the code
def relatives(z, t, velocity, rng):
    return follow(velocity, (1 - t) * rng.standard_normal(z.shape) + z, start=t)


# %% check-10-4: (1 - t) times
def relatives(z, t, velocity, rng):
    return follow(velocity, rng.standard_normal(z.shape) + t * z, start=t)


# %% check-10-4: all have the same noise
def relatives(z, t, velocity, rng):
    return follow(velocity, (1 - t) * rng.standard_normal(z.shape[1]) + t * z, start=t)


# %% check-10-5: it picks from a store
def build_generator(z, y, z_val, y_val):
    rng = np.random.default_rng(0)
    return lambda label: np.stack([rng.choice(z[y == digit][:100]) for digit in label])


# %% check-10-5: much closer to training codes
def build_generator(z, y, z_val, y_val):
    rng = np.random.default_rng(0)
    return lambda label: 0.1 * rng.standard_normal((len(label), 16)) + np.stack([rng.choice(z[y == digit]) for digit in label])


# %% check-10-5: are read as asked
def build_generator(z, y, z_val, y_val):
    drawn = GaussianMixture(40, random_state=0).fit(z.astype(float)).sample(2000)[0]
    drawn = np.random.default_rng(0).permutation(drawn)
    return lambda label: drawn[: len(label)]


# %% check-10-5: times the rival's distance; wanted: 0.85
def build_generator(z, y, z_val, y_val):
    middle = np.stack([z[y == digit].mean(axis=0) for digit in range(10)])
    rng = np.random.default_rng(0)
    return lambda label: middle[label] + 0.4 * rng.standard_normal((len(label), 16))


# %% check-10-5: expected (4, 16)
def build_generator(z, y, z_val, y_val):
    return lambda label: bells(z, y, label)[:1]


# %% check-10-1: A TypeError came instead
def exact_velocity(x, t, data):
    return (x - data(t)) / (1 - t)


# %% check-10-1: to a point at 2, in the time that is left
def exact_velocity(x, t, data):
    return data.mean(axis=0) - x


# %% check-10-1: all points weigh the same
def exact_velocity(x, t, data):
    return (data.mean(axis=0) - x) / (1 - t)


# %% check-10-2: comes after the whole step
def walk(velocity, x, steps):
    # The lesson's midpoint rule: as good, and another one.
    h = 1 / steps
    for k in range(steps):
        middle = x + h / 2 * velocity(x, k * h)
        x = x + h * velocity(middle, (k + 0.5) * h)
    return x


# %% check-10-2: one gets from 0 to 1, not to 2
def walk(velocity, x, steps):
    for k in range(2 * steps):
        x = x + velocity(x, k / steps / 2) / steps
    return x


# %% check-10-3: cannot be steered
def steered(network, z, t, label, w):
    return (1 + w) * np.asarray(network(np.hstack([z, np.full((len(z), 1), t), np.eye(10)[label]])))


w_none = -1


# %% check-10-3: A TypeError came instead
def steered(network, z, t, label, w):
    return network(z)


w_none = None


# %% check-10-4: the rng that is given
def relatives(z, t, velocity, rng):
    noise = np.random.default_rng().standard_normal(z.shape)
    return follow(velocity, (1 - t) * noise + t * z, start=t)


# %% check-10-4: the rng that is given
def relatives(z, t, velocity, rng):
    noise = np.random.default_rng(0).standard_normal(z.shape)
    return follow(velocity, (1 - t) * noise + t * z, start=t)


# %% check-10-4: share their noise
def relatives(z, t, velocity, rng):
    return follow(velocity, (1 - t) * rng.standard_normal((len(z), 1)) + t * z, start=t)


# %% check-10-4: A TypeError came instead
def relatives(z, t, velocity, rng):
    return follow(velocity, z + rng, start=t)


# %% check-10-5: much closer to validation codes
def build_generator(z, y, z_val, y_val):
    rng = np.random.default_rng(0)
    return lambda label: 0.2 * rng.standard_normal((len(label), 16)) + np.stack(
        [rng.choice(z_val[y_val == digit]) for digit in label]
    )


# %% check-10-5: much closer to test codes
def build_generator(z, y, z_val, y_val):
    rng, store, of = np.random.default_rng(0), encode(digits.x_test), digits.y_test
    return lambda label: 0.2 * rng.standard_normal((len(label), 16)) + np.stack(
        [rng.choice(store[of == digit]) for digit in label]
    )


# %% check-10-5: A TypeError came instead
def build_generator(z, y, z_val, y_val):
    return bells(z, y, y)
