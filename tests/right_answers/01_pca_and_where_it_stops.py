# %% check-1-0
answers = {"a": "C", "b": "B", "c": "A", "d": "B", "e": "B"}
# %% check-1-0
for question, letter in zip("abcde", "cbabb"):
    answers[question] = letter
# %% check-1-1
one_component = {name: "parabola" not in name and "disk" not in name and "bar" not in name for name in clouds}
curved = ["a parabola", "a bar that moves around a ring"]
# %% check-1-1
for name, x in clouds.items():
    variance = np.linalg.eigvalsh(np.cov(x.T))
    one_component[name] = variance[-1] > 0.95 * variance.sum()
curved = {name for name in clouds if not one_component[name]} - {"a full disk"}
# %% check-1-2
def fit_whitening(x, eps):
    mean = x.mean(axis=0, keepdims=True)
    variance, directions = np.linalg.eigh((x - mean).T @ (x - mean) / len(x))
    order = np.argsort(-variance)
    return mean[0], directions[:, order] @ np.diag((variance[order] + eps) ** -0.5)
# %% check-1-2
def fit_whitening(x, eps):
    pca = PCA().fit(x)
    variance = pca.explained_variance_ * (len(x) - 1) / len(x)
    W = [direction / np.sqrt(v + eps) for direction, v in zip(pca.components_, variance)]
    return pca.mean_, np.stack(W, axis=1)
# %% check-1-2
import tensorflow as tf
def fit_whitening(x, eps):
    x = tf.constant(x, tf.float32)
    mean = tf.reduce_mean(x, axis=0)
    S, _, V = tf.linalg.svd(x - mean)
    return mean, V / tf.sqrt(S**2 / len(x) + eps)
# %% check-1-3
def fill_in(image, mean, components):
    missing = np.isnan(image)
    seen = components[:, ~missing]
    z = np.linalg.pinv(seen @ seen.T) @ seen @ (image[~missing] - mean[~missing])
    image[missing] = (mean + z @ components)[missing]
    return image
# %% check-1-3
from sklearn.linear_model import LinearRegression
def fill_in(image, mean, components):
    seen = np.flatnonzero(~np.isnan(image))
    model = LinearRegression(fit_intercept=False).fit(components.T[seen], image[seen] - mean[seen])
    painted = mean + model.predict(components.T)
    return [image[i] if i in seen else painted[i] for i in range(len(image))]
# %% check-1-3
def fill_in(image, mean, components):
    seen = ~np.isnan(image)
    filled = np.where(seen, image, mean)
    for _ in range(300):  # fill, project, and fill again, until nothing changes
        filled = np.where(seen, image, mean + (filled - mean) @ components.T @ components)
    return filled
# %% check-1-4
def robust_direction(x):
    far = np.linalg.norm(x - np.median(x, axis=0), axis=1)
    kept = x[np.argsort(far)[: len(x) // 2]]  # the nearer half
    return PCA(1).fit(kept).components_[0]
# %% check-1-4
def robust_direction(x):
    middle = np.median(x, axis=0)
    width = np.median(abs(x - middle), axis=0)
    clipped = np.clip(x, middle - 3 * width, middle + 3 * width)
    return np.linalg.eigh(np.cov(clipped.T))[1][:, -1]
# %% check-1-4
def robust_direction(x):
    away = x - np.median(x, axis=0)
    far = np.linalg.norm(away, axis=1)
    limit = np.median(far) + 3 * np.median(abs(far - np.median(far)))
    away = np.array([row if f < limit else row * limit / f for row, f in zip(away, far)])
    return PCA(1, svd_solver="full").fit(away).components_.ravel()
# %% check-1-4
def robust_direction(x):
    rng = np.random.default_rng(0)
    difference = x[rng.permutation(len(x))] - x  # no middle is needed between two rows
    difference = difference[(difference**2).sum(axis=1) > 0]
    unit = difference / np.linalg.norm(difference, axis=1, keepdims=True)
    return np.linalg.svd(unit, full_matrices=False)[2][0].tolist()
# %% check-1-5
def fit(x):
    groups = KMeans(20, n_init=1, random_state=1).fit(x)
    return groups, [PCA(8, random_state=0).fit(x[groups.labels_ == g]) for g in range(20)]
def encode(model, x):
    groups, pcas = model
    return [[g, *pcas[g].transform(one[None])[0]] for g, one in zip(groups.predict(x), x)]
def decode(model, codes):
    return [model[1][int(c[0])].inverse_transform(c[None, 1:])[0] for c in codes]
# %% check-1-5
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
def fit(x):
    pca = PCA(9, random_state=0).fit(x)
    bend = make_pipeline(PolynomialFeatures(3), Ridge(10))  # products of the nine numbers
    return pca, bend.fit(pca.transform(x) / 3, x)
def encode(model, x):
    return model[0].transform(x)
def decode(model, codes):
    return model[1].predict(codes / 3)
