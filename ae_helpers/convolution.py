"""Say how large the result of a convolution is, forward and transposed."""

import math
from numbers import Integral


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
        raise ValueError(f"a kernel that spans {reach} pixels does not fit into {padded}")
    return (padded - reach) // stride + 1


def conv_transpose_output_size(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: str | int = "valid",
    output_padding: int | None = None,
) -> int:
    """Compute the output length of a transposed convolution along one axis, as Keras does.

    Parameters
    ----------
    size : int
        Input length, in pixels.
    kernel, stride : int
        Kernel length and stride of the convolution that is transposed, at least 1.
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
        If an argument is out of range, or nothing would be left.

    References
    ----------
    Dumoulin and Visin (2016), arXiv:1603.07285, relationship 14.

    Examples
    --------
    >>> conv_transpose_output_size(7, kernel=3, stride=2, padding="same")
    14
    """
    _check_positive(size=size, kernel=kernel, stride=stride)
    _check_padding(padding)
    if output_padding is None:
        if padding == "same":
            return size * stride
        if padding == "valid":
            return size * stride + max(kernel - stride, 0)
        output_padding = 0
    if not 0 <= output_padding < stride:
        raise ValueError(f"output_padding lies in 0 to stride - 1; got {output_padding}")
    zeros = {"valid": 0, "same": kernel // 2}.get(padding, padding)
    length = (size - 1) * stride + kernel - 2 * zeros + output_padding
    if length < 1:
        raise ValueError(f"nothing is left: the output would be {length} pixels long")
    return length


def _check_positive(**numbers: int) -> None:
    for name, value in numbers.items():
        if not isinstance(value, Integral) or value < 1:
            raise ValueError(f"{name} must be a whole number, at least 1; got {value!r}")


def _check_padding(padding: str | int) -> None:
    if padding in ("valid", "same") or (isinstance(padding, Integral) and padding >= 0):
        return
    raise ValueError(
        f'padding is "valid", "same" or a number of zeros, at least 0; got {padding!r}'
    )
