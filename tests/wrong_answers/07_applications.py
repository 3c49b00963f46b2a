# %% check-7-1: so one component rebuilds it
alarms = {
    "A": {"distance", "PCA error", "neighbors"},
    "B": {"PCA error", "neighbors"},
    "C": {"neighbors"},
    "D": set(),
    "E": {"distance", "PCA error", "neighbors"},
    "F": {"distance", "PCA error"},
}
# %% check-7-1: there is no smaller distance
alarms = {
    "A": {"distance", "neighbors"},
    "B": {"PCA error", "neighbors"},
    "C": {"distance", "PCA error", "neighbors"},
    "D": set(),
    "E": {"distance", "PCA error", "neighbors"},
    "F": {"distance", "PCA error"},
}
# %% check-7-1: its five nearest training points are the pack
alarms = {
    "A": {"distance", "neighbors"},
    "B": {"PCA error", "neighbors"},
    "C": {"neighbors"},
    "D": set(),
    "E": {"distance", "PCA error", "neighbors"},
    "F": {"distance", "PCA error", "neighbors"},
}
# %% check-7-1: set() means none
alarms = {
    "A": {"distance", "neighbors"},
    "B": {"PCA error", "neighbors"},
    "C": "neighbors",
    "D": None,
    "E": {"distance", "PCA error", "neighbors"},
    "F": {"distance", "PCA error"},
}


# %% check-7-2: Divide by the column's mean error first
def alarm(errors_val, errors_new, rate):
    limit = np.quantile(errors_val.mean(axis=1), 1 - rate)
    return errors_new.mean(axis=1) > limit, errors_new.argmax(axis=1)


# %% check-7-2: the typical error and the threshold come from validation
def alarm(errors_val, errors_new, rate):
    ratios = errors_new / errors_val.mean(axis=0)
    score = ratios.mean(axis=1)
    return score > np.quantile(score, 1 - rate), ratios.argmax(axis=1)


# %% check-7-2: false alarms on new normal items
def alarm(errors_val, errors_new, rate):
    typical = errors_val.mean(axis=0)
    limit = np.quantile((errors_val / typical).mean(axis=1), rate)
    return (errors_new / typical).mean(axis=1) > limit, (errors_new / typical).argmax(axis=1)


# %% check-7-2: one entry an item
def alarm(errors_val, errors_new, rate):
    typical = errors_val.mean(axis=0)
    limit = np.quantile((errors_val / typical).mean(axis=1), 1 - rate)
    return (errors_new / typical).mean(axis=1) > limit, (errors_new / typical).argmax(axis=0)


# %% check-7-2: expected [0 1 1 1 0 0]
def alarm(errors_val, errors_new, rate):
    typical = errors_val.mean(axis=0)
    limit = np.quantile((errors_val / typical).max(axis=1), 1 - rate)
    return (errors_new / typical).max(axis=1) > limit, (errors_new / typical).argmax(axis=1)


# %% check-7-3: make it uint8
def make_books(codes):
    parts = np.split(codes, 4, axis=1)
    return np.stack([KMeans(256, n_init=1, max_iter=3).fit(p).cluster_centers_ for p in parts])


def to_bytes(codes, books):
    parts = np.split(codes, 4, axis=1)
    apart = [((p[:, None] - book) ** 2).sum(axis=2) for p, book in zip(parts, books)]
    return np.stack([a.argmin(axis=1) for a in apart], axis=1)


def from_bytes(stored, books):
    return np.concatenate([book[number] for book, number in zip(books, stored.T)], axis=1)


# %% check-7-3: a part is 4 NEIGHBORS
def make_books(codes):
    parts = [codes[:, p::4] for p in range(4)]
    return np.stack([KMeans(256, n_init=1, max_iter=3).fit(p).cluster_centers_ for p in parts])


def to_bytes(codes, books):
    apart = [((codes[:, p::4][:, None] - books[p]) ** 2).sum(axis=2) for p in range(4)]
    return np.stack([a.argmin(axis=1) for a in apart], axis=1).astype("uint8")


def from_bytes(stored, books):
    codes = np.zeros((len(stored), 16))
    for p in range(4):
        codes[:, p::4] = books[p][stored[:, p]]
    return codes


# %% check-7-3: let k-means find typical ones
def make_books(codes):
    return np.stack(np.split(np.random.default_rng(0).choice(codes, 256), 4, axis=1))


def to_bytes(codes, books):
    parts = np.split(codes, 4, axis=1)
    apart = [((p[:, None] - book) ** 2).sum(axis=2) for p, book in zip(parts, books)]
    return np.stack([a.argmin(axis=1) for a in apart], axis=1).astype("uint8")


def from_bytes(stored, books):
    return np.concatenate([book[number] for book, number in zip(books, stored.T)], axis=1)


# %% check-7-3: compare all 4 numbers of a part
def make_books(codes):
    parts = np.split(codes, 4, axis=1)
    return np.stack([KMeans(256, n_init=1, max_iter=3).fit(p).cluster_centers_ for p in parts])


def to_bytes(codes, books):
    parts = np.split(codes, 4, axis=1)
    apart = [abs((p[:, None] - book).sum(axis=2)) for p, book in zip(parts, books)]
    return np.stack([a.argmin(axis=1) for a in apart], axis=1).astype("uint8")


def from_bytes(stored, books):
    return np.concatenate([book[number] for book, number in zip(books, stored.T)], axis=1)


# %% check-7-3: from_bytes gave shape (7, 4, 4)
def make_books(codes):
    parts = np.split(codes, 4, axis=1)
    return np.stack([KMeans(256, n_init=1, max_iter=3).fit(p).cluster_centers_ for p in parts])


def to_bytes(codes, books):
    parts = np.split(codes, 4, axis=1)
    apart = [((p[:, None] - book) ** 2).sum(axis=2) for p, book in zip(parts, books)]
    return np.stack([a.argmin(axis=1) for a in apart], axis=1).astype("uint8")


def from_bytes(stored, books):
    return np.stack([book[number] for book, number in zip(books, stored.T)], axis=1)


# %% check-7-4: at most 60,000 are allowed
def fit(x):
    return [x]


def score(model, x):
    apart = (x**2).sum(1)[:, None] + (model[0] ** 2).sum(1) - 2 * x @ model[0].T
    return np.partition(apart, 5, axis=1)[:, :5].mean(axis=1)


# %% check-7-4: Is the sign right
def fit(x):
    pca = PCA(16, random_state=0).fit(x)
    return [pca.mean_, pca.components_]


def score(model, x):
    rest = x - model[0]
    return -((rest - rest @ model[1].T @ model[1]) ** 2).mean(axis=1)


# %% check-7-4: One global model also paints
def fit(x):
    pca = PCA(64, random_state=0).fit(x)
    return [pca.mean_, pca.components_]


def score(model, x):
    rest = x - model[0]
    return ((rest - rest @ model[1].T @ model[1]) ** 2).mean(axis=1)


# %% check-7-4: an alarm must work for a single item
def fit(x):
    pca = PCA(16, random_state=0).fit(x)
    return [pca.mean_, pca.components_]


def score(model, x):
    rest = x - x.mean(axis=0)
    return ((rest - rest @ model[1].T @ model[1]) ** 2).mean(axis=1)


# %% check-7-4: a list or tuple of NumPy arrays
def fit(x):
    return IsolationForest(random_state=0).fit(x)


def score(model, x):
    return -model.score_samples(x)
