"""Write a convolution as a matrix, and spread an image out for its transpose.

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
    dilation: int = 1,
    sparse: bool = False,
) -> np.ndarray | scipy.sparse.csr_array:
    """Build the matrix C of a convolution, so that ``C @ image.ravel()`` is its flattened output.

    It has one row for each output pixel, one column for each image pixel, and the kernel's type.

    Parameters
    ----------
    kernel : ndarray
        Shape (height, width), at most as long as the padded image.
    stride, dilation : int
        Step of the kernel, and spacing of its entries, at least 1.
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
    kernel = _two_axes("kernel", kernel)
    if not isinstance(image_shape, tuple | list) or len(image_shape) != 2:
        raise ValueError(f"image_shape is (height, width), no channels; got {image_shape!r:.60}")
    height, width = (_check.whole("a side of the image", side) for side in image_shape)
    rows, columns = _zeros_outside(padding)
    row, row_inside = _tap_positions(height, kernel.shape[0], stride, rows, dilation)
    column, column_inside = _tap_positions(width, kernel.shape[1], stride, columns, dilation)

    # Axes: output row, output column, kernel row, kernel column. Flattened, CSR's own order.
    taps = (len(row), len(column), *kernel.shape)
    index = (row * width)[:, None, :, None] + column[None, :, None, :]
    values = np.broadcast_to(kernel, taps)
    taps_in_image = np.outer(row_inside.sum(1), column_inside.sum(1)).ravel()
    if taps_in_image.min() < kernel.size:  # taps in the padding have no column
        inside = row_inside[:, None, :, None] & column_inside[None, :, None, :]
        index, values = index[inside], values[inside]
    starts = np.concatenate([[0], np.cumsum(taps_in_image)], dtype=np.int32)
    shape = (len(row) * len(column), height * width)
    matrix = scipy.sparse.csr_array((values.flatten(), index.ravel(), starts), shape=shape)
    return matrix if _check.flag("sparse", sparse) else matrix.toarray()


def insert_zeros(image: np.ndarray, stride: int) -> np.ndarray:
    """Put ``stride - 1`` zeros between neighboring pixels, none outside.

    A side of (height, width) grows to (side - 1) stride + 1.

    Examples
    --------
    >>> insert_zeros(np.array([[1, 2, 3]]), stride=2)
    array([[1, 0, 2, 0, 3]])
    """
    image, stride = _two_axes("image", image), _check.whole("stride", stride)
    spread = np.zeros([(side - 1) * stride + 1 for side in image.shape], image.dtype)
    spread[::stride, ::stride] = image
    return spread


def _two_axes(name: str, value: np.ndarray) -> np.ndarray:
    value = _check.array(name, value)
    if value.ndim != 2:
        raise ValueError(
            f"{name} must have two axes, (height, width); got shape {value.shape}. "
            "Index batch and channel away: images[0, :, :, 0]"
        )
    return value


def _tap_positions(
    size: int, kernel: int, stride: int, padding: str | tuple[int, int], dilation: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where each output pixel's kernel entries lie along one axis, and whether inside the image."""
    _check.whole("stride", stride)
    reach = _check.whole("dilation", dilation) * (kernel - 1) + 1
    if padding == "same":
        outputs = -(-size // stride)
        before = max((outputs - 1) * stride + reach - size, 0) // 2
    else:
        before, padded = padding[0], size + sum(padding)
        if reach > padded:
            raise ValueError(
                f"a kernel that spans {reach} pixels does not fit into {padded}. "
                'Take a larger image, a smaller kernel, or padding="same"'
            )
        outputs = (padded - reach) // stride + 1
    starts = np.arange(outputs, dtype=np.int32) * stride - before
    positions = starts[:, None] + np.arange(kernel, dtype=np.int32) * dilation
    return positions, (positions >= 0) & (positions < size)


def _zeros_outside(padding) -> list:
    """For the rows and for the columns: "same", or how many zeros before and after."""
    if isinstance(padding, str) and padding in ("valid", "same"):
        return ["same"] * 2 if padding == "same" else [(0, 0)] * 2
    sides = padding if isinstance(padding, tuple | list) else [[padding] * 2] * 2
    try:
        return [tuple(_check.whole("padding", zeros, 0) for zeros in (a, b)) for a, b in sides]
    except (TypeError, ValueError):
        raise ValueError(
            'padding must be "valid", "same", a number of zeros, at least 0, or '
            f"((top, bottom), (left, right)); got {padding!r:.60}"
        ) from None
