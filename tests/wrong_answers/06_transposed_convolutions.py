# %% check-6-0: that is its transpose
answers.update(a="A", b="C", c="B", d="C")
# %% check-6-0: sends a gradient back and undoes nothing
answers.update(a="B", b="A", c="B", d="C")
# %% check-6-0: channels out come before channels in
answers.update(a="B", b="C", c="A", d="C")
# %% check-6-0: along an axis the stamps on a pixel are
answers.update(a="B", b="C", c="B", d="A")
# %% check-6-0: to 'A', 'B' or 'C'
answers = {"a": "B", "b": "C", "c": (3, 3, 3, 8), "d": "C"}
# %% check-6-0: A TypeError came instead
answers = ["B", "C", "B", "C"]
# %% check-6-1: come_back holds sizes from 40 to 60
path = [45, 23, 19, 8, 18, 22, 44]
come_back = range(0, 100, 4)
# %% check-6-1: expected 7
path = [23, 19, 8, 18, 22, 44]
come_back = [40, 44, 48, 52, 56, 60]
# %% check-6-1: Expected seven side lengths
path, come_back = 45, 44
# %% check-6-1: "same" rounds n / stride up
path = [45, 22, 18, 8, 18, 22, 44]
come_back = [40, 44, 48, 52, 56, 60]
# %% check-6-1: "valid" pads nothing
path = [45, 23, 23, 12, 24, 24, 48]
come_back = [40, 44, 48, 52, 56, 60]
# %% check-6-1: it must cover the last stamp
path = [45, 23, 19, 8, 16, 20, 40]
come_back = [40, 44, 48, 52, 56, 60]
# %% check-6-1: 42 does not come back
path = [45, 23, 19, 8, 18, 22, 44]
come_back = list(range(40, 61, 2))
# %% check-6-1: is missing
path = [45, 23, 19, 8, 18, 22, 44]
come_back = [40, 48, 56]
# %% check-6-2: where stamps overlap
def transpose_conv(u, kernel, stride):
    h, w, _ = u.shape
    a, b, c, _ = kernel.shape
    out = np.zeros(((h - 1) * stride + a, (w - 1) * stride + b, c))
    for i in range(h):
        for j in range(w):
            out[i * stride : i * stride + a, j * stride : j * stride + b] = kernel @ u[i, j]
    return out
# %% check-6-2: and nothing else
def transpose_conv(u, kernel, stride):
    h, w, _ = u.shape
    a, b, c, _ = kernel.shape
    out = np.zeros(((h - 1) * stride + a, (w - 1) * stride + b, c))
    for i in range(h):
        for j in range(w):
            out[i : i + a, j : j + b] += kernel @ u[i, j]
    return out
# %% check-6-2: the stamp is flipped
def transpose_conv(u, kernel, stride):
    h, w, _ = u.shape
    a, b, c, _ = kernel.shape
    out = np.zeros(((h - 1) * stride + a, (w - 1) * stride + b, c))
    for i in range(h):
        for j in range(w):
            stamp = kernel[::-1, ::-1] @ u[i, j]
            out[i * stride : i * stride + a, j * stride : j * stride + b] += stamp
    return out
# %% check-6-2: the channels are swapped
def transpose_conv(u, kernel, stride):
    h, w, _ = u.shape
    a, b, c, _ = kernel.shape
    out = np.zeros(((h - 1) * stride + a, (w - 1) * stride + b, c))
    for i in range(h):
        for j in range(w):
            stamp = np.einsum("abio,i->abo", kernel, u[i, j])
            out[i * stride : i * stride + a, j * stride : j * stride + b] += stamp
    return out
# %% check-6-2: the last stamp starts at
def transpose_conv(u, kernel, stride):
    h, w, _ = u.shape
    a, b, c, _ = kernel.shape
    out = np.zeros((h * stride + a, w * stride + b, c))
    for i in range(h):
        for j in range(w):
            out[i * stride : i * stride + a, j * stride : j * stride + b] += kernel @ u[i, j]
    return out[: h * stride, : w * stride]
# %% check-6-3: this has the image's shape
def kernel_gradient(x, g, kernel_shape, stride=1):
    from ae_helpers.convolution import conv_matrix
    C = conv_matrix(np.ones(kernel_shape), x.shape, stride)
    return (C.T @ g.ravel()).reshape(x.shape)
