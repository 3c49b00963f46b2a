"""Write a convolution as a matrix, and say how large its result is, forward and transposed.

One channel, one image. Convolution means what the frameworks compute: cross-correlation, the kernel
is not flipped. The matrix C maps the image's pixels, row after row, to the output's: ``C @ x``. Its
transpose is the backward pass, and the transposed convolution.
"""

import math

import numpy as np
import scipy.sparse


def conv_matrix(
    kernel: np.ndarray,
    image_shape: tuple[int, int],
    stride: int = 1,
    padding: str | int | tuple[tuple[int, int], tuple[int, int]] = "valid",
    dilation: int = 1,
    sparse: bool = False,
) -> np.ndarray | scipy.sparse.csr_array:
    """Build the matrix C of a convolution, so that ``C @ image.ravel()`` is its flattened output.

    Parameters
    ----------
    kernel : ndarray
        Shape (kernel height, kernel width).
    image_shape : tuple of int
        Height and width of the image.
    stride, dilation : int
        Step of the kernel, and spacing of its entries, at least 1.
    padding : {"valid", "same"} or int or ((top, bottom), (left, right))
        "valid": none. "same": TensorFlow's, as much as makes the output ceil(size / stride) long,
        an odd zero at the bottom and right. Numbers: so many zeros on each side.
    sparse : bool
        A SciPy sparse matrix instead of an array.

    Returns
    -------
    ndarray or scipy.sparse.csr_array
        One row for each output pixel, one column for each image pixel, of the kernel's type.

    Raises
    ------
    ValueError
        If an argument is out of range, or the kernel is longer than the padded image.

    References
    ----------
    Dumoulin and Visin (2016), arXiv:1603.07285, section 4.1.

    Examples
    --------
    >>> conv_matrix(np.array([[1, 2]]), (1, 4), stride=2)
    array([[1, 2, 0, 0], [0, 0, 1, 2]])
    """
    kernel = np.asarray(kernel)
    if kernel.ndim != 2 or not kernel.size:
        raise ValueError(
            f"the kernel has two axes, height and width; got shape {kernel.shape}. "
            "For several channels build one matrix for each pair of channels"
        )
    if np.shape(image_shape) != (2,):
        raise ValueError(f"image_shape is (height, width), no channels; got {image_shape!r}")
    height, width = image_shape
    _check_positive(height=height, width=width, stride=stride, dilation=dilation)
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
    return matrix if sparse else matrix.toarray()


def insert_zeros(image: np.ndarray, stride: int) -> np.ndarray:
    """Put ``stride - 1`` zeros between neighboring pixels: none for stride 1, none outside.

    Parameters
    ----------
    image : ndarray
        Shape (height, width).
    stride : int
        Distance of neighboring pixels afterwards, at least 1.

    Returns
    -------
    ndarray
        Shape ((height - 1) stride + 1, (width - 1) stride + 1), of the image's type.

    Raises
    ------
    ValueError
        If ``image`` has not two axes, or ``stride`` is less than 1.

    References
    ----------
    Dumoulin and Visin (2016), arXiv:1603.07285, section 4.5.

    Examples
    --------
    >>> insert_zeros(np.array([[1, 2, 3]]), stride=2)
    array([[1, 0, 2, 0, 3]])
    """
    image = np.asarray(image)
    _check_positive(stride=stride)
    if image.ndim != 2 or not image.size:
        raise ValueError(
            f"expected one image of shape (height, width); got {image.shape}. "
            "Index the batch and the channel away: images[0, :, :, 0]"
        )
    height, width = image.shape
    spread = np.zeros(((height - 1) * stride + 1, (width - 1) * stride + 1), image.dtype)
    spread[::stride, ::stride] = image
    return spread


def conv_output_size(
    size: int, kernel: int, stride: int = 1, padding: str | int = "valid", dilation: int = 1
) -> int:
    """Compute the output length of a convolution along one axis.

    Parameters
    ----------
    size : int
        Input length, in pixels.
    kernel, stride, dilation : int
        Kernel length, step, and spacing of the kernel's entries, at least 1.
    padding : {"valid", "same"} or int
        "valid": none; "same": as much as makes the output ceil(size / stride) long; a number: so
        many zeros on either side.

    Returns
    -------
    int
        floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, and
        ceil(size / stride) for "same".

    Raises
    ------
    ValueError
        If an argument is out of range, or the kernel is longer than the padded input.

    References
    ----------
    Dumoulin and Visin (2016), arXiv:1603.07285, relationship 6.

    Examples
    --------
    >>> conv_output_size(28, kernel=3, stride=2, padding="same")
    14
    """
    _check_positive(size=size, kernel=kernel, stride=stride, dilation=dilation)
    _check_padding(padding)
    if padding == "same":
        return math.ceil(size / stride)
    reach = dilation * (kernel - 1) + 1
    padded = size + 2 * (0 if padding == "valid" else padding)
    if reach > padded:
        raise ValueError(
            f"a kernel that spans {reach} pixels does not fit into {padded}. "
            'Take a larger image, a smaller kernel, or padding="same"'
        )
    return (padded - reach) // stride + 1


