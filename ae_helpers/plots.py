"""Draw the course's figures and tables: one look, one color for one thing, a text alternative each.

Importing this sets the look of the figures (matplotlib's ``rcParams``).
"""

import html
from collections.abc import Iterable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from IPython.display import display
from matplotlib.figure import Figure

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

plt.rcParams.update(
    {
        "figure.dpi": 110,
        "figure.facecolor": "white",
        "figure.constrained_layout.use": True,
        "font.size": 11,
        "axes.titlesize": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(
            color=[COLORS[c] for c in ("autoencoder", "pca", "good", "second", "highlight")]
        ),
        "lines.linewidth": 2,
        "legend.frameon": False,
        "image.cmap": "gray",
    }
)


def show(figure: Figure, alt: str) -> None:
    """Show a figure once, with a text alternative, and close it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    alt : str
        What a reader who cannot see it should know: what is drawn, and what it says.

    Raises
    ------
    ValueError
        If ``alt`` is empty.

    Examples
    --------
    >>> show(plt.figure(figsize=(2, 1)), alt="An empty figure.")
    Figure(220x110)
    """
    if not alt.strip():
        raise ValueError("alt must say in words what the figure shows")
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
        Row name to images, shape (n, height, width, channels) or (n, height, width); the rows
        are of one length. Values in [0, 1], or of both signs with ``signed``.
    titles : sequence of str, optional
        One for each column.
    signed : bool
        Blue for negative, white for zero, red for positive, instead of black to white.
    size : float
        Side of one image, in inches.

    Returns
    -------
    matplotlib.figure.Figure
        For ``show``.

    Raises
    ------
    ValueError
        If the rows differ in length, or the titles do not fit them.

    Examples
    --------
    >>> len(image_rows({"noise": np.random.default_rng(0).random((3, 8, 8, 1))}).axes)
    3
    """
    counts = {name: len(images) for name, images in rows.items()}
    if not counts or len(set(counts.values())) != 1 or 0 in counts.values():
        raise ValueError(f"every row needs the same number of images, at least 1; got {counts}")
    n = next(iter(counts.values()))
    if titles is not None and len(titles) != n:
        raise ValueError(f"{len(titles)} titles do not fit {n} columns")
    label_width = 0.35 + 0.085 * max(map(len, rows))
    figure, axes = plt.subplots(
        len(rows),
        n,
        figsize=(label_width + n * size, len(rows) * size + (0.3 if titles else 0.05)),
        squeeze=False,
    )
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0, hspace=0)
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        images = np.asarray(images)
        limit = np.abs(images).max() if signed else 1
        for axis, image in zip(line, images, strict=True):
            image = image.squeeze(-1) if image.ndim == 3 and image.shape[-1] == 1 else image
            axis.imshow(
                image,
                cmap="RdBu_r" if signed else "gray",
                vmin=-limit if signed else 0,
                vmax=limit,
            )
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
    for axis, title in zip(axes[0], titles or [], strict=False):
        axis.set_title(title, fontsize=9)
    return figure


def learning_curves(histories: Mapping[str, Mapping[str, Sequence[float]]], ylabel: str) -> Figure:
    """Draw training and validation loss by epoch, one panel for each training run.

    Parameters
    ----------
    histories : mapping of str to mapping
        Panel title to ``History.history``: "loss" and, if there is one, "val_loss".
    ylabel : str
        What the loss is, with its unit.

    Returns
    -------
    matplotlib.figure.Figure
        For ``show``.

    Examples
    --------
    >>> len(learning_curves({"a": {"loss": [2, 1], "val_loss": [2, 1.5]}}, "MSE").axes)
    1
    """
    figure, axes = plt.subplots(
        1, len(histories), figsize=(max(5, 3.1 * len(histories)), 3), sharey=True, squeeze=False
    )
    for axis, (title, history) in zip(axes[0], histories.items(), strict=True):
        epochs = np.arange(1, len(history["loss"]) + 1)
        axis.plot(epochs, history["loss"], "o--", ms=4, color=COLORS["train"], label="training")
        if "val_loss" in history:
            axis.plot(
                epochs,
                history["val_loss"],
                "o-",
                ms=4,
                color=COLORS["validation"],
                label="validation",
            )
        axis.set(title=title, xlabel="epoch")
        axis.xaxis.get_major_locator().set_params(integer=True)
    axes[0, 0].set_ylabel(ylabel)
    axes[0, -1].legend()
    return figure


def scatter_by_class(axis: plt.Axes, points: np.ndarray, labels: np.ndarray) -> None:
    """Draw points in the plane, colored by class, with each class's number at its median.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
        Where to draw.
    points : ndarray
        Shape (n, 2).
    labels : ndarray
        Shape (n,), whole numbers 0 to 9.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> scatter_by_class(plt.figure().add_subplot(), np.eye(2), np.array([0, 1]))
    """
    if points.ndim != 2 or points.shape[1] != 2 or labels.shape != (len(points),):
        raise ValueError(
            f"expected points of shape (n, 2) and n labels; got {points.shape} and {labels.shape}"
        )
    for label in np.unique(labels):
        chosen = points[labels == label]
        axis.scatter(*chosen.T, s=7, alpha=0.6, color=DIGIT_COLORS[label], lw=0)
    for label in np.unique(labels):
        axis.text(
            *np.median(points[labels == label], axis=0),
            str(label),
            ha="center",
            va="center",
            fontweight="bold",
            bbox={"boxstyle": "circle,pad=0.15", "fc": "white", "ec": DIGIT_COLORS[label]},
        )


def dependency_map(lessons: Iterable[tuple[str, str, int, Sequence[str]]]) -> Figure:
    """Draw what to learn in which order: a box for each lesson, an arrow for each need.

    Parameters
    ----------
    lessons : iterable of (number, title, minutes, needs)
        In reading order; ``needs`` names the numbers of lessons that come before.

    Returns
    -------
    matplotlib.figure.Figure
        For ``show``. A lesson stands one column right of the last lesson that it needs.

    Raises
    ------
    ValueError
        If a lesson needs one that does not come before it.

    Examples
    --------
    >>> figure = dependency_map([("1", "First", 5, []), ("2", "Second", 9, ["1"])])
    """
    lessons = list(lessons)
    column, members = {}, {}
    for number, title, _, needs in lessons:
        unknown = [need for need in needs if need not in column]
        if unknown:
            raise ValueError(f"{title!r} needs {unknown}, which must come before it")
        column[number] = 1 + max((column[need] for need in needs), default=-1)
        members.setdefault(column[number], []).append(number)
    tallest = max(map(len, members.values()))
    place = {
        number: (2.45 * c, (len(numbers) - 1) / 2 - i)
        for c, numbers in members.items()
        for i, number in enumerate(numbers)
    }
    figure, axis = plt.subplots(figsize=(8.2, 0.4 + 0.85 * tallest))
    boxes = {}
    for number, title, minutes, needs in lessons:
        style = {"boxstyle": "round,pad=0.4", "fc": "#EAF3F9", "ec": COLORS["autoencoder"]}
        label = f"{number} · {title}\n{minutes} min"
        text = axis.text(*place[number], label, ha="center", va="center", fontsize=9, bbox=style)
        boxes[number] = text.get_bbox_patch()
        for need in needs:
            arrow = {"arrowstyle": "-|>", "color": COLORS["baseline"], "lw": 1.3}
            arrow |= {"patchA": boxes[need], "patchB": boxes[number], "shrinkA": 2, "shrinkB": 2}
            axis.annotate("", xy=place[number], xytext=place[need], arrowprops=arrow)
    axis.set(xlim=(-1.15, 2.45 * max(column.values()) + 1.15), ylim=(-tallest / 2, tallest / 2))
    axis.axis("off")
    return figure


class Table:
    """A table that JupyterLab shows in its own style. Made by ``table``."""

    def __init__(self, rows: list[dict], caption: str, decimals: int, measured: Sequence[str]):
        self.rows, self.caption = rows, caption
        self._decimals, self._measured = decimals, measured

    def __repr__(self) -> str:
        return f"Table: {self.caption} [{' | '.join(self.rows[0])}]"

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.rows[0])
        body = "".join(
            "<tr>" + "".join(self._cell(name, value) for name, value in row.items()) + "</tr>\n"
            for row in self.rows
        )
        return (
            f'<table>\n<caption style="caption-side: top; text-align: left; white-space: nowrap">'
            f"{html.escape(self.caption)}</caption>\n"
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"
        )

    def _cell(self, name: str, value: object) -> str:
        if isinstance(value, float | np.floating) or name in self._measured:
            text = (
                f"{value:,.{self._decimals}f}" if isinstance(value, float | np.floating) else value
            )
            return f'<td class="measured">{html.escape(str(text))}</td>'
        text = f"{value:,}" if isinstance(value, int | np.integer) else str(value)
        return f"<td>{html.escape(text)}</td>"


def table(
    rows: Sequence[Mapping[str, object]],
    caption: str,
    decimals: int = 4,
    measured: Sequence[str] = (),
) -> None:
    """Show results as a table, one row for each mapping of column name to value.

    Floats are results of a measurement: they are marked in the HTML, so that a comparison of two
    runs can leave them out. Whole numbers and words are not.

    Parameters
    ----------
    rows : sequence of mapping
        All with the same columns in the same order.
    caption : str
        What the table shows, and the units.
    decimals : int
        Digits after the point.
    measured : sequence of str
        Columns to mark as measured though they hold no floats.

    Raises
    ------
    ValueError
        If there are no rows, or they differ in their columns.

    Examples
    --------
    >>> table([{"method": "PCA", "MSE": 0.0271}], caption="Test error")
    Table: Test error [method | MSE]
    """
    rows = [dict(row) for row in rows]
    if not rows or any(list(row) != list(rows[0]) for row in rows):
        raise ValueError("a table needs at least one row, and the same columns in every row")
    display(Table(rows, caption, decimals, measured))
