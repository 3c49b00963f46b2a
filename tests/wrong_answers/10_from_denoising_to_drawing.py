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


# %% check-10-2: is the time of the second one later
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


# %% check-10-2: expected (2, 2): only the end
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


# %% check-10-3: expected (6, 27): place, time, label
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


# %% check-10-5: these are copies with a little noise
def build_generator(z, y, z_val, y_val):
    rng = np.random.default_rng(0)
    near = 0.1 * rng.standard_normal((2000, 16))
    return lambda label: near + np.stack([rng.choice(z[y == digit]) for digit in label])


# %% check-10-5: are read as asked
def build_generator(z, y, z_val, y_val):
    drawn = GaussianMixture(40, random_state=0).fit(z.astype(float)).sample(2000)[0]
    return lambda label: np.random.default_rng(0).permutation(drawn)


# %% check-10-5: times the rival's distance; wanted: 0.75
def build_generator(z, y, z_val, y_val):
    middle = np.stack([z[y == digit].mean(axis=0) for digit in range(10)])
    near = 0.5 * np.random.default_rng(0).standard_normal((2000, 16))
    return lambda label: middle[label] + near


# %% check-10-5: expected (2000, 16)
def build_generator(z, y, z_val, y_val):
    return lambda label: bells(z, y, label)[:100]
