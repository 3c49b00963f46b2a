"""Every public function, fed with odd values: it refuses them in words, or its answer is finite."""

import importlib
import inspect
import pkgutil
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

import ae_helpers
from ae_helpers import (
    claims,
    convolution,
    corruption,
    data,
    judge,
    metrics,
    models,
    plots,
    training,
)
from ae_helpers.quiet import keras, tf

X = np.random.default_rng(0).random((3, 12, 12, 1), dtype=np.float32)
COLOR = np.random.default_rng(1).random((12, 20, 3))
HISTORY = {"loss": [2.0, 1.0], "val_loss": [3.0, 2.0]}


class Tiny(keras.Sequential):
    """A model that takes no time to train."""

    def fit(self, *_, **__):
        return SimpleNamespace(history={"loss": [1.0]})


TINY = Tiny([keras.Input((12, 12, 1)), keras.layers.Dense(1)])

# Good arguments of every function: one that is missing here fails the first test.
GOOD = {
    claims.claim: {"text": "One is below two", "left": 1, "sign": "<", "right": 2, "timed": False},
    convolution.conv_matrix: {
        "kernel": np.ones((2, 2)),
        "image_shape": (3, 4),
        "stride": 1,
        "padding": "same",
        "sparse": False,
    },
    corruption.add_gaussian_noise: {"x": X, "sigma": 0.5, "seed": 0, "clip": True},
    corruption.add_salt_and_pepper: {"x": X, "share": 0.5, "seed": 0},
    corruption.mask_pixels: {"x": X, "share": 0.5, "seed": 0},
    data.load_digits: {"source": "embedded"},
    data.load_cifar10: {},
    data.load_photo: {"name": "coffee"},
    data.cut_strips: {"photo": COLOR, "part": "test"},
    data.load_photo_patches: {
        "names": ("coffee",),
        "size": 16,
        "stride": 32,
        "scales": (0.5,),
        "split_by": "region",
    },
    data.load_breast_cancer: {},
    data.make_curve: {"n": 5, "noise": 0.1, "seed": 0},
    judge.train_judge: {"x_train": X, "y_train": np.arange(3)},
    judge.frechet_distance: {"a": np.eye(3), "b": np.eye(3) / 2},
    metrics.mse: {"x": X, "x_hat": X / 2},
    metrics.mse_per_image: {"x": X, "x_hat": X / 2},
    metrics.binary_cross_entropy: {"x": X, "x_hat": X / 2},
    metrics.psnr: {"x": X, "x_hat": X / 2},
    metrics.ssim: {"x": X, "x_hat": X / 2},
    metrics.pca_reconstruct: {"x_train": X, "x": X, "k": 2},
    metrics.colorfulness: {"x": COLOR},
    models.build_autoencoder: {"x_train": X, "code_size": 2},
    models.mean_logit: {"x": X},
    plots.show: {"figure": plt.figure(), "alt": "Nothing."},
    plots.image_rows: {"rows": {"a": X}, "titles": list("abc"), "signed": False, "size": 0.8},
    plots.learning_curves: {"histories": {"a": HISTORY}, "ylabel": "MSE"},
    plots.scatter_by_class: {
        "axis": plt.figure().add_subplot(),
        "points": np.eye(2),
        "labels": np.array([0, 1]),
    },
    plots.architecture: {"models": TINY, "title": ""},
    plots.explore: {"draw": lambda **_: plt.figure(), "sliders": (0, 2, 1, 1)},
    plots.table: {"rows": [{"a": 1}], "caption": "One", "decimals": 4, "measured": ()},
    training.progress_bar: {},
    training.batches: {"x": X, "target": X, "batch_size": 2, "shuffle": False},
    training.train: {
        "model": TINY,
        "x": X,
        "target": X,
        "epochs": 1,
        "validation": (X, X),
        "rate": 0.01,
        "batch_size": 2,
        "loss": "mse",
        "callbacks": (),
        "steps_per_execution": 1,
    },
}
SIMPLE = [None, True, -1, 0, 2, 0.5, -0.5, 1j, np.nan, np.inf, "", "words", b"bytes", object()]
NESTED = [[], {}, set(), (1, 2), [np.nan] * 3, [[1], [2, 3]], {"a": np.nan}, {1: X}, ["a", None]]
ARRAYS = [
    np.array([]),
    np.zeros((0, 12, 12, 1)),
    np.zeros(3),
    np.zeros((3, 12, 12)),
    np.zeros((1, 2, 2, 2, 2)),
    np.full(X.shape, np.nan),
    np.full(X.shape, -np.inf),
    np.full(X.shape, 255, np.uint8),
    np.full(X.shape, 1j),
    np.array(["a", "b"]),
    np.array([None, {}]),
    np.array("2020-02-02", "datetime64[D]"),
]
# Commands, and what checks an exercise (tests/test_checks.py): not functions of a lesson.
APART = {"checks", "cli", "doctor", "install", "workspace", "__main__"}


