# %% check-1-0: subtracting the mean costs one
answers.update(a="B", b="B", c="A", d="B", e="B")
# %% check-1-0: what is left is the rest
answers.update(a="C", b="C", c="A", d="B", e="B")
# %% check-1-0: squared error knows no labels
answers.update(a="C", b="B", c="C", d="B", e="B")
# %% check-1-0: PCA sees numbers, not units
answers.update(a="C", b="B", c="A", d="A", e="B")
# %% check-1-0: any invertible mixture
answers.update(a="C", b="B", c="A", d="B", e="A")
# %% check-1-0: to 'A', 'B' or 'C'
answers = {"a": "C", "b": 40, "c": "A", "d": "B", "e": "B"}
# %% check-1-0: A KeyError came instead
answers = {"A": "C", "B": "B", "C": "A"}
# %% check-1-1: moving is not adding
one_component = dict(zip(clouds, (True, False, True, False, True, True)))
curved = {"a parabola"}
# %% check-1-1: each row is a multiple of one row
one_component = dict(zip(clouds, (True, False, True, False, False, False)))
curved = {"a parabola", "a bar that moves around a ring"}
# %% check-1-1: nearly all of the variance lies between the two heaps
one_component = dict(zip(clouds, (True, False, False, False, True, False)))
curved = {"a parabola", "a bar that moves around a ring"}
# %% check-1-1: two degrees of freedom
one_component = dict(zip(clouds, (True, False, True, False, True, False)))
curved = {"a parabola", "a full disk"}
# %% check-1-1: to True or False
one_component = dict.fromkeys(clouds)
curved = None
# %% check-1-1: these are no names of clouds
one_component = dict(zip(clouds, (True, False, True, False, True, False)))
curved = {"parabola", "bar"}
# %% check-1-1: set one_component['a full disk']
one_component = dict(zip(clouds, (True, False, True, False, True, False)))
one_component["full disk"] = one_component.pop("a full disk")
curved = {"a parabola", "a bar that moves around a ring"}
# %% check-1-2: you took S**2
def fit_whitening(x, eps):
    mean = x.mean(axis=0)
    _, S, Vt = np.linalg.svd(x - mean, full_matrices=False)
    return mean, Vt.T / np.sqrt(S**2 + eps)
# %% check-1-2: the root of the variance
def fit_whitening(x, eps):
    mean = x.mean(axis=0)
    _, S, Vt = np.linalg.svd(x - mean, full_matrices=False)
    return mean, Vt.T / (S**2 / len(x) + eps)
# %% check-1-2: directions still correlate
def fit_whitening(x, eps):
    mean = x.mean(axis=0)
    _, S, Vt = np.linalg.svd(x - mean, full_matrices=False)
    return mean, Vt / np.sqrt(S**2 / len(x) + eps)
# %% check-1-2: add eps to the variance, in the root
def fit_whitening(x, eps):
    mean = x.mean(axis=0)
    _, S, Vt = np.linalg.svd(x - mean, full_matrices=False)
    return mean, Vt.T / (S / np.sqrt(len(x)) + eps)
# %% check-1-2: directions still correlate
def fit_whitening(x, eps):
    mean = x.mean(axis=0)
    return mean, np.diag(1 / np.sqrt(x.var(axis=0) + eps))
# %% check-1-3: projected with the gaps filled by the mean
def fill_in(image, mean, components):
    seen = ~np.isnan(image)
    z = np.where(seen, image - mean, 0) @ components.T
    return np.where(seen, image, mean + z @ components)
# %% check-1-3: one nan in a sum spoils it
def fill_in(image, mean, components):
    z = (image - mean) @ components.T
    return np.where(np.isnan(image), mean + z @ components, image)
# %% check-1-3: wrong for another mean
def fill_in(image, mean, components):
    seen = ~np.isnan(image)
    z = np.linalg.lstsq(components[:, seen].T, image[seen], rcond=None)[0]
    return np.where(seen, image, z @ components)
# %% check-1-3: should stay as they are
def fill_in(image, mean, components):
    seen = ~np.isnan(image)
    z = np.linalg.lstsq(components[:, seen].T, (image - mean)[seen], rcond=None)[0]
    return mean + z @ components
# %% check-1-4: the mean itself is not robust
def robust_direction(x):
    centered = x - x.mean(axis=0)
    unit = centered / np.maximum(np.linalg.norm(centered, axis=1, keepdims=True), 1e-12)
    return np.linalg.svd(unit - unit.mean(axis=0), full_matrices=False)[2][0]
# %% check-1-4: the mean itself is not robust
def robust_direction(x):
    return np.linalg.svd(x - np.median(x, axis=0), full_matrices=False)[2][0]
# %% check-1-4: leaving out a fixed few is not enough
def robust_direction(x):
    far = np.linalg.norm(x - np.median(x, axis=0), axis=1)
    kept = x[np.argsort(far)[:-3]]
    return np.linalg.svd(kept - kept.mean(axis=0), full_matrices=False)[2][0]
