"""The matrix of a convolution and its transpose, against TensorFlow and SciPy."""

import numpy as np
import pytest
import scipy.signal
import scipy.sparse
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ae_helpers.convolution import conv_matrix
from ae_helpers.quiet import tf

TOLERANCE = {np.float32: 1e-5, np.float64: 1e-10}
properties = settings(max_examples=40)


@st.composite
def convolutions(draw):
    """A random image, kernel, stride and padding that fit together."""
    size = st.integers(1, 12), st.integers(1, 12)
    height, width = draw(st.tuples(*size))
    kernel_shape = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    stride = draw(st.integers(1, 4))
    zeros = st.integers(0, 3)
    side = st.tuples(zeros, zeros)
    padding = draw(st.one_of(st.sampled_from(["valid", "same"]), zeros, st.tuples(side, side)))
    if padding != "same":
        for length, entries, (before, after) in zip(
            (height, width), kernel_shape, per_side(padding), strict=True
        ):
            assume(entries <= length + before + after)
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    image = random.uniform(-1, 1, (height, width)).astype(dtype)
    kernel = random.uniform(-1, 1, kernel_shape).astype(dtype)
    return image, kernel, stride, padding


def per_side(padding):
    if isinstance(padding, tuple):
        return padding
    zeros = 0 if padding == "valid" else padding
    return (zeros, zeros), (zeros, zeros)


def for_tensorflow(padding):
    if isinstance(padding, str):
        return padding.upper()
    return [[0, 0], *map(list, per_side(padding)), [0, 0]]


def conv2d(image, kernel, stride, padding):
    image, kernel = tf.convert_to_tensor(image), tf.convert_to_tensor(kernel)
    return tf.nn.conv2d(
        image[None, :, :, None],
        kernel[:, :, None, None],
        stride,
        for_tensorflow(padding),
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


def spread_out(image, stride):
    """The image with ``stride - 1`` zeros between its pixels."""
    pattern = np.zeros((stride, stride), image.dtype)
    pattern[0, 0] = 1
    reach = [stride * (side - 1) + 1 for side in image.shape]
    return np.kron(image, pattern)[: reach[0], : reach[1]]


def largest_error(a, b):
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape
    return np.abs(a - b).max(initial=0)


def some_output(matrix, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, matrix.shape[0]).astype(matrix.dtype)


@properties
@given(convolutions())
def test_forward_equals_tensorflow(case):
    image, kernel, stride, padding = case
    expected = conv2d(*case).numpy()
    output = conv_matrix(kernel, image.shape, stride, padding) @ image.ravel()
    assert output.dtype == image.dtype
    assert output.size == expected.size
    assert largest_error(output.reshape(expected.shape), expected) < TOLERANCE[image.dtype.type]


@properties
@given(convolutions())
def test_forward_equals_scipy(case):
    image, kernel, stride, padding = case
    assume(padding != "same")
    padded = np.pad(image, per_side(padding))
    expected = scipy.signal.correlate2d(padded, kernel, mode="valid")[::stride, ::stride]
    output = conv_matrix(kernel, image.shape, stride, padding) @ image.ravel()
    assert largest_error(output, expected.ravel()) < TOLERANCE[image.dtype.type]


@properties
@given(convolutions())
def test_transpose_equals_tensorflow(case):
    image, kernel, stride, padding = case
    matrix = conv_matrix(kernel, image.shape, stride, padding)
    y = some_output(matrix).reshape(conv2d(*case).shape)
    expected = conv2d_transpose(y, kernel, image.shape, stride, padding)
    back = (matrix.T @ y.ravel()).reshape(image.shape)
    assert largest_error(back, expected) < TOLERANCE[image.dtype.type]


@properties
@given(convolutions())
def test_gradient_of_the_convolution_is_the_transpose(case):
    image, kernel, stride, padding = case
    matrix = conv_matrix(kernel, image.shape, stride, padding)
    x = tf.Variable(image)
    with tf.GradientTape() as tape:
        y = conv2d(x, kernel, stride, padding)
    u = some_output(matrix)
    gradient = tape.gradient(y, x, output_gradients=u.reshape(y.shape))
    assert largest_error(matrix.T @ u, np.ravel(gradient)) < TOLERANCE[image.dtype.type]


@properties
@given(convolutions())
def test_zero_insertion_equals_the_transpose(case):
    """Zeros between the pixels, a border of k - 1 - before, the flipped kernel, stride 1."""
    image, kernel, stride, padding = case
    matrix = conv_matrix(kernel, image.shape, stride, padding)
    y = some_output(matrix).reshape(conv2d(*case).shape)
    if padding == "same":
        total = [
            max((m - 1) * stride + k - n, 0)
            for m, k, n in zip(y.shape, kernel.shape, image.shape, strict=True)
        ]
        before = [zeros // 2 for zeros in total]
    else:
        before = [side[0] for side in per_side(padding)]
    wide = np.pad(spread_out(y, stride), 20)
    corner = [20 - (k - 1 - p) for k, p in zip(kernel.shape, before, strict=True)]
    ends = [c + n + k - 1 for c, n, k in zip(corner, image.shape, kernel.shape, strict=True)]
    window = wide[corner[0] : ends[0], corner[1] : ends[1]]
    back = scipy.signal.correlate2d(window, kernel[::-1, ::-1], mode="valid")
    tolerance = TOLERANCE[image.dtype.type]
    assert largest_error(back.ravel(), matrix.T @ y.ravel()) < tolerance
    framework = conv2d_transpose(y, kernel, image.shape, stride, padding)
    assert largest_error(back, framework) < tolerance


@properties
@given(convolutions())
def test_sparse_equals_dense(case):
    image, kernel, stride, padding = case
    dense = conv_matrix(kernel, image.shape, stride, padding)
    sparse = conv_matrix(kernel, image.shape, stride, padding, sparse=True)
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


@pytest.mark.parametrize(
    "arguments, says",
    [
        ({"kernel": np.ones(3)}, "two axes"),
        ({"kernel": np.ones((3, 3, 1, 1))}, "Index the channels away"),
        ({"image_shape": (4, 4, 1)}, "no channels"),
        ({"image_shape": 4}, "no channels"),
        ({"image_shape": (4, 2)}, r"\(3, 3\) does not fit into \(4, 2\)"),
        ({"image_shape": (0, 4)}, "a side of the image must be a whole number"),
        ({"stride": 0}, "stride must be"),
        ({"stride": 1.5}, "stride must be"),
        ({"padding": "SAME"}, "got 'SAME'"),
        ({"padding": -1}, "got -1"),
        ({"padding": (1, 1)}, "top, bottom"),
        ({"padding": ((1, 1), (1, -1))}, "a number of zeros, at least 0"),
    ],
)
def test_conv_matrix_names_what_is_wrong(arguments, says):
    with pytest.raises(ValueError, match=says):
        conv_matrix(**{"kernel": np.ones((3, 3)), "image_shape": (4, 4)} | arguments)
