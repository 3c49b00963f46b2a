"""Check an answer, and say in one sentence what is wrong with it."""

import re
import textwrap
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class CheckError(AssertionError):
    """What a check has to say about an answer."""

    def _render_traceback_(self) -> list[str]:  # IPython shows this, and no traceback
        return [f"✗ {self}"]


@contextmanager
def check(expected: str) -> Iterator[None]:
    """Turn whatever is raised below it into one sentence, a CheckError.

    An assertion keeps its words. For any other exception (a misspelled key, a wrong shape, an
    error in the answer's own code) the sentence says what was expected, what came, and where.

    Parameters
    ----------
    expected : str
        What an answer must be to be checked at all: "a dictionary with the key 'width'".

    Examples
    --------
    >>> with check("a dictionary with the key 'width'"):
    ...     assert {"widht": 3}["width"] == 3, "the width is 3"
    Traceback (most recent call last):
    CheckError: Expected a dictionary with the key 'width'. A KeyError came instead: 'width'
    """
    try:
        yield
    except AssertionError as error:
        raise CheckError(str(error) or f"Expected {expected}.") from None
    except NotImplementedError:  # what stands in an answer that is not yet written
        raise CheckError("Write your answer first, in the cell above, and run that cell.") from None
    except Exception as error:
        raise CheckError(f"Expected {expected}. {_what_came(error)}") from None


def _what_came(error: Exception) -> str:
    _, cell, *deeper = traceback.extract_tb(error.__traceback__)  # the first is `yield`, above
    said = re.sub(r"\x1b\[\d+m", "", str(error))  # Keras prints in bold
    said = textwrap.shorten(said.partition("Arguments received by")[0], 200, placeholder=" ...")
    if isinstance(error, NameError) and not deeper:
        return f"Run the cell of your answer first: {said}"
    folder = Path(cell.filename).parent  # that of all cells of this notebook
    own = [f"{f.name}, line {f.lineno}" for f in deeper if Path(f.filename).parent == folder]
    place = f" in {own[-1]}" if own else ""
    return f"A {type(error).__name__} came instead{place}: {said}"
