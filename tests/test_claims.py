"""A claim holds and shows its numbers, or stops the notebook."""

import contextlib
import html
import re

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbval.plugin import get_sanitize_patterns

from ae_helpers.claims import ClaimError, claim


def _told(capsys, *arguments, **options):
    claim("It is less", *arguments, **options)
    return capsys.readouterr().out


@pytest.fixture
def outputs():
    """Run a claim as a notebook does; give back data and metadata of what it shows."""
    InteractiveShell.instance()

    def run(*arguments, **options):
        with capture_output() as captured, contextlib.suppress(ClaimError):
            claim(*arguments, **options)
        (output,) = captured.outputs
        return output.data, output.metadata

    yield run
    InteractiveShell.clear_instance()


# ---------------------------------------------------------------------------------- two numbers


@pytest.mark.parametrize(
    "left, sign, right",
    [
        (1, "<", 2),
        (1, "<=", 1),
        (2.5, ">", 2),
        (2.5, ">=", 2.5),
        (np.float32(0.1), "<", np.float64(0.2)),
        (np.array([0.1]), "<", np.array(0.2)),
        (-3, "<", 0),
    ],
)
def test_a_comparison_that_holds_passes(left, sign, right, capsys):
    assert _told(capsys, left, sign, right).startswith("✓ It is less   [")


@pytest.mark.parametrize("left, sign, right", [(2, "<", 1), (1, "<", 1), (1, ">", 1), (1, ">=", 2)])
def test_a_comparison_that_does_not_hold_stops_the_notebook(left, sign, right, capsys):
    named = re.escape(f"contradicts the lesson: It is less   [{left} {sign} {right}]")
    with pytest.raises(ClaimError, match=named):
        claim("It is less", left, sign, right)
    assert capsys.readouterr().out == f"✗ It is less   [{left} {sign} {right}]\n"


@pytest.mark.parametrize(
    "left, right, shown",
    [
        (0.010812, 0.0271828, "[0.01081 < 0.02718]"),
        (np.float32(0.1), 12.34567, "[0.1 < 12.35]"),
        (87, 784 / 5, "[87 < 156.8]"),
        (31_360, 123_456, "[31,360 < 123,456]"),
        (1.0, 1.00001, "[1 < 1.00001]"),
        (0.123412, 0.123413, "[0.123412 < 0.123413]"),
        (0.1 + 0.2, 0.30000000000000010, "[0.3 < 0.3000000000000001]"),
        (1, 1.0000001, "[1 < 1.0000001]"),
    ],
)
def test_it_shows_four_digits_or_as_many_as_tell_the_numbers_apart(left, right, shown, capsys):
    assert _told(capsys, left, "<", right) == f"✓ It is less   {shown}\n"


def test_equal_numbers_are_shown_equal(capsys):
    assert "[0.3333 <= 0.3333]" in _told(capsys, 1 / 3, "<=", 1 / 3)


@pytest.mark.parametrize("bad", [True, np.True_, "0.1", None, [None], 1j, object(), "nan"])
@pytest.mark.parametrize("side", ["left", "right"])
def test_what_is_no_number_is_refused(bad, side):
    numbers = {"left": 1.0, "right": 1.0, side: bad}
    with pytest.raises(TypeError, match=f"the {side} side of a claim must be a number; got"):
        claim("It is less", numbers["left"], "<=", numbers["right"])


@pytest.mark.parametrize("bad", [np.ones(3), [1, 2], np.ones((1, 2)), []])
@pytest.mark.parametrize("side", ["left", "right"])
def test_an_array_is_refused(bad, side):
    numbers = {"left": 1.0, "right": 1.0, side: bad}
    with pytest.raises(ValueError, match=rf"the {side} side .* one number; got an array of shape"):
        claim("It is less", numbers["left"], "<=", numbers["right"])


@pytest.mark.parametrize("bad", [float("nan"), np.float32("inf"), -np.inf])
@pytest.mark.parametrize("side", ["left", "right"])
def test_what_is_not_finite_is_refused(bad, side, capsys):
    numbers = {"left": 1.0, "right": 1.0, side: bad}
    with pytest.raises(ValueError, match=f"the {side} side of a claim must be finite; got"):
        claim("It is less", numbers["left"], "<=", numbers["right"])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("sign", ["=", "==", "!=", "", "less", 2, ("<",)])
