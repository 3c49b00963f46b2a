"""The matrix of a convolution, its transpose and its sizes, against TensorFlow and SciPy.

On a processor TensorFlow computes every forward convolution asked for here, but no backward or
transposed one with a dilation in float64 or with explicit padding. There the reference is
TensorFlow's undilated operation with the kernel spread out: zeros between its entries.
"""

import numpy as np
import pytest
import scipy.signal
import scipy.sparse
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ae_helpers._tensorflow import keras, tf
from ae_helpers.convolution import (
    conv_matrix,
    conv_output_size,
    conv_transpose_output_size,
    insert_zeros,
)

TOLERANCE = {np.float32: 1e-5, np.float64: 1e-10}
properties = settings(max_examples=150, deadline=None, database=None)


@st.composite
def convolutions(draw):
    """A random image, kernel, stride, padding and dilation that fit together."""
    size = st.integers(1, 12), st.integers(1, 12)
    height, width = draw(st.tuples(*size))
    kernel_shape = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    stride, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    zeros = st.integers(0, 3)
    side = st.tuples(zeros, zeros)
    padding = draw(st.one_of(st.sampled_from(["valid", "same"]), zeros, st.tuples(side, side)))
    if padding != "same":
        for length, entries, (before, after) in zip(
            (height, width), kernel_shape, per_side(padding), strict=True
        ):
            assume(dilation * (entries - 1) + 1 <= length + before + after)
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    image = random.uniform(-1, 1, (height, width)).astype(dtype)
    kernel = random.uniform(-1, 1, kernel_shape).astype(dtype)
    return image, kernel, stride, padding, dilation


def per_side(padding):
    if isinstance(padding, tuple):
        return padding
    zeros = 0 if padding == "valid" else padding
    return (zeros, zeros), (zeros, zeros)


def for_tensorflow(padding):
    if isinstance(padding, str):
        return padding.upper()
    return [[0, 0], *map(list, per_side(padding)), [0, 0]]


def conv2d(image, kernel, stride, padding, dilation=1):
    image, kernel = tf.convert_to_tensor(image), tf.convert_to_tensor(kernel)
    return tf.nn.conv2d(
        image[None, :, :, None],
        kernel[:, :, None, None],
        stride,
        for_tensorflow(padding),
        dilations=dilation,
    )[0, :, :, 0]


def conv2d_transpose(y, kernel, image_shape, stride, padding):
    y, kernel = tf.convert_to_tensor(y), tf.convert_to_tensor(kernel)
    return tf.nn.conv2d_transpose(
        y[None, :, :, None],
        kernel[:, :, None, None],
        (1, *image_shape, 1),
        stride,
        for_tensorflow(padding),
    )[0, :, :, 0]


def spread_out(kernel, dilation):
    """The kernel with ``dilation - 1`` zeros between its entries, made without the package."""
    pattern = np.zeros((dilation, dilation), kernel.dtype)
    pattern[0, 0] = 1
    reach = [dilation * (entries - 1) + 1 for entries in kernel.shape]
    return np.kron(kernel, pattern)[: reach[0], : reach[1]]


def largest_error(a, b):
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape
    return np.abs(a - b).max(initial=0)


def some_output(matrix, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, matrix.shape[0]).astype(matrix.dtype)


@properties
@given(convolutions())
def test_forward_equals_tensorflow(case):
    image, kernel, stride, padding, dilation = case
    expected = conv2d(*case).numpy()
    output = conv_matrix(kernel, image.shape, stride, padding, dilation) @ image.ravel()
    assert output.dtype == image.dtype
    assert output.size == expected.size
    assert largest_error(output.reshape(expected.shape), expected) < TOLERANCE[image.dtype.type]


@properties
@given(convolutions())
def test_forward_equals_scipy(case):
    image, kernel, stride, padding, dilation = case
    assume(padding != "same")
    padded = np.pad(image, per_side(padding))
    spread = spread_out(kernel, dilation)
    expected = scipy.signal.correlate2d(padded, spread, mode="valid")[::stride, ::stride]
    output = conv_matrix(kernel, image.shape, stride, padding, dilation) @ image.ravel()
    assert largest_error(output, expected.ravel()) < TOLERANCE[image.dtype.type]


@properties
@given(convolutions())
def test_transpose_equals_tensorflow(case):
    image, kernel, stride, padding, dilation = case
    matrix = conv_matrix(kernel, image.shape, stride, padding, dilation)
    y = some_output(matrix).reshape(conv2d(*case).shape)
    expected = conv2d_transpose(y, spread_out(kernel, dilation), image.shape, stride, padding)
    back = (matrix.T @ y.ravel()).reshape(image.shape)
    assert largest_error(back, expected) < TOLERANCE[image.dtype.type]


