# %% check-10-0
answers = {"a": "B", "b": "B", "c": "C", "d": "C", "e": "B"}
# %% check-10-0
for question, letter in zip("abcde", "bbccb"):
    answers[question] = letter
# %% check-10-1
from scipy.special import softmax
def exact_velocity(x, t, data):
    gap = x[:, None] - t * data[None]  # (n, m, d)
    weight = softmax(-(gap**2).sum(axis=-1) / (2 * (1 - t) ** 2), axis=1)
    return (weight[..., None] * (data[None] - x[:, None])).sum(axis=1) / (1 - t)
# %% check-10-1
import tensorflow as tf
def exact_velocity(x, t, data):
    x, data = tf.cast(x, tf.float32), tf.cast(data, tf.float32)
    # |x - t c|^2 without |x|^2, which all weights have in common
    logit = (2 * t * x @ tf.transpose(data) - t**2 * tf.reduce_sum(data**2, axis=1)) / (2 * (1 - t) ** 2)
    return (tf.nn.softmax(logit) @ data - x) / (1 - t)
# %% check-10-1
from scipy.special import logsumexp
def exact_velocity(x, t, data):
    v = []
    for place in x:
        log = np.array([-np.sum((place - t * c) ** 2) / (2 * (1 - t) ** 2) for c in data])
        weight = np.exp(log - logsumexp(log))
        v.append((sum(w * c for w, c in zip(weight, data)) - place) / (1 - t))
    return np.array(v)
# %% check-10-2
def walk(velocity, x, steps):
    times = np.linspace(0, 1, steps + 1)
    for now, later in zip(times[:-1], times[1:]):
        first = velocity(x, now)
        ahead = x + (later - now) * first
        x = 0.5 * (x + ahead + (later - now) * velocity(ahead, later))
    return x
# %% check-10-2
import tensorflow as tf
def walk(velocity, x, steps):
    x, h = tf.constant(x, tf.float64), tf.constant(1 / steps, tf.float64)
    for k in range(steps):
        here = velocity(x, k / steps)
        there = velocity(x + h * here, (k + 1) / steps)
        x = x + h * tf.reduce_mean(tf.stack([here, there]), axis=0)
    return x
# %% check-10-2
def walk(velocity, x, steps, done=0):
    if done == steps:
        return x
    here = velocity(x, done / steps)
    there = velocity(x + here / steps, (done + 1) / steps)
    return walk(velocity, x + (here + there) / (2 * steps), steps, done + 1)
# %% check-10-3
def steered(network, z, t, label, w):
    # Both questions in one.
    on = keras.utils.to_categorical(label, 10)
    inputs = np.vstack([np.c_[z, np.repeat(t, len(z)), answer] for answer in (on, np.zeros_like(on))])
    with_label, without = np.split(np.asarray(network(inputs)), 2)
    return (1 + w) * with_label - w * without
w_none = -1.0
# %% check-10-3
import tensorflow as tf
def steered(network, z, t, label, w):
    place = tf.cast(z, tf.float32)
    time = tf.fill((len(z), 1), tf.cast(t, tf.float32))
    v_label = network(tf.concat([place, time, tf.one_hot(label, 10)], axis=1))
    v_none = network(tf.concat([place, time, tf.zeros((len(z), 10))], axis=1))
    return v_none + (1 + w) * (v_label - v_none)
w_none = np.array(-1)
# %% check-10-4
def relatives(z, t, velocity, rng):
    # Steps of its own, one question each.
    x, steps = rng.normal(0, 1 - t, z.shape) + t * z, 40
    for k in range(steps):
        x = x + (1 - t) / steps * velocity(x, t + k * (1 - t) / steps)
    return x
# %% check-10-4
import tensorflow as tf
def relatives(z, t, velocity, rng):
    noise = tf.random.stateless_normal(z.shape, seed=rng.integers(0, 2**31, 2))
    place = (1 - t) * noise + t * tf.cast(z, tf.float32)
    return follow(velocity, place.numpy(), t, 30).tolist()
# %% check-10-5
def build_generator(z, y, z_val, y_val):
    # A flow that is told the label, without guidance.
    copies = max(1, 80_000 // len(z))
    places, velocity = on_lines(z, copies, np.random.default_rng(0))
    network = learn(np.hstack([places, np.tile(np.eye(10)[y], (copies, 1))]), velocity)
    rng = np.random.default_rng(2)

    def draw(label):
        on = np.eye(10)[label]
        steer = lambda x, t: network(np.hstack([x, np.full((len(x), 1), t), on]).astype("float32")).numpy()
        return follow(steer, rng.standard_normal((len(label), 16)))

    return draw
# %% check-10-5
def build_generator(z, y, z_val, y_val):
    # Some bells for each digit; how many, the likelihood of the validation codes says.
    fits = {}
    for digit in range(10):
        own, asked_of = z[y == digit].astype(float), z_val[y_val == digit].astype(float)
        tried = [GaussianMixture(k, covariance_type="full", reg_covar=1e-2, random_state=0).fit(own) for k in (2, 4, 6)]
        fits[digit] = max(tried, key=lambda fit: fit.score(asked_of))

    def draw(label):
        codes = np.empty((len(label), 16))
        for digit in np.unique(label):
            codes[label == digit] = fits[digit].sample(int((label == digit).sum()))[0]
        return codes

    return draw
