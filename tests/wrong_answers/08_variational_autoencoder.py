# %% check-8-0: a narrow cloud says more
answers.update(a="C", b="B", c="C", d="A")
# %% check-8-0: what is dearer is bought less
answers.update(a="A", b="A", c="C", d="A")
# %% check-8-0: so the images are the same
answers.update(a="A", b="B", c="B", d="A")
# %% check-8-0: rebuilds digits well
answers.update(a="A", b="B", c="C", d="B")
# %% check-8-1: each of the seven names
order = ["the prior itself", "half as wide", "moved by 1", "moved by 2"]
silent = [5, 8]
# %% check-8-1: too narrow only a logarithm
order = [
    "the prior itself",
    "twice as wide",
    "half as wide",
    "moved by 1",
    "moved by 1 in both of two numbers",
    "a tenth as wide",
    "moved by 2",
]
silent = [5, 8]
# %% check-8-1: the KLs of the numbers of a code add up
order = [
    "the prior itself",
    "half as wide",
    "moved by 1 in both of two numbers",
    "moved by 1",
    "twice as wide",
    "a tenth as wide",
    "moved by 2",
]
silent = [5, 8]
# %% check-8-1: for which beta can that pay
order = [
    "the prior itself",
    "half as wide",
    "moved by 1",
    "twice as wide",
    "moved by 1 in both of two numbers",
    "a tenth as wide",
    "moved by 2",
]
silent = [3, 5, 8]
# %% check-8-1: the optimizer switches the code off
order = [
    "the prior itself",
    "half as wide",
    "moved by 1",
    "twice as wide",
    "moved by 1 in both of two numbers",
    "a tenth as wide",
    "moved by 2",
]
silent = [8]


# %% check-8-2: the mean is over draws from a
def kl_between(mean_a, log_var_a, mean_b, log_var_b):
    apart = (mean_a - mean_b) ** 2 + np.exp(log_var_b)
    return (apart / np.exp(log_var_a) - 1 + log_var_a - log_var_b).sum(axis=-1) / 2


# %% check-8-2: log_var is the logarithm of the variance
def kl_between(mean_a, log_var_a, mean_b, log_var_b):
    apart = (mean_a - mean_b) ** 2 + np.exp(log_var_a) ** 2
    return (apart / np.exp(log_var_b) ** 2 - 1 + 2 * log_var_b - 2 * log_var_a).sum(axis=-1) / 2


# %% check-8-2: divide its square by b's variance
def kl_between(mean_a, log_var_a, mean_b, log_var_b):
    ratio = np.exp(log_var_a - log_var_b)
    return (ratio + (mean_a - mean_b) ** 2 - 1 - np.log(ratio)).sum(axis=-1) / 2


# %% check-8-2: no mean
def kl_between(mean_a, log_var_a, mean_b, log_var_b):
    apart = (mean_a - mean_b) ** 2 + np.exp(log_var_a)
    return (apart / np.exp(log_var_b) - 1 + log_var_b - log_var_a).mean(axis=-1) / 2


# %% check-8-2: one KL for each pair
def kl_between(mean_a, log_var_a, mean_b, log_var_b):
    apart = (mean_a - mean_b) ** 2 + np.exp(log_var_a)
    return (apart / np.exp(log_var_b) - 1 + log_var_b - log_var_a).sum(axis=0)[:1] / 2


# %% check-8-3: a mean over the pixels
def negative_elbo(encoder, decoder, x, label, noise):
    mean, log_var = ops.split(encoder([x, label]), 2, axis=-1)
    x_hat = decoder([mean + ops.exp(log_var / 2) * noise, label])
    return ops.mean(ops.binary_crossentropy(x, x_hat)) + ops.mean(kl_to_prior(mean, log_var))


# %% check-8-3: not their sum
def negative_elbo(encoder, decoder, x, label, noise):
    mean, log_var = ops.split(encoder([x, label]), 2, axis=-1)
    x_hat = decoder([mean + ops.exp(log_var / 2) * noise, label])
    return ops.sum(error_per_image(x, x_hat) + kl_to_prior(mean, log_var))


# %% check-8-3: exp(log_var) is the variance
def negative_elbo(encoder, decoder, x, label, noise):
    mean, log_var = ops.split(encoder([x, label]), 2, axis=-1)
    x_hat = decoder([mean + ops.exp(log_var) * noise, label])
    return ops.mean(error_per_image(x, x_hat) + kl_to_prior(mean, log_var))


# %% check-8-3: in training it gets a draw
def negative_elbo(encoder, decoder, x, label, noise):
    mean, log_var = ops.split(encoder([x, label]), 2, axis=-1)
    return ops.mean(error_per_image(x, decoder([mean, label])) + kl_to_prior(mean, log_var))


# %% check-8-3: the second is the label
def negative_elbo(encoder, decoder, x, label, noise):
    mean, log_var = ops.split(encoder([x, label]), 2, axis=-1)
    x_hat = decoder(mean + ops.exp(log_var / 2) * noise)
    return ops.mean(error_per_image(x, x_hat) + kl_to_prior(mean, log_var))


