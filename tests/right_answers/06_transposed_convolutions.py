# %% check-6-0
answers = {"a": "B", "b": "C", "c": "B", "d": "C"}
# %% check-6-0
answers["a"], answers["b"] = "b", " c"
answers |= dict(c="b", d="c")
# %% check-6-1
path = np.array([45, 23, 19, 8, 18, 22, 44])
come_back = {n for n in range(40, 61) if n % 4 == 0}
# %% check-6-1
def down_and_up(n):
    sizes = [n, -(-n // 2)]
    sizes.append(sizes[-1] - 4)
    sizes.append((sizes[-1] - 4) // 2 + 1)
    sizes.append((sizes[-1] - 1) * 2 + 4)
    sizes.append(sizes[-1] + 4)
    return (*sizes, sizes[-1] * 2)
path = down_and_up(45)
come_back = [n for n in range(40, 61) if down_and_up(n)[-1] == n]
# %% check-6-2
def transpose_conv(u, kernel, stride):
    # Zeros in between, a border of zeros, and the flipped kernel: the picture with the zeros.
    h, w, c_in = u.shape
    k_h, k_w, c_out, _ = kernel.shape
    wide = np.zeros(((h - 1) * stride + 2 * k_h - 1, (w - 1) * stride + 2 * k_w - 1, c_in))
    inner = wide[k_h - 1 : wide.shape[0] - k_h + 1, k_w - 1 : wide.shape[1] - k_w + 1]
    inner[::stride, ::stride] = u
    windows = np.lib.stride_tricks.sliding_window_view(wide, (k_h, k_w), axis=(0, 1))
    return np.einsum("ijcab,aboc->ijo", windows, kernel[::-1, ::-1])
# %% check-6-2
from scipy.signal import convolve2d
def transpose_conv(u, kernel, stride):
    h, w, c_in = u.shape
    spread = np.zeros(((h - 1) * stride + 1, (w - 1) * stride + 1, c_in), "float32")
    spread[::stride, ::stride] = u
    maps = []
    for o in range(kernel.shape[2]):
        maps.append(sum(convolve2d(spread[..., c], kernel[:, :, o, c]) for c in range(c_in)))
    return np.stack(maps, axis=-1)
# %% check-6-2
def transpose_conv(u, kernel, stride):
    # One number after the other, in lists.
    h, w, c_in = u.shape
    k_h, k_w, c_out, _ = kernel.shape
    out = [[[0.0] * c_out for _ in range((w - 1) * stride + k_w)] for _ in range((h - 1) * stride + k_h)]
    for i, j, a, b, o, c in np.ndindex(h, w, k_h, k_w, c_out, c_in):
        out[i * stride + a][j * stride + b][o] += kernel[a, b, o, c] * u[i, j, c]
    return out
# %% check-6-3
def kernel_gradient(x, g, kernel_shape, stride=1):
    gradient = [[0.0] * kernel_shape[1] for _ in range(kernel_shape[0])]
    for (i, j), value in np.ndenumerate(g):
        for a in range(kernel_shape[0]):
            for b in range(kernel_shape[1]):
                gradient[a][b] += value * x[i * stride + a, j * stride + b]
    return gradient
# %% check-6-3
from scipy.signal import correlate2d
def kernel_gradient(x, g, kernel_shape, stride=1):
    spread = np.zeros([(n - 1) * stride + 1 for n in g.shape])
    spread[::stride, ::stride] = g
    return correlate2d(x, spread, "valid")[: kernel_shape[0], : kernel_shape[1]]
# %% check-6-3
def kernel_gradient(x, g, kernel_shape, stride=1):
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel_shape)[::stride, ::stride]
    windows = windows[: g.shape[0], : g.shape[1]].astype("float32")
    return np.tensordot(g.astype("float32"), windows, axes=2)
# %% check-6-4
def orthonormal(kernels):
    U, _, _ = np.linalg.svd(kernels.reshape(-1, kernels.shape[-1]), full_matrices=False)
    return U.reshape(kernels.shape)
# %% check-6-4
def orthonormal(kernels):
    found = []  # Gram and Schmidt, kernel by kernel
    for i in range(kernels.shape[-1]):
        kernel = kernels[:, :, i]
        for other in found:
            kernel = kernel - (kernel * other).sum() * other
        found.append(kernel / np.sqrt((kernel**2).sum()))
    return np.stack(found, axis=-1)
# %% check-6-4
def orthonormal(kernels):
    k, _, n = kernels.shape
    q, _ = tf.linalg.qr(tf.constant(kernels.reshape(k * k, n), tf.float32))
    return tf.reshape(q, (k, k, n))
# %% check-6-4
def orthonormal(kernels):
    columns = kernels.reshape(-1, kernels.shape[-1])
    variance, turn = np.linalg.eigh(columns.T @ columns)
    return (columns @ turn / np.sqrt(variance) @ turn.T).reshape(kernels.shape)
# %% check-6-5
def make_kernel(photos):
    row = np.array([-0.1, -0.1, 0.35, 0.85, 0.85, 0.35, -0.1, -0.1])
    return np.outer(row, row)
# %% check-6-5
from scipy.ndimage import zoom
def make_kernel(photos):
    one = np.zeros((11, 11))
    one[5, 5] = 1
    stamp = zoom(one, 2, order=3, grid_mode=True, mode="nearest")[3:19, 3:19]
    for i, j in np.ndindex(2, 2):
        stamp[i::2, j::2] /= stamp[i::2, j::2].sum()
    return stamp.tolist()
# %% check-6-5
from sklearn.linear_model import Ridge
def make_kernel(photos):
    # Fitted along one axis only: even outputs see inputs 1, 0, -1, -2 from here, odd ones 2 to -1.
    row = np.zeros(8)
    for phase, offsets in enumerate([(1, 0, -1, -2), (2, 1, 0, -1)]):
        known, wanted = [], []
        for photo in photos:
            half = photo.reshape(len(photo), -1, 2).mean(axis=2)
            wide = np.pad(half, ((0, 0), (2, 2)), mode="edge")
            known += [np.stack([wide[:, 2 + o : 2 + o + half.shape[1]] for o in offsets], -1).reshape(-1, 4)]
            wanted += [photo[:, phase::2].ravel()]
        fit = Ridge(1e-3, fit_intercept=False).fit(np.concatenate(known), np.concatenate(wanted))
        row[1 - phase :: 2] = fit.coef_ / fit.coef_.sum()
    return np.outer(row, row)
