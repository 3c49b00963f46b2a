"""Say in the lesson what was measured, and let the run check it."""

import html
import operator
from dataclasses import asdict, dataclass

import numpy as np
from IPython.display import display

from ae_helpers import _check

SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


class ClaimError(AssertionError):
    """A sentence of the lesson that the measurement contradicts."""


@dataclass(frozen=True)
class _Claim:
    """A checked sentence. Its fields go into the output's metadata, for who reads a saved run."""

    text: str
    left: int | float | None
    sign: str | None
    right: int | float | None
    timed: bool
    holds: bool

    def numbers(self) -> list[str]:
        """Both numbers with 4 significant digits, or as many as tell them apart."""
        pair = (self.left, self.right)
        for digits in range(4, 18):
            texts = [f"{x:,}" if isinstance(x, int) else f"{x:,.{digits}g}" for x in pair]
            if texts[0] != texts[1] or self.left == self.right:
                break
        return texts

    def __repr__(self) -> str:
        numbers = f"   [{f' {self.sign} '.join(self.numbers())}]" if self.sign else ""
        return f"{'✓' if self.holds else '✗'} {self.text}{numbers}"

    def _repr_html_(self) -> str:
        mark, color = ("✓", "#009E73") if self.holds else ("✗", "#D55E00")
        style = f"border-left: 4px solid {color}; padding: 2px 0 2px 10px; margin: 2px 0"
        shown = f"{mark} {html.escape(self.text)}"
        if self.sign:
            measured = [f'<span class="measured">{number}</span>' for number in self.numbers()]
            numbers = f" {html.escape(self.sign)} ".join(measured)
            shown += f'<span style="margin-left: 1.5em; opacity: 0.75">{numbers}</span>'
        return f'<div style="{style}">{shown}</div>'


def claim(
    text: str,
    left: float | bool,
    sign: str | None = None,
    right: float | None = None,
    *,
    timed: bool = False,
) -> None:
    """Show a sentence with a check mark and its two numbers; stop the notebook if it is wrong.

    A sentence that does not hold raises a ClaimError, which names both numbers; a ``sign`` that is
    none, and a side that is not one finite number, raise a TypeError or a ValueError.

    Parameters
    ----------
    left, sign, right
        What was measured, how it must stand ("<", "<=", ">" or ">=") to what it is compared with;
        or ``left`` alone, whether an exact fact holds (two arrays are equal, a shape).
    timed : bool
        The numbers are seconds, or ratios of seconds, so they differ from machine to machine.

    Examples
    --------
    >>> errors = [0.02718, 0.0108]
    >>> claim("The second error is below the first", errors[1], "<", errors[0])
    ✓ The second error is below the first   [0.0108 < 0.02718]
    >>> claim("There are two errors", len(errors) == 2)
    ✓ There are two errors
    """
    _check.text("a claim's first argument", text)
    if sign is None and right is None:
        if not isinstance(left, bool | np.bool_) or timed:
            raise TypeError(
                "a claim needs two numbers with a sign between them, or one True or False; got "
                f"{type(left).__name__}"
            )
        checked = _Claim(text, None, None, None, False, bool(left))
    else:
        if sign not in SIGNS:
            raise ValueError(f"a claim's sign is one of {', '.join(SIGNS)}; got {sign!r}")
        left, right = _one_number(left, "left"), _one_number(right, "right")
        checked = _Claim(text, left, sign, right, timed, SIGNS[sign](left, right))
    display(checked, metadata={"claim": asdict(checked)})
    if not checked.holds:
        raise ClaimError(f"This run contradicts the lesson: {str(checked).removeprefix('✗ ')}")


def _one_number(value: object, side: str) -> int | float:
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"the {side} side of a claim must be a number; got {value!r}")
    if array.size != 1:
        raise ValueError(
            f"the {side} side of a claim must be one number; got an array of shape {array.shape}. "
            "Reduce it: .max(), .min(), .mean()"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"the {side} side of a claim must be finite; got {array.item()}")
    return array.item()
