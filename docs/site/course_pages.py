"""What turns a saved notebook into a page of the site: a Sphinx extension, beside myst-nb."""

import base64
import hashlib
from pathlib import Path

import nbformat
from docutils import nodes
from latex2mathml.converter import convert
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

# A paragraph that begins with one of these words in bold gets a look of its own.
MARKED = {"Predict", "Question", "Do"}
PROMPTS = {  # of what is folded: in a lesson, and in an exercise
    "below-input": ("Show the answer", "Hide the answer"),
    "above-input": ("Show the code", "Hide the code"),
}


def setup(app: Sphinx) -> dict[str, bool]:
    """Register what is below."""
    app.add_html_math_renderer("mathml", (_write_inline, None), (_write_block, None))
    app.connect("doctree-read", _add_alt_texts)
    app.connect("doctree-read", _mark_paragraphs)
    app.add_post_transform(NamePrompts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write_inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(convert(node.astext(), display="inline"))
    raise nodes.SkipNode


def _write_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    math = convert(node.astext(), display="block")
    translator.body.append(f'<div class="math" tabindex="0">{math}</div>')
    raise nodes.SkipNode


def _add_alt_texts(app: Sphinx, document: nodes.document) -> None:
    """Give each figure the text alternative of its output's metadata, which myst-nb drops.

    myst-nb names a figure's file by the digest of its content.
    """
    path = Path(document["source"])
    if path.suffix == ".ipynb":
        texts = dict(_alt_texts(nbformat.read(path, 4)))
        for image in document.findall(nodes.image):
            image.setdefault("alt", texts.get(Path(image["uri"]).stem, ""))


def _alt_texts(notebook: nbformat.NotebookNode):
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for kind, content in output.get("data", {}).items():
                if kind.startswith("image/"):
                    digest = hashlib.sha256(base64.b64decode(content)).hexdigest()
                    yield digest, output.metadata.get(kind, {}).get("alt", "")


def _mark_paragraphs(app: Sphinx, document: nodes.document) -> None:
    for paragraph in document.findall(nodes.paragraph):
        first = next((child for child in paragraph.children if child.astext()), None)
        if isinstance(first, nodes.strong) and first.astext() in MARKED:
            paragraph["classes"].append(first.astext().lower())


class NamePrompts(SphinxPostTransform):
    """Say on each fold what is in it, and set an answer above the code that draws it."""

    default_priority = 200  # myst-nb folds at 199
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Go through a page's folds."""
        for fold in list(self.document.findall(HideCodeCellNode)):
            place = fold["classes"][0]
            fold["prompt_show"], fold["prompt_hide"] = PROMPTS[place]
            if place == "below-input" and fold.parent.index(fold):
                cell = fold.parent
                cell.remove(fold)
                cell.insert(0, fold) if isinstance(cell[0], HideCodeCellNode) else cell.append(fold)
