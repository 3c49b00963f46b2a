"""The four pictures of the front page, from what notebook 0 shows: ``00_first_look.npz``."""

import html
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw

CARDS = (  # picture, where it leads, what one will do, what is seen
    ("squeeze", "notebooks/02_building_the_autoencoder", "Squeeze a digit into 16 numbers",
     "Five digits, the 16 numbers that a network keeps of each, and the digits rebuilt from them."),
    ("clean", "notebooks/04_denoising", "Take the noise away",
     "Five digits in heavy noise, the same ones cleaned, and the true ones."),
    ("color", "notebooks/05_colorization", "Color a photo from 100 dots",
     "A Chinese temple: the left half gray with dots of color, the right half colored from them."),
    ("draw", "notebooks/10_from_denoising_to_drawing", "Draw digits that nobody wrote",
     "Fifteen drawn digits; most can be read."),
)  # fmt: skip
TILES, GAP, ZOOM = (3, 5), 2, 4  # rows and columns; pixels between tiles; screen pixels to one


def write_cards(data: Path, folder: Path) -> str:
    """Draw the pictures into a folder ``front``, and give the HTML that shows them."""
    (folder / "front").mkdir(parents=True, exist_ok=True)
    shown = np.load(data)
    pictures = {
        "squeeze": _sheet(
            [*shown["digits"][:5], *map(_code, shown["codes"][:5]), *shown["rebuilt"][:5]]
        ),
        "clean": _sheet([*shown["noisy"][5:], *shown["cleaned"][5:], *shown["digits"][5:]]),
        "color": _photo(shown["gray"], shown["dots"], shown["photo"], shown["colored"]),
        "draw": _sheet(shown["drawn"][:15]),
    }
    lines = []
    for name, page, title, alt in CARDS:
        pictures[name].save(folder / "front" / f"{name}.png", optimize=True)
        image = f'<img src="front/{name}.png" alt="{html.escape(alt)}" width="584" height="352">'
        lines.append(f'<a href="{page}.html">{image}<strong>{title}</strong></a>')
    return '<div class="cards">\n' + "\n".join(lines) + "\n</div>"


def _sheet(tiles: list[np.ndarray]) -> Image.Image:
    """Tiles of 28 x 28 in rows, enlarged without a blur."""
    rows, columns = TILES
    sheet = np.full((rows * (28 + GAP) - GAP, columns * (28 + GAP) - GAP, 4), 0, "uint8")
    for i, tile in enumerate(tiles):
        top, left = ((28 + GAP) * place for place in divmod(i, columns))
        color = tile if tile.ndim == 3 else np.repeat(tile[..., None], 3, axis=2)
        sheet[top : top + 28, left : left + 28] = np.dstack([color, np.full((28, 28), 255)])
    size = sheet.shape[1] * ZOOM, sheet.shape[0] * ZOOM
    return Image.fromarray(sheet).resize(size, Image.Resampling.NEAREST)


def _code(numbers: np.ndarray) -> np.ndarray:
    """16 numbers as 4 x 4 squares, red for positive and blue for negative."""
    share = numbers.astype(float) / np.abs(numbers).max() / 2 + 0.5
    colors = np.uint8(255 * matplotlib.colormaps["RdBu_r"](share)[:, :3]).reshape(4, 4, 3)
    return np.kron(colors, np.ones((7, 7, 1), "uint8"))


def _photo(
    gray: np.ndarray, dots: np.ndarray, photo: np.ndarray, colored: np.ndarray
) -> Image.Image:
    """The left half gray with its dots, the right half colored; in the shape of a sheet."""
    height, width = gray.shape
    half = width // 2
    joined = np.where(np.arange(width)[None, :, None] < half, gray[..., None], colored)
    picture = Image.fromarray(np.uint8(joined)).resize(
        (2 * width, 2 * height), Image.Resampling.LANCZOS
    )
    pen = ImageDraw.Draw(picture)
    for row, column in dots.tolist():
        if column < half:
            box = [2 * column - 4, 2 * row - 4, 2 * column + 4, 2 * row + 4]
            pen.ellipse(box, fill=tuple(photo[row, column].tolist()), outline="white")
    return picture.crop((0, 20, 2 * width, 20 + round(2 * width * 352 / 592)))