# %% check-6-3: turned around
def kernel_gradient(x, g, kernel_shape, stride=1):
    a, b = kernel_shape
    h, w = g.shape
    out = np.zeros(kernel_shape)
    for i in range(a):
        for j in range(b):
            met = x[i : i + h * stride : stride, j : j + w * stride : stride][:h, :w]
            out[i, j] = (met * g).sum()
    return out[::-1, ::-1]
# %% check-6-3: GradientTape disagrees. Output (i, j) looks
def kernel_gradient(x, g, kernel_shape, stride=1):
    a, b = kernel_shape
    h, w = g.shape
    return np.array([[(x[i : i + h, j : j + w] * g).sum() for j in range(b)] for i in range(a)])
# %% check-6-3: not their mean
def kernel_gradient(x, g, kernel_shape, stride=1):
    a, b = kernel_shape
    h, w = g.shape
    return np.array([[(x[i : i + h, j : j + w] * g).mean() for j in range(b)] for i in range(a)])
# %% check-6-4: length 1 is not enough
def orthonormal(kernels):
    return kernels / np.linalg.norm(kernels, axis=(0, 1))
# %% check-6-4: each row of C needs 1
def orthonormal(kernels):
    n = kernels.shape[-1]
    return np.linalg.pinv(kernels.reshape(-1, n)).T.reshape(kernels.shape)
# %% check-6-4: these kernels build other tiles
def orthonormal(kernels):
    n = kernels.shape[-1]
    q, _ = np.linalg.qr(kernels.reshape(n, -1).T)
    return q.reshape(kernels.shape)
# %% check-6-4: as given
def orthonormal(kernels):
    k, _, n = kernels.shape
    q, _ = np.linalg.qr(kernels.reshape(-1, n), mode="complete")
    return q.reshape(k, k, -1) if n < k * k else q
# %% check-6-2: out of reach here
def transpose_conv(u, kernel, stride):
    size = [(n - 1) * stride + k for n, k in zip(u.shape, kernel.shape)]
    return tf.nn.conv2d_transpose(u[None], kernel, (1, *size, kernel.shape[2]), stride, "VALID")[0]
# %% check-6-2: out of reach here
def transpose_conv(u, kernel, stride):
    from keras.layers import Conv2DTranspose
    layer = Conv2DTranspose(kernel.shape[2], kernel.shape[:2], stride, use_bias=False)
    layer.build((1, *u.shape))
    layer.kernel.assign(kernel)
    return layer(u[None].astype("float32"))[0].numpy()
# %% check-6-2: out of reach here
@tf.function
def transpose_conv(u, kernel, stride):
    size = [(n - 1) * stride + k for n, k in zip(u.shape, kernel.shape)]
    return tf.nn.conv2d_transpose(u[None], kernel, (1, *size, kernel.shape[2]), stride, "VALID")[0]
# %% check-6-2: A ValueError came instead
def transpose_conv(u, kernel, stride):
    h, w, _ = u.shape
    a, b, c, _ = kernel.shape
    out = np.zeros((h * stride, w * stride, c))
    for i in range(h):
        for j in range(w):
            out[i * stride : i * stride + a, j * stride : j * stride + b] += kernel @ u[i, j]
    return out
# %% check-6-3: out of reach here
def kernel_gradient(x, g, kernel_shape, stride=1):
    w = tf.Variable(np.zeros(kernel_shape))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(g * convolve(x, w, stride))
    return tape.gradient(loss, w).numpy()
# %% check-6-5: no better than repeating
def make_kernel(photos):
    return np.ones((2, 2))
# %% check-6-5: a constant image gets checks
def make_kernel(photos):
    return np.ones((3, 3)) / 2.25
# %% check-6-5: the weights that reach a pixel
def make_kernel(photos):
    return np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64
# %% check-6-5: it is shifted
def make_kernel(photos):
    return np.outer([1, 2, 1], [1, 2, 1]) / 4
# %% check-6-5: Go sharper
def make_kernel(photos):
    return np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16
# %% check-6-5: got shape
def make_kernel(photos):
    return gray_photo("flower")  # a store, not a kernel
# %% check-6-5: got shape
def make_kernel(photos):
    return np.array([1, 3, 3, 1]) / 4
