# %% check-4-0: this network compresses nothing
answers.update(a="A", b="C", c="B", d="A", e="B")
# %% check-4-0: comes with more channels
answers.update(a="C", b="C", c="B", d="A", e="B")
# %% check-4-0: 10 log10
answers.update(a="B", b="B", c="B", d="A", e="B")
# %% check-4-0: x'(1 - x')
answers.update(a="B", b="C", c="C", d="A", e="B")
# %% check-4-0: an answer that is neither
answers.update(a="B", b="C", c="B", d="C", e="B")
# %% check-4-0: what the noise has drowned
answers.update(a="B", b="C", c="B", d="A", e="A")
# %% check-4-0: to 'A', 'B' or 'C'
answers = {"a": "B", "b": 10, "c": "B", "d": 0, "e": "B"}
# %% check-4-0: A KeyError came instead
answers = {"a": "B", "b": "C", "c": "B"}
# %% check-4-1: expected three means
mean_of = {"Gaussian": [0.16, 0.84], "salt and pepper": [0.2, 0.5, 0.8], "masking": [0, 0.3, 0.6]}
spread_on_black = 0.2335
# %% check-4-1: A KeyError came instead: 'masking'
mean_of = {"Gaussian": [0.16, 0.5, 0.84], "salt and pepper": [0.2, 0.5, 0.8], "mask": [0, 0.3, 0.6]}
spread_on_black = 0.2335
# %% check-4-1: Gaussian on 0: not 0. Think: clipping cuts
mean_of = {"Gaussian": [0, 0.5, 1], "salt and pepper": [0.2, 0.5, 0.8], "masking": [0, 0.3, 0.6]}
spread_on_black = 0.2335
# %% check-4-1: half turn white and half black
mean_of = {
    "Gaussian": [0.16, 0.5, 0.84],
    "salt and pepper": [0.4, 0.5, 0.6],
    "masking": [0, 0.3, 0.6],
}
spread_on_black = 0.2335
# %% check-4-1: a lost pixel is black
mean_of = {
    "Gaussian": [0.16, 0.5, 0.84],
    "salt and pepper": [0.2, 0.5, 0.8],
    "masking": [0.4, 0.7, 1],
}
spread_on_black = 0.2335
# %% check-4-1: 0.4 is the spread before clipping
mean_of = {
    "Gaussian": [0.16, 0.5, 0.84],
    "salt and pepper": [0.2, 0.5, 0.8],
    "masking": [0, 0.3, 0.6],
}
spread_on_black = 0.4
# %% check-4-1: take the square of the mean off
mean_of = {
    "Gaussian": [0.16, 0.5, 0.84],
    "salt and pepper": [0.2, 0.5, 0.8],
    "masking": [0, 0.3, 0.6],
}
spread_on_black = 0.283
# %% check-4-2: the brightness of the picture itself
def estimate_sigma(image):
    return image.std()
# %% check-4-2: a spread of √n σ
def estimate_sigma(image):
    return np.median(np.abs(np.diff(image))) / 0.6745
# %% check-4-2: a third too small
def estimate_sigma(image):
    return np.median(np.abs(np.diff(image))) / np.sqrt(2)
# %% check-4-2: Take a median
def estimate_sigma(image):
    return np.diff(image).std() / np.sqrt(2)
# %% check-4-3: hang together
def two_shots(clean, sigma, rng):
    return tuple(corruption.add_gaussian_noise(clean, sigma, 0, clip=False) for _ in range(2))
# %% check-4-3: clipping has given its noise a mean
def two_shots(clean, sigma, rng):
    return tuple(corruption.add_gaussian_noise(clean, sigma, rng) for _ in range(2))
# %% check-4-3: one of the two has no noise
def two_shots(clean, sigma, rng):
    return corruption.add_gaussian_noise(clean, sigma, rng, clip=False), clean
