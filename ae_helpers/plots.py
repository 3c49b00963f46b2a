"""Draw the course's figures and tables: one look, one color for one thing, a text alternative each.

Importing this sets the look of the figures (matplotlib's ``rcParams``). What draws returns a figure
for ``show``. NaN, and what does not fit, raise a TypeError or a ValueError.
"""

import html
import inspect
import io
import itertools
import re
from collections.abc import Callable, Mapping, Sequence

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from IPython.display import display
from matplotlib.figure import Figure

from ae_helpers import _check

# Okabe and Ito's palette, told apart by the color-blind; the lightness differs in gray print too.
COLORS = {
    "autoencoder": "#0072B2",
    "pca": "#E69F00",
    "baseline": "#7F7F7F",
    "truth": "#000000",
    "train": "#56B4E9",
    "validation": "#0072B2",
    "highlight": "#D55E00",
    "second": "#CC79A7",
    "good": "#009E73",
}
DIGIT_COLORS = plt.get_cmap("tab10").colors

_CYCLE = cycler(color=[COLORS[c] for c in ("autoencoder", "pca", "good", "second", "highlight")])
plt.rc("figure", dpi=110, facecolor="white")
plt.rc("figure.constrained_layout", use=True)
plt.rc("font", size=11)
plt.rc("axes", titlesize=11, prop_cycle=_CYCLE)
plt.rc("axes.spines", top=False, right=False)
plt.rc("lines", linewidth=2)
plt.rc("legend", frameon=False)
plt.rc("image", cmap="gray")


def show(figure: Figure, alt: str) -> None:
    """Show a figure once, and close it. ``alt`` says what is drawn, for who cannot see it.

    Examples
    --------
    >>> show(plt.figure(figsize=(2, 1)), alt="An empty figure.")
    Figure(220x110)
    """
    _check.text("alt, the text alternative,", alt)
    _check.require(isinstance(figure, Figure), "figure", "a figure", figure, TypeError)
    display(figure, metadata={"image/png": {"alt": alt}})
    plt.close(figure)


def image_rows(
    rows: Mapping[str, np.ndarray],
    titles: Sequence[str] | None = None,
    signed: bool = False,
    size: float = 0.8,
) -> Figure:
    """Draw rows of images under one another, each with its name on the left.

    Parameters
    ----------
    rows : mapping of str to ndarray
        Row name to images, shape (n, height, width, channels) or (n, height, width), as many in
        each row. Values in [0, 1], or of both signs with ``signed``.
    signed : bool
        Blue for negative, white for zero, red for positive, instead of black to white.
    size : float
        Side of one image, in inches.

    Examples
    --------
    >>> len(image_rows({"noise": np.random.default_rng(0).random((3, 8, 8, 1))}).axes)
    3
    """
    rows = {name: _pictures(name, x) for name, x in _check.mapping("rows", rows).items()}
    counts = {name: len(images) for name, images in rows.items()}
    n, *others = set(counts.values())
    if others:
        raise ValueError(f"every row needs the same number of images; got {counts}")
    titles = [""] * n if titles is None else titles
    fit = isinstance(titles, list | tuple) and len(titles) == n
    _check.require(fit, "titles", f"a list of {n}, one for each column", titles)
    width = n * _check.number("size", size, zero=False) + 0.35 + 0.085 * max(map(len, rows))
    height = len(rows) * size + (0.3 if any(titles) else 0.05)
    figure, axes = plt.subplots(len(rows), n, figsize=(width, height), squeeze=False)
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0, hspace=0)
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        limit = np.abs(images).max() if _check.flag("signed", signed) else 1
        look = {"cmap": "RdBu_r", "vmin": -limit} if signed else {"cmap": "gray", "vmin": 0}
        for axis, image in zip(line, images, strict=True):
            axis.imshow(image, vmax=limit, **look)
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
    for axis, title in zip(axes[0], titles, strict=True):
        axis.set_title(title, fontsize=9)
    return figure