@properties
@given(convolutions())
def test_gradient_of_the_convolution_is_the_transpose(case):
    image, kernel, stride, padding, dilation = case
    matrix = conv_matrix(kernel, image.shape, stride, padding, dilation)
    x = tf.Variable(image)
    with tf.GradientTape() as tape:
        y = conv2d(x, spread_out(kernel, dilation), stride, padding)
    u = some_output(matrix)
    gradient = tape.gradient(y, x, output_gradients=u.reshape(y.shape))
    assert largest_error(matrix.T @ u, np.ravel(gradient)) < TOLERANCE[image.dtype.type]


@properties
@given(convolutions())
def test_gradient_of_the_transposed_convolution_is_the_matrix(case):
    image, kernel, stride, padding, dilation = case
    matrix = conv_matrix(kernel, image.shape, stride, padding, dilation)
    y = tf.Variable(some_output(matrix).reshape(conv2d(*case).shape))
    with tf.GradientTape() as tape:
        back = conv2d_transpose(y, spread_out(kernel, dilation), image.shape, stride, padding)
    gradient = tape.gradient(back, y, output_gradients=image)
    assert largest_error(matrix @ image.ravel(), np.ravel(gradient)) < TOLERANCE[image.dtype.type]


@properties
@given(convolutions())
def test_zero_insertion_equals_the_transpose(case):
    """Zeros between the pixels, a border of reach - 1 - before, the flipped kernel, stride 1."""
    image, kernel, stride, padding, dilation = case
    matrix = conv_matrix(kernel, image.shape, stride, padding, dilation)
    y = some_output(matrix).reshape(conv2d(*case).shape)
    spread = spread_out(kernel, dilation)
    if padding == "same":
        total = [
            max((m - 1) * stride + k - n, 0)
            for m, k, n in zip(y.shape, spread.shape, image.shape, strict=True)
        ]
        before = [zeros // 2 for zeros in total]
    else:
        before = [side[0] for side in per_side(padding)]
    wide = np.pad(insert_zeros(y, stride), 20)
    corner = [20 - (k - 1 - p) for k, p in zip(spread.shape, before, strict=True)]
    ends = [c + n + k - 1 for c, n, k in zip(corner, image.shape, spread.shape, strict=True)]
    window = wide[corner[0] : ends[0], corner[1] : ends[1]]
    back = scipy.signal.correlate2d(window, spread[::-1, ::-1], mode="valid")
    tolerance = TOLERANCE[image.dtype.type]
    assert largest_error(back.ravel(), matrix.T @ y.ravel()) < tolerance
    framework = conv2d_transpose(y, spread, image.shape, stride, padding)
    assert largest_error(back, framework) < tolerance


@properties
@given(convolutions())
def test_adjoint_identity(case):
    image, kernel, stride, padding, dilation = case
    matrix = conv_matrix(kernel, image.shape, stride, padding, dilation).astype(np.float64)
    u, x = some_output(matrix), image.ravel().astype(np.float64)
    assert abs((matrix @ x) @ u - x @ (matrix.T @ u)) < 1e-10


@properties
@given(convolutions())
def test_sizes_equal_tensorflow(case):
    image, kernel, stride, padding, dilation = case
    assume(not isinstance(padding, tuple))
    sizes = [
        conv_output_size(n, k, stride, padding, dilation)
        for n, k in zip(image.shape, kernel.shape, strict=True)
    ]
    assert sizes == list(conv2d(*case).shape)
    matrix = conv_matrix(kernel, image.shape, stride, padding, dilation)
    assert matrix.shape == (np.prod(sizes), image.size)


@properties
@given(
    size=st.integers(1, 12),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 4),
    padding=st.sampled_from(["valid", "same"]),
    output_padding=st.none() | st.integers(0, 3),
    dilation=st.integers(1, 2),
)
def test_transposed_sizes_equal_keras(size, kernel, stride, padding, output_padding, dilation):
    assume(output_padding is None or output_padding < stride)
    assume(stride == 1 or dilation == 1)  # Keras allows one of them at a time
    assume(padding == "valid" or kernel % 2 or dilation > 1 or output_padding != 0)
    length = conv_transpose_output_size(size, kernel, stride, padding, output_padding, dilation)
    layer = keras.layers.Conv2DTranspose(
        1, kernel, stride, padding, output_padding, dilation_rate=dilation
    )
    assert list(layer.compute_output_shape((1, size, size, 1))) == [1, length, length, 1]
    if dilation == 1:
        y = keras_transpose(size, kernel, stride, padding, output_padding)
        assert y.shape == (1, length, length, 1)


@pytest.mark.parametrize("kernel", [2, 4])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_same_with_an_even_kernel_and_no_output_padding_exists_nowhere(kernel, stride):
    with pytest.raises(ValueError, match="TensorFlow refuses"):
        conv_transpose_output_size(5, kernel, stride, "same", output_padding=0)
    with pytest.raises(tf.errors.OpError):
        keras_transpose(5, kernel, stride, "same", output_padding=0)