def conv_transpose_output_size(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: str | int = "valid",
    output_padding: int | None = None,
    dilation: int = 1,
) -> int:
    """Compute the output length of a transposed convolution along one axis, as Keras does.

    Parameters
    ----------
    size : int
        Input length, in pixels.
    kernel, stride, dilation : int
        Those of the convolution that is transposed, at least 1.
    padding : {"valid", "same"} or int
        The padding of the convolution that is transposed. A number: zeros on either side.
    output_padding : int, optional
        How many pixels longer than the shortest possible output: 0 <= output_padding < stride.
        Without it, "same" gives size * stride, and "valid" the least length that a "valid"
        convolution with this kernel covers, at least size * stride.

    Returns
    -------
    int
        The output length.

    Raises
    ------
    ValueError
        If an argument is out of range, nothing would be left, or no "same" convolution has that
        output: Keras names a size for an even kernel and output padding 0, TensorFlow refuses it.

    References
    ----------
    Dumoulin and Visin (2016), arXiv:1603.07285, relationship 14.

    Examples
    --------
    >>> conv_transpose_output_size(7, kernel=3, stride=2, padding="same")
    14
    """
    _check_positive(size=size, kernel=kernel, stride=stride, dilation=dilation)
    _check_padding(padding)
    reach = dilation * (kernel - 1) + 1
    if output_padding is None:
        if padding == "same":
            return size * stride
        if padding == "valid":
            return size * stride + max(reach - stride, 0)
        output_padding = 0
    if not 0 <= output_padding < stride:
        raise ValueError(f"output_padding lies in 0 to stride - 1; got {output_padding}")
    if padding == "same" and reach % 2 == 0 and output_padding == 0:
        raise ValueError(
            f'no "same" convolution of stride {stride} makes {size} pixels of '
            f"{(size - 1) * stride}, and TensorFlow refuses. With an even kernel leave "
            "output_padding out, or take at least 1"
        )
    zeros = {"valid": 0, "same": reach // 2}.get(padding, padding)
    length = (size - 1) * stride + reach - 2 * zeros + output_padding
    if length < 1:
        raise ValueError(
            f"expected an output of at least 1 pixel; these sizes give {length}. Pad less"
        )
    return length


def _tap_positions(
    size: int, kernel: int, stride: int, padding: str | tuple[int, int], dilation: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where each output pixel's kernel entries lie along one axis, and whether inside the image."""
    reach = dilation * (kernel - 1) + 1
    if padding == "same":
        outputs = math.ceil(size / stride)
        before = max((outputs - 1) * stride + reach - size, 0) // 2
    else:
        before, after = padding
        outputs = conv_output_size(size + before + after, kernel, stride, "valid", dilation)
    starts = np.arange(outputs, dtype=np.int32) * stride - before
    positions = starts[:, None] + np.arange(kernel, dtype=np.int32) * dilation
    return positions, (positions >= 0) & (positions < size)


def _zeros_outside(padding) -> list:
    """For the rows and for the columns: "same", or how many zeros before and after."""
    if isinstance(padding, str | int | np.integer):
        _check_padding(padding)
        zeros = 0 if padding == "valid" else padding
        return ["same"] * 2 if padding == "same" else [(zeros, zeros)] * 2
    try:
        (top, bottom), (left, right) = padding
    except (TypeError, ValueError):
        raise ValueError(
            f"padding for each side is ((top, bottom), (left, right)); got {padding!r}"
        ) from None
    for zeros in (top, bottom, left, right):
        if not isinstance(zeros, int | np.integer) or zeros < 0:
            raise ValueError(f"padding is a number of zeros on each side; got {padding!r}")
    return [(top, bottom), (left, right)]


def _check_positive(**numbers: int) -> None:
    for name, value in numbers.items():
        if not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"{name} must be a whole number, at least 1; got {value!r}")


def _check_padding(padding: str | int) -> None:
    if padding in ("valid", "same") or (isinstance(padding, int | np.integer) and padding >= 0):
        return
    raise ValueError(
        f'padding is "valid", "same" or a number of zeros, at least 0; got {padding!r}'
    )
