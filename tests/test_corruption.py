"""Shifts and blanks against SciPy and against what they mean."""

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given
from hypothesis import strategies as st

from ae_helpers import corruption

seeds = st.integers(0, 2**32 - 1)


def _images(seed, height=5, width=7, channels=2):
    return np.random.default_rng(seed).random((3, height, width, channels), dtype=np.float32)


@given(seeds, st.integers(-4, 4), st.integers(-6, 6))
def test_shift_is_scipys(seed, rows, columns):
    x = _images(seed)
    expected = scipy.ndimage.shift(x, (0, rows, columns, 0), order=0, mode="constant", cval=0)
    moved = corruption.shift(x, rows, columns)
    np.testing.assert_array_equal(moved, expected)
    assert moved.dtype == x.dtype


@given(seeds, st.integers(-4, 4), st.integers(-6, 6))
def test_shifting_back_restores_what_stayed_in_view(seed, rows, columns):
    x = _images(seed)
    back = corruption.shift(corruption.shift(x, rows, columns), -rows, -columns)
    seen = corruption.shift(corruption.shift(np.ones_like(x), rows, columns), -rows, -columns)
    np.testing.assert_array_equal(back, x * seen)


@given(seeds, st.integers(0, 5), st.integers(0, 5))
def test_blank_changes_its_rows_only(seed, a, b):
    x = _images(seed)
    before, (top, bottom) = x.copy(), sorted((a, b))
    blanked = corruption.blank(x, top, bottom)
    assert not blanked[:, top:bottom].any()
    kept = np.delete(np.arange(5), slice(top, bottom))
    np.testing.assert_array_equal(blanked[:, kept], x[:, kept])
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("rows, columns", [(5, 0), (-5, 0), (0, 7), (0, -8)])
def test_a_shift_out_of_view_is_refused(rows, columns):
    with pytest.raises(ValueError, match="5 x 7 image out of view"):
        corruption.shift(_images(0), rows, columns)


@pytest.mark.parametrize("top, bottom", [(-1, 2), (3, 2), (0, 6)])
def test_blanking_outside_the_image_is_refused(top, bottom):
    with pytest.raises(ValueError, match="outside an image of height 5"):
        corruption.blank(_images(0), top, bottom)


@pytest.mark.parametrize("spoil", [corruption.shift, lambda x: corruption.blank(x, 0, 1)])
def test_what_is_no_stack_of_images_is_refused(spoil):
    with pytest.raises(ValueError, match=r"\(n, height, width, channels\); got shape \(28, 28\)"):
        spoil(np.zeros((28, 28)))