def _pictures(name: str, images: np.ndarray) -> np.ndarray:
    """Images as matplotlib takes them: gray ones without a channel axis."""
    images = _check.array(f"row {name!r}", images)
    if images.ndim < 3 or images.shape[3:] not in ((), (1,), (3,)):
        raise ValueError(
            f"row {name!r} must be images, shape (n, height, width) with 1 or 3 channels or none; "
            f"got shape {images.shape}"
        )
    return images[..., 0] if images.shape[3:] == (1,) else images


def learning_curves(histories: Mapping[str, Mapping[str, Sequence[float]]], ylabel: str) -> Figure:
    """Draw training and validation loss by epoch, one panel for each training run.

    ``histories`` maps a panel's title to what ``training.train`` returns. ``ylabel`` says what the
    loss is, with its unit.

    Examples
    --------
    >>> len(learning_curves({"a": {"loss": [2, 1], "val_loss": [2, 1.5]}}, "MSE").axes)
    1
    """
    n = len(_check.mapping("histories", histories))
    figure, axes = plt.subplots(1, n, figsize=(max(5, 3.1 * n), 3), sharey=True, squeeze=False)
    for axis, (title, history) in zip(axes[0], histories.items(), strict=True):
        if "loss" not in _check.mapping(f"history {title!r}", history):
            raise ValueError(f'history {title!r} must hold "loss"; got {list(history)}')
        for key, name, style in (("loss", "training", "o--"), ("val_loss", "validation", "o-")):
            if key in history:
                loss = np.atleast_1d(_check.array(f"{key} of {title!r}", history[key]))
                color = COLORS[name.removesuffix("ing")]
                axis.plot(range(1, len(loss) + 1), loss, style, ms=4, c=color, label=name)
        axis.set(title=title, xlabel="epoch")
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0, 0].set_ylabel(_check.text("ylabel", ylabel))
    axes[0, -1].legend()
    return figure


def scatter_by_class(axis: plt.Axes, points: np.ndarray, labels: np.ndarray) -> None:
    """Draw points in the plane, colored by class, with each class's number at its median.

    ``points`` have shape (n, 2), ``labels`` shape (n,): whole numbers 0 to 9.

    Examples
    --------
    >>> scatter_by_class(plt.figure().add_subplot(), np.eye(2), np.array([0, 1]))
    """
    right = isinstance(axis, plt.Axes)
    _check.require(right, "axis", "where to draw, of plt.subplots()", axis, TypeError)
    points, labels = _check.array("points", points), _check.array("labels", labels)
    if labels.ndim != 1 or points.shape != (len(labels), 2):
        raise ValueError(
            f"expected points of shape (n, 2) and n labels; got {points.shape} and {labels.shape}"
        )
    if labels.dtype.kind not in "iu" or set(np.unique(labels)) - set(range(10)):
        raise ValueError(f"labels must be whole numbers 0 to 9; got {np.unique(labels)[:12]}")
    middle = {"ha": "center", "va": "center", "fontweight": "bold"}
    for label in np.unique(labels):
        chosen = points[labels == label]
        axis.scatter(*chosen.T, s=7, alpha=0.6, color=DIGIT_COLORS[label], lw=0)
        box = {"boxstyle": "circle,pad=0.15", "fc": "white", "ec": DIGIT_COLORS[label]}
        axis.text(*np.median(chosen, axis=0), str(label), bbox=box, **middle)


