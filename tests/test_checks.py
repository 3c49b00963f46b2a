"""A check says one sentence, whatever an answer raises."""

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from ae_helpers.checks import CheckError, check


def said(function, expected="shape (3,)"):
    with pytest.raises(CheckError) as caught, check(expected):
        function()
    assert caught.value.__suppress_context__  # no "During handling of the above exception"
    return str(caught.value)


def test_what_passes_says_nothing():
    with check("anything"):
        assert True


def test_an_assertion_keeps_its_words():
    def wrong():
        raise AssertionError("the mean, not the sum")

    assert said(wrong) == "the mean, not the sum"


def test_an_assertion_without_words_says_what_was_expected():
    def wrong():
        raise AssertionError

    assert said(wrong) == "Expected shape (3,)."


def test_what_is_not_written_yet_is_named():
    def unsolved():
        raise NotImplementedError("write your answer in this cell")

    assert said(unsolved).startswith("Write your answer first")


@pytest.mark.parametrize(
    "wrong, kind",
    [
        (lambda: {}["width"], "KeyError came instead"),
        (lambda: np.zeros(3).numpy(), "AttributeError came instead"),
        (lambda: None + 1, "TypeError came instead"),
        (lambda: np.ones((2, 3)) @ np.ones((2, 3)), "ValueError came instead"),
    ],
)
def test_any_other_exception_says_what_was_expected_and_what_came(wrong, kind):
    sentence = said(wrong)
    assert sentence.startswith("Expected shape (3,). A ") and kind in sentence


def test_it_names_the_line_of_the_answer():
    def answer(x):
        return np.linalg.inv(x)

    line = answer.__code__.co_firstlineno + 1
    assert f"in answer, line {line}: " in said(lambda: answer(np.ones((2, 3))))


def test_a_name_that_the_check_misses_asks_to_run_the_answer():
    with pytest.raises(CheckError, match="Run the cell of your answer first"), check("W"):
        assert W.shape == (2, 2)  # noqa: F821


def test_a_long_message_is_cut_and_has_one_line():
    def wrong():
        raise ValueError("\x1b[1mno\x1b[0m\n\nsuch " + "shape " * 100)

    assert len(said(wrong).splitlines()) == 1 and len(said(wrong)) < 300
    assert "no such shape" in said(wrong)


def test_an_interrupt_goes_through():
    with pytest.raises(KeyboardInterrupt), check("anything"):
        raise KeyboardInterrupt


def test_a_notebook_shows_the_sentence_and_no_traceback(capsys):
    shell = InteractiveShell.instance()
    try:
        shell.run_cell(
            "from ae_helpers.checks import check\nwith check('a number'):\n    assert 1 > 2"
        )
    finally:
        InteractiveShell.clear_instance()  # display() goes by it
    assert capsys.readouterr().out == "✗ Expected a number.\n"
