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


# %% check-4-3: have the same noise
def two_shots(clean, sigma, rng):
    return tuple(corruption.add_gaussian_noise(clean, sigma, 0, clip=False) for _ in range(2))


# %% check-4-3: clipping has given its noise a mean
def two_shots(clean, sigma, rng):
    return tuple(corruption.add_gaussian_noise(clean, sigma, rng) for _ in range(2))


# %% check-4-3: the target is clean
def two_shots(clean, sigma, rng):
    return corruption.add_gaussian_noise(clean, sigma, rng, clip=False), clean


# %% check-4-3: keep clean's type
def two_shots(clean, sigma, rng):
    return tuple(clean + sigma * rng.standard_normal(clean.shape) for _ in range(2))


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


# %% check-4-5: return the trained model
def train_denoiser(x, corrupt):
    model = build_denoiser()
    return training.train(model, corrupt(x[:64], np.random.default_rng(0)), x[:64], epochs=1)