def architecture(*models: "keras.Model", title: str = "") -> Figure:  # noqa: F821
    """Draw a network from its own layers, the data flowing from left to right: a box a layer.

    A box is as tall as the side of its image (for a row of numbers: of the square they would fill),
    and wider with more channels. Layers that only rearrange, rescale or bend numbers are left out.
    The models are Sequential or functional, with an Input of fixed size; each takes what the one
    before gives. Between them, or where one is narrowest, stands the code, in its own color.

    Examples
    --------
    >>> from ae_helpers.quiet import keras
    >>> network = keras.Sequential([keras.Input((784,)), keras.layers.Dense(16)])
    >>> [text.get_text() for text in architecture(network).axes[0].texts[:2]]
    ['Input\\n784', 'Dense\\n16']
    """
    try:
        boxes, code = _boxes(models)
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise TypeError(
            "expected Sequential or functional Keras models, each with an Input of fixed size; "
            f"got {models!r:.60}: {error}"
        ) from error
    shapes = [shape for _, shape, _ in boxes]
    sides = np.array([s[0] if len(s) == 2 else np.prod(s[:2]) ** 0.5 for s in shapes])
    tops = np.maximum(sides / sides.max(), 0.05) / 2
    widths = [0.12 + 0.06 * np.log2(s[-1] if len(s) > 1 else 1) for s in shapes]
    links = [(start, end) for end, (*_, origins) in enumerate(boxes) for start in origins]
    skips = [(end - start, start, end) for start, end in links if end - start > 1]
    figure, axis = plt.subplots(figsize=(0.76 * max(3, len(boxes)), 2.4 + 0.16 * len(skips)))
    colors = [COLORS["highlight" if i in code else "autoencoder"] for i in range(len(boxes))]
    axis.bar(range(len(boxes)), 2 * tops, widths, -tops, color=colors, ec="black", lw=0.8)
    for i, (kind, shape, _) in enumerate(boxes):
        words = re.sub(r"(?<=[a-z\dD])(?=[A-Z][a-z])", "\n", kind)  # Conv2D, Transpose
        label = f"{words}\n{' × '.join(map(str, shape))}"
        axis.text(i, -0.56, label, ha="center", va="top", fontsize=7.5)
    arrow = {"arrowstyle": "-|>", "color": "black", "lw": 0.9, "shrinkA": 0, "shrinkB": 0}
    for start, end in links:
        if end - start == 1:
            tail = start + widths[start] / 2, 0
            axis.annotate("", (end - widths[end] / 2, 0), tail, arrowprops=arrow)
    for level, (_, start, end) in enumerate(sorted(skips)):  # the shortest lowest
        y = 0.6 + 0.08 * level
        axis.plot([start, start, end], [tops[start], y, y], color="black", lw=0.9)
        axis.annotate("", (end, tops[end]), (end, y), arrowprops=arrow)
    axis.set(title=title, xlim=(-0.6, len(boxes) - 0.4), ylim=(-0.52, 0.53 + 0.08 * len(skips)))
    axis.axis("off")
    return figure


def _boxes(models: Sequence["keras.Model"]) -> tuple[list[list], list[int]]:  # noqa: F821
    """Each box of a drawing as [kind, shape, where its input comes from], and the code's boxes."""
    boxes = [["Input", tensor.shape[1:], []] for tensor in models[0].inputs]
    place = {id(tensor): [i] for i, tensor in enumerate(models[0].inputs)}  # its box
    ends, code = [len(boxes) - 1], []  # what a model takes that follows another
    for model in models:
        nested = [getattr(layer, "layers", [layer]) for layer in model.layers]
        for layer in itertools.chain(*nested):
            if type(layer).__name__ == "InputLayer":
                continue
            inputs = layer.input if isinstance(layer.input, list) else [layer.input]
            origins = [box for tensor in inputs for box in place.get(id(tensor), ends)]
            shape, kind = layer.output.shape[1:], type(layer).__name__
            bends = not layer.weights or "Normalization" in kind
            if bends and len(origins) == 1 and np.prod(shape) == np.prod(inputs[0].shape[1:]):
                box = boxes[origins[0]]
                box[1] = max(box[1], shape, key=len)  # 7 x 7 x 64 says more than 3136
                place[id(layer.output)] = origins
            else:
                place[id(layer.output)] = ends = [len(boxes)]
                boxes.append([kind, shape, origins])
        if model is not models[-1]:
            code = ends = sorted({box for t in model.outputs for box in place.get(id(t), ends)})
    numbers = [int(np.prod(shape)) for _, shape, _ in boxes]
    if not code and min(numbers) < min(numbers[0], numbers[-1]):
        code = [numbers.index(min(numbers))]
    return boxes, code