# %% check-4-3: one noise for all
def two_shots(clean, sigma, rng):
    noise = sigma * rng.standard_normal((2, *clean.shape[1:])).astype(clean.dtype)
    return clean + noise[0], clean + noise[1]
# %% check-4-4: yours is that of noisy
def best_share(noisy, denoised, clean):
    step = noisy - denoised
    return float(np.clip(np.sum(step * (clean - denoised)) / np.sum(step**2), 0, 1))
# %% check-4-4: the least error is at
def best_share(noisy, denoised, clean):
    shares = np.linspace(0, 1, 21)
    errors = [np.mean((w * denoised + (1 - w) * noisy - clean) ** 2) for w in shares]
    return float(shares[np.argmin(errors)])
# %% check-4-4: one number for all images
def best_share(noisy, denoised, clean):
    step = denoised - noisy
    axes = (1, 2, 3)
    return np.clip((step * (clean - noisy)).sum(axes) / (step**2).sum(axes), 0, 1)
# %% check-4-4: w stays in [0, 1]
def best_share(noisy, denoised, clean):
    step = denoised - noisy
    return float(np.sum(step * (clean - noisy)) / np.sum(step**2))
# %% check-4-5: the answer is the same for every digit
def train_denoiser(x, corrupt):
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Rescaling(0.0)])
# %% check-4-5: hands the noise through
def train_denoiser(x, corrupt):
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Rescaling(1.0)])
# %% check-4-5: behind the best filter
def train_denoiser(x, corrupt):
    return keras.Sequential([keras.Input((28, 28, 1)), layers.AveragePooling2D(3, 1, "same")])
# %% check-4-5: A TypeError came instead
def train_denoiser(x, corrupt):
    model = build_denoiser()
    return training.train(model, corrupt(x[:64], np.random.default_rng(0)), x[:64], epochs=1)
# %% check-4-2: chelsea
def estimate_sigma(image):
    return 0.1
# %% check-4-2: on a ramp
def estimate_sigma(image):
    return np.median(abs(image - np.median(image))) / 0.6745
# %% check-4-2: A TypeError came instead
def estimate_sigma(image):
    return np.diff(image)
# %% check-4-3: hang together
def two_shots(clean, sigma, rng):
    a, b = (sigma * rng.standard_normal(clean.shape) for _ in range(2))
    return clean + a, clean + 0.2 * a + np.sqrt(1 - 0.2**2) * b  # a little of the same
# %% check-4-3: neighboring pixels share their noise
def two_shots(clean, sigma, rng):
    return tuple(clean + sigma * rng.standard_normal((len(clean), 1, 1, 1)) for _ in range(2))
# %% check-4-3: draw from the rng that is given
def two_shots(clean, sigma, rng):
    own = np.random.default_rng(0)
    return tuple(clean + sigma * own.standard_normal(clean.shape) for _ in range(2))
# %% check-4-3: stays far behind
def two_shots(clean, sigma, rng):
    noise = sigma * rng.standard_normal(clean.shape)
    return clean + noise, clean + np.roll(noise, 1, axis=2)  # the same, one pixel further
# %% check-4-4: w stays in [0, 1]
def best_share(noisy, denoised, clean):
    step = denoised - noisy
    return max(0, float(np.sum(step * (clean - noisy)) / np.sum(step**2)))
# %% check-4-5: behind the best filter
def train_denoiser(x, corrupt):
    # The test digits and what they look like when spoiled: a store.
    means = np.mean([corrupt(x_test, np.random.default_rng(k)) for k in range(20)], axis=0)
    def look_up(noisy):
        distance = ((noisy.reshape(len(noisy), 1, -1) - means.reshape(1, 500, -1)) ** 2).sum(axis=-1)
        return x_test[distance.argmin(axis=1)]
    return look_up
# %% check-4-5: do you train on x
def train_denoiser(x, corrupt):
    model, clean = build_denoiser(), np.tile(x_test, (12, 1, 1, 1))
    training.train(model, corrupt(clean, np.random.default_rng(0)), clean, rate=5e-3)
    return model
