"""What the tests in a browser share: Chromium, the site, and a picture of each failure.

They are collected only where they are named: ``make test-browser``, which makes the site first.
"""

import functools
import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import find_chromium
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "build" / "site"
PICTURES = ROOT / "build" / "browser"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    path = find_chromium()
    if not path:
        pytest.fail("No Chromium: install the package chromium, or let CHROMIUM name its file.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Let the fixture ``page`` know how its test ended."""
    outcome = yield
    item.failed = outcome.get_result().failed


@pytest.fixture
def page(browser, request) -> Iterator[Page]:
    """A page 1280 wide. ``page.said`` lists what went wrong on it, ``page.asked`` each request."""
    options = getattr(request, "param", {})
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
    page = context.new_page()
    page.said, page.asked = [], []
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("requestfailed", lambda asked: page.said.append(f"{asked.url}: {asked.failure}"))
    page.on("request", lambda asked: page.asked.append(asked.url))
    page.on(
        "console",
        lambda said: page.said.append(said.text) if said.type in ("error", "warning") else None,
    )
    yield page
    if getattr(request.node, "failed", False):
        PICTURES.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"\W+", "-", request.node.name)
        page.screenshot(path=PICTURES / f"{name}.png")
    context.close()


@pytest.fixture(scope="session")
def folder() -> str:
    """The address of the site as a folder."""
    if not (SITE / "index.html").exists():
        pytest.fail("There is no site: make site.")
    return SITE.as_uri()


@pytest.fixture(scope="session")
def server(folder) -> Iterator[str]:
    """The address of the site on a server."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Handler, directory=SITE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(params=["folder", "server"])
def site(request) -> str:
    """The site's address, once as a folder and once on a server."""
    return request.getfixturevalue(request.param)
