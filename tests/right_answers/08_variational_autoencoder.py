# %% check-8-0
answers = {"a": "A", "b": "B", "c": "C", "d": "A"}
# %% check-8-0
for question, letter in zip("abcd", "abca"):
    answers[question] = letter
# %% check-8-1
def price_of(name):
    return sum((s**2 + m**2 - 1 - 2 * np.log(s)) / 2 for m, s in clouds[name])
order = sorted(clouds, key=price_of)
silent = {beta for beta in weights if beta > 4}
# %% check-8-1
order = tuple(
    "the prior itself,half as wide,moved by 1,twice as wide,moved by 1 in both of two numbers,a tenth as wide,moved by 2".split(",")
)
silent = (8.0, 5.0)
# %% check-8-2
def kl_between(mean_a, log_var_a, mean_b, log_var_b):
    mean_a, log_var_a, mean_b, log_var_b = np.broadcast_arrays(mean_a, log_var_a, mean_b, log_var_b)
    total = np.zeros(mean_a.shape[:-1])
    for i in range(mean_a.shape[-1]):
        s_a, s_b = np.exp(log_var_a[..., i] / 2), np.exp(log_var_b[..., i] / 2)
        way = mean_a[..., i] - mean_b[..., i]
        total += np.log(s_b / s_a) + (s_a**2 + way**2) / (2 * s_b**2) - 0.5
    return total
# %% check-8-2
def kl_between(mean_a, log_var_a, mean_b, log_var_b):
    m_a, l_a, m_b, l_b = (tf.cast(x, tf.float32) for x in (mean_a, log_var_a, mean_b, log_var_b))
    # moved and stretched, so that b is the prior
    mean, log_var = (m_a - m_b) / tf.exp(l_b / 2), l_a - l_b
    return tf.reduce_sum(tf.exp(log_var) + mean**2 - 1 - log_var, axis=-1) / 2
# %% check-8-3
def negative_elbo(encoder, decoder, x, label, noise):
    answer = encoder([x, label], training=True)
    mean, log_var = answer[:, :4], answer[:, 4:]
    z = mean + tf.sqrt(tf.exp(log_var)) * noise
    error = tf.reduce_sum(keras.losses.binary_crossentropy(x, decoder([z, label], training=True)), axis=(1, 2))
    kl = tf.reduce_sum(0.5 * (tf.exp(log_var) + tf.square(mean) - 1 - log_var), axis=1)
    return tf.reduce_mean(error) + tf.reduce_mean(kl)
def ask(decoder, digit, n, rng):
    label = np.zeros((n, 10), "float32")
    label[:, digit] = 1
    return decoder.predict([rng.normal(size=(n, 4)), label], verbose=0)
# %% check-8-3
def negative_elbo(encoder, decoder, x, label, noise):
    mean, log_var = ops.split(encoder((x, label)), 2, axis=1)
    sigma = ops.exp(0.5 * log_var)
    x_hat = ops.clip(decoder((mean + sigma * noise, label)), 1e-7, 1 - 1e-7)
    error = -ops.sum(x * ops.log(x_hat) + (1 - x) * ops.log(1 - x_hat))
    return (error + ops.sum(kl_to_prior(mean, log_var))) / ops.cast(ops.shape(noise)[0], "float32")
def ask(decoder, digit, n, rng):
    images = []
    for _ in range(n):  # one by one
        z = rng.standard_normal(4, dtype="float32")[None]
        images.append(decoder([z, np.eye(10, dtype="float32")[[digit]]])[0])
    return np.array(images)
# %% check-8-4
from sklearn.neighbors import KernelDensity
def build_generator(x, x_val):
    model = keras.Sequential(
        [keras.Input((14, 14, 1)), layers.Flatten(), layers.Dense(192, "elu"), layers.Dense(64, "elu")]
        + [layers.Dense(16), layers.Dense(64, "elu"), layers.Dense(192, "elu")]
        + [layers.Dense(196, "sigmoid"), layers.Reshape((14, 14, 1))]
    )
    model.compile(keras.optimizers.Adam(2e-3), loss="binary_crossentropy")
    model.fit(x, x, batch_size=64, epochs=15, verbose=0)
    encoder = keras.Sequential(model.layers[:4])
    decoder = keras.Sequential(model.layers[4:])
    codes, codes_val = encoder.predict(x, verbose=0), encoder.predict(x_val, verbose=0)
    widths = np.linspace(0.1, 0.6, 6) * codes.std()
    best = max(widths, key=lambda w: KernelDensity(bandwidth=w).fit(codes).score(codes_val))
    return encoder, decoder, lambda n: KernelDensity(bandwidth=best).fit(codes).sample(n, random_state=0)
# %% check-8-4
def build_generator(x, x_val):
    pixels = x.reshape(len(x), -1)
    vae_like = keras.Sequential([keras.Input((14, 14, 1)), layers.GaussianNoise(0.1), layers.Flatten()])
    for units in (256, 128):
        vae_like.add(layers.Dense(units, "silu"))
    vae_like.add(layers.Dense(16))
    start = keras.Input((16,))
    y = layers.Dense(128, "silu")(start)
    y = layers.Dense(256, "silu")(y)
    decoder = keras.Model(start, layers.Reshape((14, 14, 1))(layers.Dense(196, "sigmoid")(y)))
    training.train(keras.Sequential([vae_like, decoder]), x, x, epochs, batch_size=64, rate=5e-3)
    codes = vae_like.predict(x, verbose=0).astype(float)
    mixture = GaussianMixture(15, covariance_type="full", reg_covar=1e-3, random_state=3).fit(codes)
    def draw(n):
        rng, picked = np.random.default_rng(0), []
        for bell in rng.choice(15, n, p=mixture.weights_):
            root = np.linalg.cholesky(mixture.covariances_[bell])
            picked.append(mixture.means_[bell] + root @ rng.standard_normal(16))
        return np.array(picked)
    return (lambda x: vae_like(x)), (lambda z: decoder(z)), draw