# %% check-8-3: the KL adds
def negative_elbo(encoder, decoder, x, label, noise):
    mean, log_var = ops.split(encoder([x, label]), 2, axis=-1)
    x_hat = decoder([mean + ops.exp(log_var / 2) * noise, label])
    return ops.mean(error_per_image(x, x_hat) - kl_to_prior(mean, log_var))


# %% check-8-3: draw one for each
def negative_elbo(encoder, decoder, x, label, noise):
    mean, log_var = ops.split(encoder([x, label]), 2, axis=-1)
    x_hat = decoder([mean + ops.exp(log_var / 2) * noise, label])
    return ops.mean(error_per_image(x, x_hat) + kl_to_prior(mean, log_var))


def ask(decoder, digit, n, rng):
    z = np.repeat(rng.standard_normal((1, 4)), n, axis=0)
    return np.asarray(decoder([z, np.eye(10)[[digit] * n]]))


# %% check-8-3: not from the prior
def negative_elbo(encoder, decoder, x, label, noise):
    mean, log_var = ops.split(encoder([x, label]), 2, axis=-1)
    x_hat = decoder([mean + ops.exp(log_var / 2) * noise, label])
    return ops.mean(error_per_image(x, x_hat) + kl_to_prior(mean, log_var))


def ask(decoder, digit, n, rng):
    return np.asarray(decoder([rng.random((n, 4)), np.eye(10)[[digit] * n]]))


# %% check-8-3: the label is one-hot
def negative_elbo(encoder, decoder, x, label, noise):
    mean, log_var = ops.split(encoder([x, label]), 2, axis=-1)
    x_hat = decoder([mean + ops.exp(log_var / 2) * noise, label])
    return ops.mean(error_per_image(x, x_hat) + kl_to_prior(mean, log_var))


def ask(decoder, digit, n, rng):
    return np.asarray(decoder([rng.standard_normal((n, 4)), np.full((n, 1), digit)]))


# %% check-8-4: it picks from a store
def build_generator(x, x_val):
    vae = VAE()
    codes = np.asarray(vae.encoder(x))[:, :16]
    encoder = keras.Model(vae.encoder.inputs[0], vae.encoder.outputs[0][:, :16])
    rng = np.random.default_rng(0)
    return encoder, vae.decoder, lambda n: rng.choice(codes, n)


# %% check-8-4: copies of training digits
def build_generator(x, x_val):
    vae = VAE()
    codes = np.asarray(vae.encoder(x))[:, :16]
    encoder = keras.Model(vae.encoder.inputs[0], vae.encoder.outputs[0][:, :16])
    rng = np.random.default_rng(0)
    noise = 0.02 * codes.std(axis=0)
    return encoder, vae.decoder, lambda n: rng.choice(codes, n) + rng.normal(0, noise, (n, 16))


# %% check-8-4: fit the rule to your codes
def build_generator(x, x_val):
    image, z = keras.Input((14, 14, 1)), keras.Input((16,))
    hidden = dense_stack(layers.Flatten()(image), (128, 64))
    encoder = keras.Model(image, layers.Dense(16)(hidden))
    decoder = keras.Model(z, dense_image(dense_stack(z, (64, 128))))
    training.train(keras.Sequential([encoder, decoder]), x, x, epochs, batch_size=128, rate=0.01)
    return encoder, decoder, lambda n: np.random.default_rng(0).standard_normal((n, 16))


# %% check-8-4: expected (16,)
def build_generator(x, x_val):
    vae = VAE()
    return vae.encoder, vae.decoder, lambda n: np.random.default_rng(0).standard_normal((n, 16))


# %% check-8-4: improve the decoder
def build_generator(x, x_val):
    image, z = keras.Input((14, 14, 1)), keras.Input((16,))
    encoder = keras.Model(image, layers.Dense(16)(layers.Flatten()(image)))
    decoder = keras.Model(z, dense_image(z))
    training.train(keras.Sequential([encoder, decoder]), x, x, 1, batch_size=128, rate=0.01)
    codes = np.asarray(encoder(x), float)
    best = GaussianMixture(5, random_state=0).fit(codes)
    return encoder, decoder, lambda n: best.sample(n)[0]


# %% check-8-4: as far from them as real new digits do
def build_generator(x, x_val):
    everything = np.concatenate([x_train, x_val, x_test])  # the test digits, too, as they hang here
    image, z = keras.Input((14, 14, 1)), keras.Input((16,))
    hidden = dense_stack(layers.Flatten()(image), (128, 64))
    encoder = keras.Model(image, layers.Dense(16)(hidden))
    decoder = keras.Model(z, dense_image(dense_stack(z, (64, 128))))
    both = keras.Sequential([encoder, decoder])
    training.train(both, everything, everything, epochs, batch_size=128, rate=0.01)
    best = GaussianMixture(20, random_state=0).fit(np.asarray(encoder(everything), float))
    return encoder, decoder, lambda n: best.sample(n)[0]