def keras_transpose(size, kernel, stride, padding, output_padding):
    y, kernel = np.ones((1, size, size, 1)), np.ones((kernel, kernel, 1, 1))
    return keras.ops.conv_transpose(y, kernel, stride, padding, output_padding)


@properties
@given(
    size=st.integers(1, 12),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 4),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 2),
)
def test_output_padding_settles_the_size(size, kernel, stride, padding, dilation):
    """Just the sizes of output padding 0 to stride - 1 are taken to ``size`` by the convolution."""
    lengths = []
    for output_padding in range(stride):
        try:
            length = conv_transpose_output_size(
                size, kernel, stride, padding, output_padding, dilation
            )
        except ValueError:
            continue
        lengths.append(length)
    fitting = [
        n
        for n in range(1, 70)
        if dilation * (kernel - 1) + 1 <= n + 2 * padding
        and conv_output_size(n, kernel, stride, padding, dilation) == size
    ]
    assert lengths == fitting


@properties
@given(convolutions())
def test_sparse_equals_dense(case):
    image, kernel, stride, padding, dilation = case
    dense = conv_matrix(kernel, image.shape, stride, padding, dilation)
    sparse = conv_matrix(kernel, image.shape, stride, padding, dilation, sparse=True)
    assert isinstance(sparse, scipy.sparse.csr_array)
    assert sparse.dtype == dense.dtype == kernel.dtype
    assert sparse.has_canonical_format
    np.testing.assert_array_equal(sparse.toarray(), dense)


def test_same_pads_an_odd_zero_at_the_bottom_and_right():
    kernel = np.array([[1, 2]])
    np.testing.assert_array_equal(
        conv_matrix(kernel, (1, 3), padding="same"), [[1, 2, 0], [0, 1, 2], [0, 0, 1]]
    )


def test_matrix_does_not_share_memory_with_the_kernel():
    kernel = np.ones((2, 2))
    matrix = conv_matrix(kernel, (2, 2), sparse=True)
    matrix.data[:] = 5
    assert (kernel == 1).all()


def test_insert_zeros_leaves_stride_one_alone():
    image = np.arange(6).reshape(2, 3)
    np.testing.assert_array_equal(insert_zeros(image, 1), image)
    assert insert_zeros(image, 3).shape == (4, 7)
    np.testing.assert_array_equal(insert_zeros(image, 3)[::3, ::3], image)
    assert insert_zeros(image, 3).sum() == image.sum()


@pytest.mark.parametrize(
    "arguments, says",
    [
        ({"kernel": np.ones(3)}, "two axes"),
        ({"kernel": np.ones((3, 3, 1, 1))}, "one matrix for each pair of channels"),
        ({"kernel": np.ones((0, 3))}, "two axes"),
        ({"image_shape": (4, 4, 1)}, "no channels"),
        ({"image_shape": 4}, "no channels"),
        ({"image_shape": (4, 2)}, "does not fit into 2"),
        ({"image_shape": (0, 4)}, "height must be a whole number"),
        ({"stride": 0}, "stride must be"),
        ({"stride": 1.5}, "stride must be"),
        ({"dilation": 0}, "dilation must be"),
        ({"dilation": 2}, "spans 5 pixels"),
        ({"padding": "SAME"}, "got 'SAME'"),
        ({"padding": -1}, "got -1"),
        ({"padding": (1, 1)}, "top, bottom"),
        ({"padding": ((1, 1), (1, -1))}, "number of zeros on each side"),
    ],
)
def test_conv_matrix_names_what_is_wrong(arguments, says):
    with pytest.raises(ValueError, match=says):
        conv_matrix(**{"kernel": np.ones((3, 3)), "image_shape": (4, 4)} | arguments)


@pytest.mark.parametrize("image", [np.ones(3), np.ones((1, 3, 3, 1)), np.ones((0, 2))])
def test_insert_zeros_names_what_is_wrong(image):
    with pytest.raises(ValueError, match="height, width"):
        insert_zeros(image, 2)


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: conv_output_size(0, 3), "size must be"),
        (lambda: conv_output_size(2, 3), "does not fit into 2"),
        (lambda: conv_output_size(5, 3, padding="full"), "got 'full'"),
        (lambda: conv_transpose_output_size(3, 3, 2, output_padding=2), "got 2"),
        (lambda: conv_transpose_output_size(1, 3, padding=2), "Pad less"),
        (lambda: insert_zeros(np.ones((2, 2)), 0), "stride must be"),
    ],
)
def test_sizes_name_what_is_wrong(call, says):
    with pytest.raises(ValueError, match=says):
        call()
