"""Write a convolution as a matrix.

One channel, one image. Convolution means what the frameworks compute: cross-correlation, the kernel
is not flipped. The matrix C maps the image's pixels, row after row, to the output's: ``C @ x``. Its
transpose is the backward pass, and the transposed convolution. What is out of range raises a
TypeError or a ValueError. Source: Dumoulin and Visin (2016), arXiv:1603.07285, sections 4.1, 4.5.
"""

import numpy as np
import scipy.sparse

from ae_helpers import _check


def conv_matrix(
    kernel: np.ndarray,
    image_shape: tuple[int, int],
    stride: int = 1,
    padding: str | int | tuple[tuple[int, int], tuple[int, int]] = "valid",
    sparse: bool = False,
) -> np.ndarray | scipy.sparse.csr_array:
    """Build the matrix C of a convolution, so that ``C @ image.ravel()`` is its flattened output.

    It has one row for each output pixel, one column for each image pixel, and the kernel's type.

    Parameters
    ----------
    kernel : ndarray
        Shape (height, width), at most as long as the padded image.
    stride : int
        Step of the kernel, at least 1.
    padding : {"valid", "same"} or int or ((top, bottom), (left, right))
        "valid": none. "same": TensorFlow's, as much as makes the output ceil(size / stride) long,
        an odd zero at the bottom and right. Numbers: so many zeros on each side.
    sparse : bool
        A SciPy sparse matrix instead of an array.

    Examples
    --------
    >>> conv_matrix(np.array([[1, 2]]), (1, 4), stride=2)
    array([[1, 2, 0, 0], [0, 0, 1, 2]])
    """
    kernel = _check.array("kernel", kernel)
    if kernel.ndim != 2:
        raise ValueError(
            f"kernel must have two axes, (height, width); got shape {kernel.shape}. "
            "Index the channels away: kernel[:, :, 0, 0]"
        )
    if not isinstance(image_shape, tuple | list) or len(image_shape) != 2:
        raise ValueError(f"image_shape is (height, width), no channels; got {image_shape!r:.60}")
    height, width = (_check.whole("a side of the image", side) for side in image_shape)
    _check.whole("stride", stride)
    zeros = _zeros_outside(padding, (height, width), kernel.shape, stride)
    numbered = np.arange(height * width, dtype=np.int32).reshape(height, width)
    padded = np.pad(numbered, zeros, constant_values=-1)
    if any(np.greater(kernel.shape, padded.shape)):
        raise ValueError(
            f"a kernel of shape {kernel.shape} does not fit into {padded.shape} pixels. "
            'Take a larger image, a smaller kernel, or padding="same"'
        )
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)[::stride, ::stride]
    pixels = windows.reshape(-1, kernel.size)  # a row for each output: the pixels it sees
    inside = pixels >= 0  # what the kernel sees of the padding has no column
    values = np.broadcast_to(kernel.ravel(), pixels.shape)[inside]
    starts = np.concatenate([[0], np.cumsum(inside.sum(axis=1))], dtype=np.int32)
    shape = (len(pixels), height * width)
    matrix = scipy.sparse.csr_array((values, pixels[inside], starts), shape=shape)
    return matrix if _check.flag("sparse", sparse) else matrix.toarray()


def _zeros_outside(padding, image_shape, kernel_shape, stride) -> list[tuple[int, int]]:
    """For the rows and for the columns: how many zeros before and after."""
    if isinstance(padding, str) and padding == "same":
        sizes = zip(image_shape, kernel_shape, strict=True)
        totals = [max((-(-n // stride) - 1) * stride + k - n, 0) for n, k in sizes]
        return [(total // 2, total - total // 2) for total in totals]
    if isinstance(padding, str) and padding == "valid":
        padding = 0
    sides = padding if isinstance(padding, tuple | list) else [[padding] * 2] * 2
    try:
        (top, bottom), (left, right) = sides
        return [
            tuple(_check.whole("padding", zeros, least=0) for zeros in side)
            for side in ((top, bottom), (left, right))
        ]
    except (TypeError, ValueError):
        raise ValueError(
            'padding must be "valid", "same", a number of zeros, at least 0, or '
            f"((top, bottom), (left, right)); got {padding!r:.60}"
        ) from None