def test_an_unknown_sign_is_refused(sign):
    with pytest.raises(ValueError, match="a claim's sign is one of <, <=, >, >=; got"):
        claim("It is less", 1, sign, 2)


def test_a_number_that_is_missing_is_refused():
    with pytest.raises(TypeError, match="the right side of a claim must be a number; got None"):
        claim("It is less", 1, "<")
    with pytest.raises(ValueError, match="sign is one of .* got None"):
        claim("It is less", 1, right=2)


# ------------------------------------------------------------------------------------ one truth


@pytest.mark.parametrize("holds", [True, np.bool_(True), np.array_equal([1], [1])])
def test_a_fact_that_holds_is_shown_with_a_check_mark(holds, capsys):
    assert _told(capsys, holds) == "✓ It is less\n"


@pytest.mark.parametrize("holds", [False, np.bool_(False)])
def test_a_fact_that_does_not_hold_stops_the_notebook(holds, capsys):
    with pytest.raises(ClaimError, match="contradicts the lesson: The shapes agree$"):
        claim("The shapes agree", holds)
    assert capsys.readouterr().out == "✗ The shapes agree\n"


@pytest.mark.parametrize("holds", [1, 0.5, "yes", None, np.array([True]), [True]])
def test_what_is_not_one_truth_value_is_refused(holds):
    with pytest.raises(TypeError, match=r"or one True or False; got \w+"):
        claim("The error is small", holds)


def test_only_numbers_can_be_seconds():
    with pytest.raises(TypeError, match="needs two numbers"):
        claim("It is faster", True, timed=True)


def test_a_broken_claim_is_an_assertion_error():
    assert issubclass(ClaimError, AssertionError)


@pytest.mark.parametrize("text", ["", "  ", None, True, 3])
def test_a_claim_without_a_sentence_is_refused(text):
    with pytest.raises(ValueError, match="first argument must be words; got"):
        claim(text, True)


# --------------------------------------------------------------------------- what a run records


@pytest.mark.parametrize("left, holds", [(0.5, True), (np.float32(2), False)])
def test_the_output_carries_the_claim_whether_it_holds_or_not(left, holds, outputs):
    _, metadata = outputs("It is less", left, "<", 1, timed=True)
    assert metadata["claim"] == {
        "text": "It is less",
        "left": float(left),
        "sign": "<",
        "right": 1,
        "timed": True,
        "holds": holds,
    }


def test_a_fact_has_no_numbers(outputs):
    data, metadata = outputs("They agree", True)
    assert metadata["claim"]["left"] is metadata["claim"]["sign"] is None
    assert "measured" not in data["text/html"]


def test_the_page_shows_sentence_and_numbers_in_the_themes_own_colors(outputs):
    data, _ = outputs("Less <b>", 0.25, "<", 0.5)
    assert "✓ Less &lt;b&gt;" in data["text/html"]
    shown = html.unescape(re.sub("<[^>]*>", "", data["text/html"]))
    assert shown == "✓ Less <b>0.25 < 0.5"
    assert not re.search(r"[; \"](color|background[\w-]*):", data["text/html"])


def test_nbval_compares_two_runs_with_other_numbers_as_equal(outputs, root):
    patterns = get_sanitize_patterns((root / "tests" / "nbval_sanitize.cfg").read_text())

    def sanitized(*numbers):
        texts = dict(outputs("Less [than] 3", *numbers)[0])
        for regex, replacement in patterns:
            texts = {kind: re.sub(regex, replacement, text) for kind, text in texts.items()}
        return texts

    first = sanitized(0.25, "<", 0.5)
    assert first == sanitized(1e-7, "<", 123456)
    assert first != sanitized(0.25, "<=", 0.5) and first != sanitized(0.75, "<", 0.5)
    assert first["text/plain"] == "✓ Less [than] 3   [measured < measured]"
