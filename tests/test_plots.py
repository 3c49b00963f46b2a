"""Figures and tables: what they refuse, what they draw, and what a notebook gets to show."""

import re

import ipywidgets
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from ae_helpers import plots


@pytest.fixture(autouse=True)
def _no_figure_left_open():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def shown():
    """A notebook that shows a figure, a table and a claim, executed."""
    cells = [
        "import numpy as np\nfrom ae_helpers import plots\nfrom ae_helpers.claims import claim",
        'figure = plots.image_rows({"noise": np.zeros((3, 8, 8, 1))})\n'
        'plots.show(figure, alt="Three black squares: \\"nothing\\" & no more.")',
        'plots.table([{"k": 2, "MSE": 0.1234567, "<who>": "a & b"}], caption="Error < 1")',
        'claim("An error is below 1 & above 0", 0 < np.float64(0.1) < 1)',
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    return NotebookClient(notebook, timeout=120, kernel_name="python3").execute()


def test_a_figure_is_shown_once_with_its_text_alternative(shown):
    assert not shown.cells[0].outputs
    (output,) = shown.cells[1].outputs
    assert output.output_type == "display_data"
    assert output.metadata["image/png"]["alt"] == 'Three black squares: "nothing" & no more.'
    assert output.data["image/png"]


def test_a_table_marks_floats_as_measured_and_escapes(shown):
    (output,) = shown.cells[2].outputs
    table = output.data["text/html"]
    assert "<td>2</td>" in table
    assert '<td class="measured">0.1235</td>' in table
    assert "<th>&lt;who&gt;</th>" in table and "<td>a &amp; b</td>" in table
    assert "Error &lt; 1" in table
    assert "0.12" not in output.data["text/plain"]


def test_a_claim_is_shown_as_text_and_html(shown):
    (output,) = shown.cells[3].outputs
    assert output.data["text/plain"] == "✓ An error is below 1 & above 0"
    assert "✓ An error is below 1 &amp; above 0" in output.data["text/html"]


def test_the_sanitizer_masks_measured_cells_and_nothing_else(shown, root):
    lines = (root / "tests" / "nbval_sanitize.cfg").read_text().splitlines()
    pattern = next(line.removeprefix("regex: ") for line in lines if 'class="measured"' in line)
    table = shown.cells[2].outputs[0].data["text/html"]
    assert [m[0] for m in re.finditer(pattern, table)] == ['<td class="measured">0.1235']


def test_showing_closes_the_figure_and_needs_words():
    with pytest.raises(ValueError, match="must be words; got"):
        plots.show(plt.figure(), alt="  ")
    plots.show(plt.figure(), alt="Nothing.")
    assert len(plt.get_fignums()) == 1


def test_the_colors_differ_in_hue_and_in_gray():
    colors = [c for name, c in plots.COLORS.items() if name != "validation"]
    assert len(set(colors)) == len(colors)
    luma = {name: np.dot(plt.matplotlib.colors.to_rgb(c), (0.299, 0.587, 0.114))
            for name, c in plots.COLORS.items()}  # fmt: skip
    assert abs(luma["autoencoder"] - luma["pca"]) > 0.2
    assert abs(luma["train"] - luma["validation"]) > 0.2


def test_image_rows_draws_each_image_with_its_title_and_row_name():
    x = np.random.default_rng(0).random((4, 8, 8, 1))
    figure = plots.image_rows({"original": x, "rebuilt": x[..., 0]}, titles=list("abcd"))
    assert len(figure.axes) == 8
    assert [axis.get_title() for axis in figure.axes[:4]] == list("abcd")
    assert [figure.axes[i].get_ylabel() for i in (0, 4)] == ["original", "rebuilt"]
    for i, axis in enumerate(figure.axes):
        np.testing.assert_array_equal(axis.images[0].get_array(), x[i % 4, ..., 0])
        assert axis.images[0].get_clim() == (0, 1)


def test_signed_images_have_zero_in_the_middle():
    figure = plots.image_rows({"component": np.array([[[-3.0, 1.0]]])}, signed=True)
    assert figure.axes[0].images[0].get_clim() == (-3, 3)


def test_rows_of_unequal_length_and_titles_that_do_not_fit_are_refused():
    rows = {"a": np.zeros((2, 4, 4)), "b": np.zeros((3, 4, 4))}
    with pytest.raises(ValueError, match="same number of images; got {'a': 2, 'b': 3}"):
        plots.image_rows(rows)
    with pytest.raises(ValueError, match="titles must be a list of 2, one for each column"):
        plots.image_rows({"a": rows["a"]}, titles=["one"])


def test_learning_curves_draws_what_it_got():
    history = {"loss": [3, 2, 1], "val_loss": [3, 2.5, 2.6]}
    figure = plots.learning_curves({"one": history, "two": {"loss": [1]}}, "MSE")
    first, second = figure.axes
    assert [list(line.get_ydata()) for line in first.lines] == list(history.values())
    assert [list(line.get_xdata()) for line in first.lines] == [[1, 2, 3]] * 2
    assert (first.get_title(), first.get_ylabel(), len(second.lines)) == ("one", "MSE", 1)


def test_scatter_by_class_sets_each_number_at_its_median():
    points, labels = np.array([[0, 0], [2, 2], [9, 9], [5, 1]]), np.array([3, 3, 3, 7])
    axis = plt.figure().add_subplot()
    plots.scatter_by_class(axis, points, labels)
    assert {t.get_text(): t.get_position() for t in axis.texts} == {"3": (2, 2), "7": (5, 1)}


@pytest.mark.parametrize(
    "points, labels", [((4, 3), 4), ((4,), 4), ((4, 2), 3)]
)  # fmt: skip
def test_points_and_labels_that_do_not_fit_are_refused(points, labels):
    with pytest.raises(ValueError, match=r"points of shape \(n, 2\) and n labels; got"):
        plots.scatter_by_class(plt.figure().add_subplot(), np.zeros(points), np.zeros(labels, int))


@pytest.fixture(scope="module")
def keras():
    from ae_helpers.quiet import keras

    return keras


def _drawn(*models):
    """What a drawing says: the labels from left to right, and which box is the code."""
    axis = plots.architecture(*models).axes[0]
    labels = [t.get_text().replace("\n", " ") for t in axis.texts if t.get_text()]
    colors = [box.get_facecolor() for box in axis.patches[: len(labels)]]
    code = plt.matplotlib.colors.to_rgba(plots.COLORS["highlight"])
    return labels, [i for i, color in enumerate(colors) if color == code]


def test_an_hourglass_is_drawn_from_its_layers(keras):
    layers = keras.layers
    encoder = [keras.Input((8, 8, 1)), layers.Conv2D(4, 3, 2, "same"), layers.Dropout(0.1)]
    encoder = keras.Sequential([*encoder, layers.Flatten(), layers.Dense(3)])
    decoder = [keras.Input((3,)), layers.Dense(64), layers.Reshape((4, 4, 4))]
    decoder = keras.Sequential([*decoder, layers.Conv2DTranspose(1, 3, 2, "same")])
    labels = [
        "Input 8 × 8 × 1",
        "Conv2D 4 × 4 × 4",
        "Dense 3",
        "Dense 4 × 4 × 4",
        "Conv2D Transpose 8 × 8 × 1",
    ]
    assert _drawn(encoder, decoder) == (labels, [2])
    assert _drawn(keras.Sequential([encoder, decoder])) == (labels, [2])
    heights = [box.get_height() for box in plots.architecture(encoder).axes[0].patches[:3]]
    np.testing.assert_allclose(heights, [1, 1 / 2, 3**0.5 / 8])


def test_a_skip_connection_runs_above_the_layers_it_skips(keras):
    x = keras.Input((4, 4, 1))
    y = keras.layers.Conv2D(2, 3, padding="same")(x)
    y = keras.layers.Concatenate()([keras.layers.Activation("relu")(y), x])
    figure = plots.architecture(keras.Model(x, y))
    (skip,) = figure.axes[0].lines
    assert list(skip.get_xdata()) == [0, 0, 2] and skip.get_ydata().max() > 0.5
    assert _drawn(keras.Model(x, y)) == (["Input 4 × 4 × 1", "Conv2D 4 × 4 × 2",
                                          "Concatenate 4 × 4 × 3"], [])  # fmt: skip


def test_labels_of_a_drawing_do_not_overlap(keras):
    sizes = [(32, 32, 16), (16, 16, 128), (8, 8, 256)]
    model = [keras.Input(sizes[0]), *(keras.layers.Conv2D(s[2], 3, 2, "same") for s in sizes)]
    figure = plots.architecture(keras.Sequential(model))
    figure.canvas.draw()
    boxes = [t.get_window_extent() for t in figure.axes[0].texts if t.get_text()]
    assert all(a.x1 < b.x0 for a, b in zip(boxes, boxes[1:], strict=False))


def test_a_model_of_unknown_size_is_refused(keras):
    model = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(2, 3)])
    with pytest.raises(TypeError, match="an Input of fixed size"):
        plots.architecture(model)