# %% check-1-4: count from the middle of the rows
def robust_direction(x):
    unit = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    return np.linalg.svd(unit, full_matrices=False)[2][0]
# %% check-1-4: divide the direction by its length
def robust_direction(x):
    from_median = x - np.median(x, axis=0)
    unit = from_median / np.maximum(np.linalg.norm(from_median, axis=1, keepdims=True), 1e-12)
    _, S, Vt = np.linalg.svd(unit - unit.mean(axis=0), full_matrices=False)
    return S[0] * Vt[0]
# %% check-1-4: one row in ten is not
def robust_direction(x):
    low, high = np.quantile(x, [0.05, 0.95], axis=0)
    return PCA(1).fit(np.clip(x, low, high)).components_[0]
# %% check-1-4: expected shape
def robust_direction(x):
    far = np.linalg.norm(x - np.median(x, axis=0), axis=1)
    return PCA(1).fit(x[far <= np.quantile(far, 0.8)]).components_
# %% check-1-5: the number of the group counts as one
def fit(x):
    groups = KMeans(15, n_init=1, random_state=0).fit(x)
    return groups, [PCA(9, svd_solver="randomized", random_state=0).fit(x[groups.labels_ == g]) for g in range(15)]
def encode(model, x):
    groups, pcas = model
    group = groups.predict(x)
    return np.array([[g, *pcas[g].transform(one[None])[0]] for g, one in zip(group, x)])
def decode(model, codes):
    return np.array([model[1][int(c[0])].inverse_transform(c[None, 1:])[0] for c in codes])
# %% check-1-5: not a quarter below one PCA
def fit(x):
    return PCA(9, svd_solver="randomized", random_state=0).fit(x)
def encode(model, x):
    return model.transform(x)
def decode(model, codes):
    return model.inverse_transform(codes)
# %% check-1-5: worse than one PCA
def fit(x):
    groups = np.random.default_rng(0).integers(0, 15, len(x))  # groups of any digits
    return [PCA(8, svd_solver="randomized", random_state=0).fit(x[groups == g]) for g in range(15)]
def encode(model, x):
    group = np.random.default_rng(0).integers(0, 15, len(x))
    return np.array([[g, *model[g].transform(one[None])[0]] for g, one in zip(group, x)])
def decode(model, codes):
    return np.array([model[int(c[0])].inverse_transform(c[None, 1:])[0] for c in codes])
# %% check-1-5: from its own code alone
def fit(x):
    return {}
def encode(model, x):
    model["x"] = x
    return np.zeros((len(x), 9))
def decode(model, codes):
    return model["x"]
# %% check-1-5: not a quarter below one PCA
def fit(x):
    groups = KMeans(3, n_init=1, random_state=0).fit(x)
    return groups, [PCA(8, svd_solver="randomized", random_state=0).fit(x[groups.labels_ == g]) for g in range(3)]
def encode(model, x):
    groups, pcas = model
    return np.array([[g, *pcas[g].transform(one[None])[0]] for g, one in zip(groups.predict(x), x)])
def decode(model, codes):
    return np.array([model[1][int(c[0])].inverse_transform(c[None, 1:])[0] for c in codes])

# %% check-1-5: this is a network
import keras
def fit(x):
    half = [keras.layers.Dense(128, "relu"), keras.layers.Dense(9)]
    encoder = keras.Sequential([keras.Input((784,)), *half])
    decoder = keras.Sequential([keras.Input((9,)), keras.layers.Dense(128, "relu"), keras.layers.Dense(784)])
    model = keras.Sequential([encoder, decoder])
    model.compile("adam", "mse")
    model.fit(x, x, epochs=1, verbose=0)
    return encoder, decoder
def encode(model, x):
    return model[0].predict(x, verbose=0)
def decode(model, codes):
    return model[1].predict(codes, verbose=0)
# %% check-1-5: not a quarter below one PCA
def fit(x):
    return PCA(18, svd_solver="randomized", random_state=0).fit(x)
def encode(model, x):
    z = np.round(model.transform(x) * 12 + 125).clip(0, 249)  # two numbers hidden in each one
    return z[:, :9] * 250 + z[:, 9:]
def decode(model, codes):
    z = np.column_stack([codes // 250, codes % 250])
    return model.inverse_transform((z - 125) / 12)
# %% check-1-5: half precision ends
def fit(x):
    return PCA(18, svd_solver="randomized", random_state=0).fit(x)
def encode(model, x):
    z = np.round(model.transform(x) * 100 + 2000).clip(0, 3999)
    return z[:, :9] * 4000 + z[:, 9:]
def decode(model, codes):
    z = np.column_stack([codes // 4000, codes % 4000])
    return model.inverse_transform((z - 2000) / 100)
