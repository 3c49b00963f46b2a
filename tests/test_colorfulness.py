"""Colorfulness against values worked out by hand, plain Python, and what the formula implies."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ae_helpers import data, metrics

IMAGES = arrays.arrays(np.float64, (3, 4, 3), elements=st.floats(0, 1))


@pytest.mark.parametrize(
    "pixels, expected",
    [
        ([(1, 0, 0), (0, 1, 0)], 255 + 0.3 * 127.5),  # red-green spreads, yellow-blue stands at 1/2
        ([(0, 0, 1)] * 2, 0.3 * 255),  # one blue: no spread, only distance from gray
        ([(1, 1, 0), (0, 0, 1)], 255),  # yellow and blue cancel in the mean
        ([(0, 0, 0), (1, 1, 1)], 0),
    ],
)
def test_colorfulness_by_hand(pixels, expected):
    assert metrics.colorfulness(np.array([pixels])) == pytest.approx(expected)


@given(IMAGES)
def test_colorfulness_equals_the_formula_in_plain_python(image):
    pixels = [[255 * value for value in pixel] for row in image.tolist() for pixel in row]
    red_green = [r - g for r, g, _ in pixels]
    yellow_blue = [(r + g) / 2 - b for r, g, b in pixels]
    spread = math.hypot(statistics.pstdev(red_green), statistics.pstdev(yellow_blue))
    offset = math.hypot(statistics.fmean(red_green), statistics.fmean(yellow_blue))
    assert metrics.colorfulness(image) == pytest.approx(spread + 0.3 * offset, abs=1e-6)


@given(IMAGES, st.floats(0, 1))
def test_colorfulness_shrinks_in_step_with_the_colors(image, share):
    gray = image.mean(axis=-1, keepdims=True)
    paler = np.clip(gray + share * (image - gray), 0, 1)
    assert metrics.colorfulness(paler) == pytest.approx(
        share * metrics.colorfulness(image), abs=1e-6
    )


def test_colorfulness_of_a_gray_photo_is_zero_and_of_a_warm_one_high():
    photo = data.load_photo("coffee")
    gray = np.repeat(photo.mean(axis=-1, keepdims=True), 3, axis=-1)
    assert metrics.colorfulness(gray) == pytest.approx(0, abs=1e-6)
    assert 45 < metrics.colorfulness(photo) < 109


@pytest.mark.parametrize(
    "image, message",
    [
        (np.zeros((4, 4, 1)), r"on the last axis; got shape \(4, 4, 1\)"),
        (np.full((2, 2, 3), 255.0), r"must lie in \[0, 1\]; it spans \[255, 255\]"),
    ],
)
def test_colorfulness_refuses_what_is_not_a_color_image(image, message):
    with pytest.raises(ValueError, match=message):
        metrics.colorfulness(image)