def explore(draw: Callable[..., Figure], **sliders: tuple[float, float, float, float]) -> None:
    """Show a picture with sliders above it, and draw it anew when one is moved.

    ``draw`` takes each slider's value by its name; its docstring is the picture's text alternative.
    A slider is (low, high, step, start), of whole numbers if all four are. In a saved notebook the
    first picture stands still.

    Examples
    --------
    >>> draw = lambda width: plt.figure(figsize=(width, 1))
    >>> explore(draw, width=(1, 3, 1, 2))  # doctest: +ELLIPSIS
    {'text/plain': 'Sliders: width', ...
    """
    controls = {name: _slider(name, numbers) for name, numbers in sliders.items()}
    right = callable(draw) and controls
    _check.require(right, "draw", "a function, with at least one slider", draw, TypeError)
    picture = ipywidgets.Image()

    def render(_: object = None) -> None:
        figure = draw(**{name: control.value for name, control in controls.items()})
        _check.require(isinstance(figure, Figure), "what draw gives", "a figure", figure, TypeError)
        content = io.BytesIO()
        figure.savefig(content, format="png")
        plt.close(figure)
        picture.value = content.getvalue()

    render()
    for control in controls.values():
        control.observe(render, "value")
    name = f"Sliders: {', '.join(controls)}"
    live = ipywidgets.VBox([*controls.values(), picture])._repr_mimebundle_()
    still = {"image/png": bytes(picture.value), "text/plain": name}  # it is a memory view
    alt = {"image/png": {"alt": inspect.getdoc(draw) or name}}
    display(live | still, metadata=alt, raw=True)


def _slider(name: str, numbers: tuple) -> ipywidgets.Widget:
    numbers = _check.array(f"slider {name}", numbers)
    if numbers.shape != (4,) or not (numbers[0] <= numbers[3] <= numbers[1] and numbers[2] > 0):
        raise ValueError(f"slider {name} must be (low, high, step, start); got {numbers}")
    low, high, step, start = numbers.tolist()
    kind = ipywidgets.IntSlider if numbers.dtype.kind in "iu" else ipywidgets.FloatSlider
    return kind(start, min=low, max=high, step=step, description=name)


def table(
    rows: Sequence[Mapping[str, object]], caption: str, decimals: int = 4, measured: Sequence = ()
) -> None:
    """Show results as a table, one row for each mapping of column name to value.

    Every row has the same columns in the same order. Floats, with ``decimals`` digits after the
    point, and the columns named in ``measured`` are results of a measurement: they are marked in
    the HTML, so that a comparison of two runs can leave them out.

    Examples
    --------
    >>> table([{"method": "PCA", "MSE": 0.0271}], caption="Test error")  # doctest: +ELLIPSIS
    {'text/plain': 'Table: Test error [method | MSE]', 'text/html': '<table>...
    """
    some = isinstance(rows, Sequence) and not isinstance(rows, str) and rows
    _check.require(some, "rows", "a list of dictionaries, at least one", rows, TypeError)
    columns = list(_check.mapping("the first row", rows[0]))
    if any(list(_check.mapping("a row", row)) != columns for row in rows):
        raise ValueError("a table needs the same columns in every row, in one order")
    if not isinstance(measured, Sequence) or any(name not in columns for name in measured):
        raise ValueError(f"measured must name columns of {columns}; got {measured!r:.60}")
    _check.text("caption", caption)
    _check.whole("decimals", decimals, least=0)
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    lines = ["".join(_cell(n, row[n], decimals, n in measured) for n in columns) for row in rows]
    body = "".join(f"<tr>{line}</tr>\n" for line in lines)
    style = "caption-side: top; text-align: left; white-space: nowrap"
    page = (
        f'<table>\n<caption style="{style}">{html.escape(caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"
    )
    name = f"Table: {caption} [{' | '.join(columns)}]"
    display({"text/plain": name, "text/html": page}, raw=True)


def _cell(name: str, value: object, decimals: int, measured: bool) -> str:
    text = str(value)
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            raise ValueError(f"column {name!r} holds NaN; expected a number, or words for none")
        text, measured = f"{value:,.{decimals}f}", True
    elif isinstance(value, int | np.integer) and not measured:
        text = f"{value:,}"
    mark = ' class="measured"' if measured else ""
    return f"<td{mark}>{html.escape(text)}</td>"
