"""Time conv_matrix against two Python loops, over the outputs and over the kernel's entries."""

import time

import numpy as np
import scipy.sparse

from ae_helpers.convolution import conv_matrix

IMAGE, KERNEL = (64, 64), (5, 5)


def conv_matrix_by_loops(kernel: np.ndarray, image_shape: tuple[int, int]):
    """Build C, stride 1 and no padding, one entry at a time."""
    height, width = image_shape
    kernel_height, kernel_width = kernel.shape
    output_height, output_width = height - kernel_height + 1, width - kernel_width + 1
    rows, columns, values = [], [], []
    for output in range(output_height * output_width):
        top, left = divmod(output, output_width)
        for entry in range(kernel.size):
            down, right = divmod(entry, kernel_width)
            rows.append(output)
            columns.append((top + down) * width + left + right)
            values.append(kernel[down, right])
    shape = (output_height * output_width, height * width)
    return scipy.sparse.csr_array((values, (rows, columns)), shape=shape)


def best_seconds(function, repeats: int) -> float:
    """The shortest of several runs: what the work takes when nothing else runs."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def measure() -> dict[str, float]:
    """Seconds of both ways to the same sparse matrix."""
    kernel = np.random.default_rng(0).normal(size=KERNEL)
    by_loops = conv_matrix_by_loops(kernel, IMAGE)
    assert (by_loops != conv_matrix(kernel, IMAGE, sparse=True)).nnz == 0
    return {
        "loops": best_seconds(lambda: conv_matrix_by_loops(kernel, IMAGE), 5),
        "vectorized": best_seconds(lambda: conv_matrix(kernel, IMAGE, sparse=True), 50),
    }
