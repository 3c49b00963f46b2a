"""Refuse what a function cannot use. Each check gives the value back, or says what was expected."""

from collections.abc import Mapping

import numpy as np


def require(right: bool, name: str, expected: str, value: object, error=ValueError) -> None:
    if not right:
        raise error(f"{name} must be {expected}; got {value!r:.60}")


def array(name: str, value: object) -> np.ndarray:
    """An array of finite numbers, at least one."""
    try:
        result = np.asarray(value)
    except (TypeError, ValueError) as error:  # lists of unequal length
        raise ValueError(f"{name} must be an array of numbers: {error}") from None
    came = result.dtype if isinstance(value, np.ndarray) else value
    require(result.dtype.kind in "biuf", name, "an array of numbers", came, TypeError)
    if not result.size:
        raise ValueError(f"{name} must hold at least one number; got shape {result.shape}")
    if not np.isfinite(result).all():
        raise ValueError(f"{name} holds NaN or infinity; expected finite numbers")
    return result


def images(name: str, value: object) -> np.ndarray:
    result = array(name, value)
    if result.ndim != 4:
        raise ValueError(
            f"{name} must be images of shape (n, height, width, channels); got shape "
            f"{result.shape}. A missing channel axis? Add it with [..., None]"
        )
    return result


def unit(name: str, values: np.ndarray) -> np.ndarray:
    if values.min() < 0 or values.max() > 1:
        raise ValueError(
            f"{name} must lie in [0, 1]; it spans [{values.min():.3g}, {values.max():.3g}]. "
            "Divide 8-bit images by 255; clip or scale what leaves [0, 1]"
        )
    return values


def whole(name: str, value: object, least: int = 1) -> int:
    right = isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least
    require(right, name, f"a whole number, at least {least}", value)
    return int(value)


def generator(seed: object) -> np.random.Generator:
    """A generator; a number makes a new one."""
    right = isinstance(seed, np.random.Generator)
    return seed if right else np.random.default_rng(whole("seed", seed, least=0))


def flag(name: str, value: object) -> bool:
    require(isinstance(value, bool | np.bool_), name, "True or False", value, TypeError)
    return bool(value)


def choice(name: str, value: object, choices: tuple[str, ...]) -> str:
    right = isinstance(value, str) and value in choices
    require(right, name, f"one of {', '.join(choices)}", value)
    return value


def text(name: str, value: object) -> str:
    require(isinstance(value, str) and value.strip(), name, "words", value)
    return value


def mapping(name: str, value: object) -> dict:
    right = isinstance(value, Mapping) and value and all(isinstance(key, str) for key in value)
    require(right, name, "a dictionary from words to values, not empty", value, TypeError)
    return dict(value)


def number(name: str, value: object, zero: bool = True) -> float:
    right = isinstance(value, int | float | np.integer | np.floating) and 0 <= value < np.inf
    right = right and not isinstance(value, bool) and (zero or value > 0)
    require(right, name, f"a finite number, {'at least' if zero else 'above'} 0", value)
    return float(value)