def test_sliders_show_a_still_picture_and_draw_anew_when_moved(monkeypatch):
    box = ipywidgets.VBox
    drawn, shown, made = [], [], []

    def draw(t, s):
        """A line."""
        drawn.append((t, s))
        return plt.figure(figsize=(1 + t, 1))

    monkeypatch.setattr(plots, "display", lambda data, **more: shown.append((data, more)))
    monkeypatch.setattr(ipywidgets, "VBox", lambda parts: made.append(parts) or box(parts))
    plots.explore(draw, t=(0, 3, 1, 1), s=(0.0, 1.0, 0.1, 0.5))
    ((data, more),) = shown
    ((t, s, picture),) = made
    assert more["metadata"] == {"image/png": {"alt": "A line."}}
    assert isinstance(data["image/png"], bytes) and data["image/png"] == picture.value
    assert data["text/plain"] == "Sliders: t, s"
    assert isinstance(t.value, int) and isinstance(s.value, float)
    t.value = 2
    assert drawn == [(1, 0.5), (2, 0.5)] and picture.value != data["image/png"]
    assert not plt.get_fignums()


@pytest.mark.parametrize("rows", [[{"a": 1}, {"b": 1}], [{"a": 1, "b": 1}, {"b": 1, "a": 1}]])
def test_a_table_of_unequal_rows_is_refused(rows):
    with pytest.raises(ValueError, match="the same columns in every row"):
        plots.table(rows, "caption")
