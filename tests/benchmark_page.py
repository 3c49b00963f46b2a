"""The sections of docs/benchmarks.md that other commands than ``make bench`` write."""

import re
from pathlib import Path

from ae_helpers.workspace import write_atomically

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"


def save_section(name: str, text: str) -> None:
    """Put a section between its marks, which come to the end of the page the first time."""
    page = PAGE.read_text(encoding="utf-8")
    start, end = f"<!-- {name}: start -->\n", f"<!-- {name}: end -->\n"
    new = f"{start}{text}{end}"
    marked = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
    page = marked.sub(lambda _: new, page) if marked.search(page) else f"{page}\n{new}"
    write_atomically(PAGE, page)
