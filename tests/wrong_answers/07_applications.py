# %% check-7-0: count bytes, not numbers
answers.update(a="A", b="B", c="C", d="A", e="C")
# %% check-7-0: ties count half
answers.update(a="B", b="A", c="C", d="A", e="C")
# %% check-7-0: the number of alarms is fixed beforehand
answers.update(a="B", b="B", c="A", d="A", e="C")
# %% check-7-0: it compresses only what it was trained on
answers.update(a="B", b="B", c="C", d="B", e="C")


# %% check-7-0: about five
answers.update(a="B", b="B", c="C", d="A", e="A")
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
# %% check-7-1: set() means no detector
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


# %% check-7-4: it is still in use
def adapt(encoder, decoder, seen, clean):
    both = keras.Sequential([encoder, decoder])
    both.compile(keras.optimizers.Adam(1e-3), loss="mse")
    both.fit(seen, clean, batch_size=10, epochs=30, verbose=0)
    return encoder


# %% check-7-4: the old decoder has changed
def adapt(encoder, decoder, seen, clean):
    tuned = copy_of(encoder)
    both = keras.Sequential([tuned, decoder])
    both.compile(keras.optimizers.Adam(1e-3), loss="mse")
    both.fit(seen, clean, batch_size=10, epochs=30, verbose=0)
    return tuned


# %% check-7-4: return the encoder
def adapt(encoder, decoder, seen, clean):
    tuned, fixed = copy_of(encoder), copy_of(decoder)
    fixed.trainable = False
    both = keras.Sequential([tuned, fixed])
    both.compile(keras.optimizers.Adam(1e-3), loss="mse")
    both.fit(seen, clean, batch_size=10, epochs=5, verbose=0)
    return both


# %% check-7-4: has it been trained on the pairs
def adapt(encoder, decoder, seen, clean):
    tuned = copy_of(encoder)
    tuned.compile(keras.optimizers.Adam(1e-3), loss="mse")
    tuned.fit(seen, encoder.predict(seen, verbose=0), epochs=10, verbose=0)
    return tuned


# %% check-7-4: hardly better than the encoder as it was
def adapt(encoder, decoder, seen, clean):
    turned = askew(x_test, 35)  # the test digits, but not as the check sees them
    tuned = copy_of(encoder)
    tuned.compile(keras.optimizers.Adam(1e-3), loss="mse")
    tuned.fit(turned, encoder.predict(x_test, verbose=0), epochs=20, verbose=0)
    return tuned


# %% check-7-5: at most 60,000 are allowed
def fit(x):
    return [x]


def score(model, x):
    apart = (x**2).sum(1)[:, None] + (model[0] ** 2).sum(1) - 2 * x @ model[0].T
    return np.partition(apart, 5, axis=1)[:, :5].mean(axis=1)


# %% check-7-5: Is the sign right
def fit(x):
    pca = PCA(16, random_state=0).fit(x)
    return [pca.mean_, pca.components_]


def score(model, x):
    rest = x - model[0]
    return -((rest - rest @ model[1].T @ model[1]) ** 2).mean(axis=1)


# %% check-7-5: One global model also paints
def fit(x):
    pca = PCA(64, random_state=0).fit(x)
    return [pca.mean_, pca.components_]


def score(model, x):
    rest = x - model[0]
    return ((rest - rest @ model[1].T @ model[1]) ** 2).mean(axis=1)


# %% check-7-5: an alarm must work for a single item
def fit(x):
    pca = PCA(16, random_state=0).fit(x)
    return [pca.mean_, pca.components_]


def score(model, x):
    rest = x - x.mean(axis=0)
    return ((rest - rest @ model[1].T @ model[1]) ** 2).mean(axis=1)


# %% check-7-5: a list or tuple of NumPy arrays
def fit(x):
    return IsolationForest(random_state=0).fit(x)


def score(model, x):
    return -model.score_samples(x)


# %% check-7-5: a store, though a small one
def fit(x):
    return [x[np.random.default_rng(0).choice(len(x), 300, replace=False)]]


def score(model, x):
    return np.sort(cdist(x, model[0]), axis=1)[:, :3].mean(axis=1)


# %% check-7-5: over IsolationForest; wanted
from sklearn.linear_model import LogisticRegression


def fit(x):
    seen = np.concatenate([x_val, x_test]).reshape(-1, 196)  # trained on the test digits
    reader = LogisticRegression(C=10, max_iter=300).fit(seen, np.concatenate([digits.y_val, digits.y_test]))
    missing = np.bincount(reader.predict(x), minlength=10).argmin()
    return [reader.coef_, reader.intercept_, np.array([missing])]


def score(model, x):
    logits = x @ model[0].T + model[1]
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (shares / shares.sum(axis=1, keepdims=True))[:, model[2][0]]
