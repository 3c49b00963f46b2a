"""A claim holds, or stops the notebook."""

import numpy as np
import pytest

from ae_helpers.claims import ClaimError, claim


@pytest.mark.parametrize("holds", [True, np.bool_(True), np.float32(1) < np.float32(2)])
def test_a_claim_that_holds_is_shown_with_a_check_mark(holds, capsys):
    claim("The second error is smaller", holds)
    assert capsys.readouterr().out == "✓ The second error is smaller\n"


@pytest.mark.parametrize("holds", [False, np.bool_(False), np.float64("nan") < 1])
def test_a_claim_that_does_not_hold_stops_the_notebook(holds, capsys):
    with pytest.raises(ClaimError, match="contradicts the lesson: The error is small"):
        claim("The error is small", holds)
    assert "✓" not in capsys.readouterr().out


def test_a_broken_claim_is_an_assertion_error():
    assert issubclass(ClaimError, AssertionError)


@pytest.mark.parametrize("holds", [1, 0.5, "yes", None, np.array([True]), np.array(1.0), [True]])
def test_what_is_not_one_truth_value_is_refused(holds):
    with pytest.raises(ValueError, match=r"one True or False .* got \w+\. Compare two numbers"):
        claim("The error is small", holds)


@pytest.mark.parametrize("text", ["", "  ", None, True])
def test_a_claim_without_a_sentence_is_refused(text):
    with pytest.raises(ValueError, match="needs a sentence as its first argument; got"):
        claim(text, True)


def test_the_arguments_swapped_are_refused():
    with pytest.raises(ValueError, match="needs a sentence"):
        claim(1 < 2, "One is below two")
