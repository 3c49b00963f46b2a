"""How Sphinx makes the web site of what docs/site/build.py has laid out for it: ``make site``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "site"))

project = "Autoencoders"
html_title = "A course on autoencoders"
author = "The course's authors"
language = "en"

extensions = ["myst_nb", "course_pages"]
root_doc = "index"
myst_enable_extensions = ["dollarmath", "amsmath", "html_image"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_ipywidgets_js = {}  # the default comes from another host; docs/site/live has what moves
nb_mime_priority_overrides = [("html", "image/gif", 25)]

html_theme = "sphinx_book_theme"
html_theme_options = {
    "use_download_button": False,  # each page has its own downloads under its title
    "show_toc_level": 2,
    "home_page_in_toc": True,
    "logo": {"text": "Autoencoders"},
    "navbar_persistent": [],
    "article_header_end": ["article-header-buttons"],
    "footer_content_items": ["extra-footer"],
    "extra_footer": "Code: BSD-3-Clause. Text and figures: CC BY 4.0.",
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is
html_math_renderer = "mathml"
html_favicon = "site/static/favicon.svg"
html_static_path = ["site/static"]
html_css_files = ["course.css"]
html_js_files = ["course.js", "live.js"]
html_copy_source = False
html_show_search_summary = False  # it asks for whole pages, which no browser gives from a folder
