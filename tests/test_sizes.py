"""The size formulas against the framework's own layers, over a full grid."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ae_helpers.convolution import conv_output_size, conv_transpose_output_size

SIZES, KERNELS, STRIDES = range(1, 14), range(1, 7), range(1, 5)


@pytest.fixture(scope="module")
def layers():
    from ae_helpers.training import keras

    return keras.layers


@pytest.fixture(scope="module")
def nn():
    from ae_helpers._tensorflow import tf

    return tf


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_convolution_is_the_layers(layers, padding):
    for kernel, stride, dilation in product(KERNELS, STRIDES, (1, 2, 3)):
        if stride > 1 and dilation > 1:
            continue  # the framework has no such layer
        layer = layers.Conv1D(1, kernel, stride, padding, dilation_rate=dilation)
        for size in SIZES:
            if padding == "valid" and dilation * (kernel - 1) + 1 > size:
                with pytest.raises(ValueError, match="does not fit into"):
                    conv_output_size(size, kernel, stride, padding, dilation)
                continue
            expected = layer.compute_output_shape((1, size, 1))[1]
            got = conv_output_size(size, kernel, stride, padding, dilation)
            assert got == expected, (size, kernel, stride, padding, dilation)


def test_convolution_with_a_number_of_zeros_is_tensorflows(nn):
    for size, kernel, stride, zeros in product((3, 6, 7, 8), (1, 2, 3, 5), (1, 2, 3), (0, 1, 2)):
        if kernel > size + 2 * zeros:
            continue
        pads = [[0, 0], [zeros, zeros], [0, 0], [0, 0]]
        result = nn.nn.conv2d(
            nn.ones((1, size, 1, 1)), nn.ones((kernel, 1, 1, 1)), [1, stride, 1, 1], pads
        )
        assert conv_output_size(size, kernel, stride, zeros) == result.shape[1]


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_transposed_convolution_is_the_layers(layers, padding):
    for kernel, stride in product(KERNELS, STRIDES):
        for output_padding in (None, *range(stride)):
            if output_padding is not None and output_padding >= stride:
                continue
            layer = layers.Conv1DTranspose(1, kernel, stride, padding, output_padding)
            for size in SIZES:
                arguments = (size, kernel, stride, padding, output_padding)
                expected = layer.compute_output_shape((1, size, 1))[1]
                if padding == "same" and kernel % 2 == 0 and output_padding == 0:
                    with pytest.raises(ValueError, match='no "same" convolution'):
                        conv_transpose_output_size(*arguments)  # TensorFlow cannot run it
                elif expected is None or expected < 1:
                    with pytest.raises(ValueError, match="at least 1 pixel"):
                        conv_transpose_output_size(*arguments)
                else:
                    assert conv_transpose_output_size(*arguments) == expected, arguments


def test_the_transposed_layer_really_puts_out_that_many_pixels(layers, nn):
    """Not only what Keras announces: what comes out when the layer runs.

    Without output_padding=0: for "same" and an even kernel, TensorFlow cannot run what Keras
    announces then, since a "same" convolution of that size would not lead back.
    """
    for kernel, stride, padding in product((1, 2, 3, 4, 5), (1, 2, 3), ("valid", "same")):
        for output_padding in (None, *range(1, stride)):
            layer = layers.Conv1DTranspose(1, kernel, stride, padding, output_padding)
            for size in (3, 4, 7):
                result = layer(nn.ones((1, size, 1)))
                got = conv_transpose_output_size(size, kernel, stride, padding, output_padding)
                assert got == result.shape[1], (size, kernel, stride, padding, output_padding)


@given(
    st.integers(1, 60), st.integers(1, 9), st.integers(1, 5), st.integers(0, 4), st.integers(0, 4)
)
def test_output_padding_settles_which_size_comes_back(size, kernel, stride, zeros, other):
    """A convolution maps ``stride`` sizes to one; each has its own output_padding."""
    assume(kernel <= size + 2 * zeros)
    small = conv_output_size(size, kernel, stride, zeros)
    lost = (size + 2 * zeros - kernel) % stride
    assert conv_transpose_output_size(small, kernel, stride, zeros, lost) == size
    assume(other < stride and size - lost + other >= 1)
    back = conv_transpose_output_size(small, kernel, stride, zeros, other)
    assert back == size - lost + other
    assert conv_output_size(back, kernel, stride, zeros) == small


def test_numpys_whole_numbers_will_do():
    assert conv_output_size(np.int64(9), np.int32(3), np.int64(2), np.int64(1)) == 5
    assert conv_transpose_output_size(np.int64(5), 3, 2, np.int64(1)) == 9


@pytest.mark.parametrize("name", ["size", "kernel", "stride", "dilation"])
@pytest.mark.parametrize("value", [0, -1, 1.5, "3", None])
def test_a_length_that_is_no_positive_whole_number_is_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must be a whole number, at least 1; got"):
        conv_output_size(**{"size": 9, "kernel": 3, name: value})


@pytest.mark.parametrize("size_of", [conv_output_size, conv_transpose_output_size])
@pytest.mark.parametrize("padding", ["full", -1, 0.5, None])
def test_an_unknown_padding_is_refused(size_of, padding):
    with pytest.raises(ValueError, match='padding is "valid", "same" or a number of zeros'):
        size_of(9, 3, padding=padding)


@pytest.mark.parametrize("output_padding", [-1, 2, 3])
def test_output_padding_outside_the_stride_is_refused(output_padding):
    with pytest.raises(ValueError, match="0 to stride - 1"):
        conv_transpose_output_size(4, 3, 2, "same", output_padding)


def test_padding_that_leaves_nothing_is_refused():
    with pytest.raises(ValueError, match="at least 1 pixel; these sizes give -1"):
        conv_transpose_output_size(1, 3, 1, 2)
