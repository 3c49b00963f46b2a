"""The matrix of a convolution and its transpose, against TensorFlow and SciPy.

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

from ae_helpers.convolution import conv_matrix, insert_zeros
from ae_helpers.quiet import tf

TOLERANCE = {np.float32: 1e-5, np.float64: 1e-10}
properties = settings(max_examples=40)


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
        ({"kernel": np.ones((3, 3, 1, 1))}, "Index batch and channel away"),
        ({"image_shape": (4, 4, 1)}, "no channels"),
        ({"image_shape": 4}, "no channels"),
        ({"image_shape": (4, 2)}, "does not fit into 2"),
        ({"image_shape": (0, 4)}, "a side of the image must be a whole number"),
        ({"stride": 0}, "stride must be"),
        ({"stride": 1.5}, "stride must be"),
        ({"dilation": 0}, "dilation must be"),
        ({"dilation": 2}, "spans 5 pixels"),
        ({"padding": "SAME"}, "got 'SAME'"),
        ({"padding": -1}, "got -1"),
        ({"padding": (1, 1)}, "top, bottom"),
        ({"padding": ((1, 1), (1, -1))}, "a number of zeros, at least 0"),
    ],
)
def test_conv_matrix_names_what_is_wrong(arguments, says):
    with pytest.raises(ValueError, match=says):
        conv_matrix(**{"kernel": np.ones((3, 3)), "image_shape": (4, 4)} | arguments)


@pytest.mark.parametrize("image", [np.ones(3), np.ones((1, 3, 3, 1))])
def test_insert_zeros_names_what_is_wrong(image):
    with pytest.raises(ValueError, match="height, width"):
        insert_zeros(image, 2)
