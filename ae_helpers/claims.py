"""Say in the lesson what was measured, and let the run check it."""

import html

import numpy as np
from IPython.display import display


class ClaimError(AssertionError):
    """A sentence of the lesson that the measurement contradicts."""


class _HeldClaim:
    def __init__(self, text: str):
        self.text = text

    def __repr__(self) -> str:
        return f"✓ {self.text}"

    def _repr_html_(self) -> str:
        style = "border-left: 4px solid #009E73; padding: 2px 0 2px 10px; margin: 2px 0"
        return f'<div style="{style}">✓ {html.escape(self.text)}</div>'


def claim(text: str, holds: bool) -> None:
    """Show a sentence with a check mark if it holds, and stop the notebook if it does not.

    Parameters
    ----------
    text : str
        One sentence about a measured result.
    holds : bool
        Whether the measurement bears it out: a comparison, evaluated where the claim stands.

    Raises
    ------
    ClaimError
        If ``holds`` is False.
    ValueError
        If ``text`` is empty, or ``holds`` is not one truth value (an array of them, say).

    Examples
    --------
    >>> errors = [0.02, 0.01]
    >>> claim("The second error is below the first", errors[1] < errors[0])
    ✓ The second error is below the first
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"a claim needs a sentence as its first argument; got {text!r}")
    if not isinstance(holds, bool | np.bool_):
        raise ValueError(
            f"a claim needs one True or False as its second argument; got {type(holds).__name__}. "
            "Compare two numbers, or reduce an array with .all()"
        )
    if not holds:
        raise ClaimError(f"✗ This run contradicts the lesson: {text}")
    display(_HeldClaim(text))