def _public_functions():
    for module in pkgutil.iter_modules(ae_helpers.__path__):
        if module.name not in APART and not module.name.startswith("_"):
            module = importlib.import_module(f"ae_helpers.{module.name}")
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__ and not name.startswith("_"):
                    yield function


def test_every_public_function_and_each_of_its_parameters_is_tried():
    assert set(_public_functions()) == set(GOOD)
    for function, arguments in GOOD.items():
        assert list(inspect.signature(function).parameters) == list(arguments), function.__name__


def _call(function, arguments):
    kinds = {name: p.kind for name, p in inspect.signature(function).parameters.items()}
    several = [
        arguments[n] for n, kind in kinds.items() if kind == inspect.Parameter.VAR_POSITIONAL
    ]
    named = {}
    for name, value in arguments.items():
        if kinds[name] == inspect.Parameter.VAR_KEYWORD:
            named["any"] = value
        elif kinds[name] != inspect.Parameter.VAR_POSITIONAL:
            named[name] = value
    return function(*several, **named)


def _finite(answer):
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, tuple | list):
        return all(map(_finite, answer))
    numbers = isinstance(answer, float | np.ndarray) and np.asarray(answer).dtype.kind in "fc"
    return not numbers or bool(np.isfinite(answer).all())


def _speaks(error):
    """Whether the course or Keras says what is wrong, not NumPy or Python from below."""
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    module = trace.tb_frame.f_globals.get("__name__", "")
    return module.startswith(("ae_helpers", "keras")) and len(str(error)) >= 20


@pytest.mark.parametrize(
    "function, parameter",
    [(f, p) for f, arguments in GOOD.items() for p in arguments],
    ids=lambda x: getattr(x, "__name__", x),
)
def test_odd_values_are_refused_in_words_or_give_a_finite_answer(function, parameter, monkeypatch):
    monkeypatch.setattr(plots, "display", lambda *_, **__: None)
    monkeypatch.setattr(claims, "display", lambda *_, **__: None)
    good, wrong = GOOD[function], []
    odd = [*SIMPLE, *NESTED[:4], *ARRAYS[:3]]
    if not isinstance(good[parameter], bool | str):  # those two need no long list
        odd = [*SIMPLE, *NESTED, *ARRAYS]
    if isinstance(good[parameter], np.ndarray):
        x = good[parameter]
        odd += [x[:0], x[..., 0], x * np.nan, x.tolist(), x.astype(str), x - 1000, x[None]]
        odd += [tf.constant(x * np.nan)]
    for value in odd:
        try:
            answer = _call(function, good | {parameter: value})
        except claims.ClaimError:
            continue
        except (TypeError, ValueError) as error:
            if not _speaks(error):
                wrong.append(f"{value!r:.40}: {type(error).__name__}: {error}")
        except Exception as error:
            wrong.append(f"{value!r:.40}: {type(error).__name__}: {error}")
        else:
            if not _finite(answer):
                wrong.append(f"{value!r:.40}: {answer}")
        plt.close("all")
    assert not wrong, "\n".join(wrong)


def test_a_table_refuses_nan():
    with pytest.raises(ValueError, match="column 'MSE' holds NaN"):
        plots.table([{"MSE": 0.1}, {"MSE": np.float32("nan")}], "Errors")
