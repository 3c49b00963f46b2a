"""The site in a browser: nothing asked of other hosts, nothing broken, everything in reach."""

import re
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import nbformat
import numpy as np
import pytest
from bs4 import BeautifulSoup
from scipy import ndimage, sparse
from scipy.sparse.linalg import spsolve
from skimage.color import lab2rgb, rgb2lab

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "build" / "site"
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
PAGES = [page for page in PAGES if not page.startswith("_static")]
LESSONS = [page for page in PAGES if page.startswith("notebooks/")]
LOOKED_AT = [
    "index.html",
    "notebooks/02_building_the_autoencoder.html",
    "notebooks/05_colorization.html",
    "notebooks/06_transposed_convolutions.html",
    "exercises/02_building_the_autoencoder.html",
    "docs/teaching.html",
]


def _live(number):
    return next(page for page in LESSONS if page.startswith(f"notebooks/{number}"))


# ------------------------------------------------------------------------------- every page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole(name, page, folder):
    page.goto(f"{folder}/{name}")
    page.wait_for_load_state("load")
    assert page.said == []
    assert [a for a in page.asked if not a.startswith((folder, "data:", "blob:"))] == []
    page.evaluate("document.querySelectorAll('details').forEach((fold) => fold.open = true)")
    pictures = page.evaluate(
        "() => [...document.querySelectorAll('article img')].map((i) => [i.alt, i.naturalWidth])"
    )
    assert [alt for alt, width in pictures if not alt.strip() or not width] == []
    equations = page.evaluate(
        "() => [...document.querySelectorAll('math')].map((m) => m.getBoundingClientRect().height)"
    )
    assert all(height > 4 for height in equations)
    prose = page.evaluate(
        """() => [...document.querySelectorAll('article p, article li')]
        .map((p) => {
            const copy = p.cloneNode(true);
            copy.querySelectorAll('code, math, pre').forEach((part) => part.remove());
            return copy.textContent; })
        .filter((text) => /\\$[^$]+\\$|\\\\(frac|sum|mathbb)/.test(text))"""
    )
    assert prose == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_server_gives_the_same_without_a_request_elsewhere(page, server):
    for name in LESSONS:
        page.goto(f"{server}/{name}", wait_until="networkidle")
    assert page.said == []
    assert [a for a in page.asked if not a.startswith((server, "data:", "blob:"))] == []


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_has_each_figure_with_its_own_text(name):
    notebook = nbformat.read(ROOT / name.replace(".html", ".ipynb"), 4)
    told = [
        meta["alt"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for kind, meta in output.get("metadata", {}).items()
        if kind.startswith("image/") and "alt" in meta
    ]
    page = BeautifulSoup((SITE / name).read_text("utf-8"), "html.parser")
    shown = Counter(" ".join(image["alt"].split()) for image in page.select("article img"))
    assert not Counter(" ".join(text.split()) for text in told) - shown


def test_every_link_leads_somewhere():
    gone, anchors = [], {}
    for name in PAGES:
        page = BeautifulSoup((SITE / name).read_text("utf-8"), "html.parser")
        anchors[name] = {tag["id"] for tag in page.select("[id]")}
        for link in page.select("article a[href]"):
            target, _, part = unquote(link["href"]).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            path = (SITE / name).parent / target if target else SITE / name
            if not path.exists():
                gone.append(f"{name}: {target}")
            elif part and path.suffix == ".html":
                anchor = f'id="{part}"'
                if anchor not in path.read_text("utf-8"):
                    gone.append(f"{name}: {target}#{part}")
    assert gone == []


# ------------------------------------------------------------------------------ what it can do


@pytest.mark.parametrize("word, found", [("colorization", "05_"), ("Levin", "05_"), ("VAE", "08_")])
def test_search_finds(word, found, page, site):
    page.goto(f"{site}/search.html?q={word}")
    page.wait_for_selector("#search-results li a", timeout=10_000)
    page.wait_for_timeout(300)
    links = page.locator("#search-results li a").evaluate_all("(all) => all.map((a) => a.href)")
    assert any(f"notebooks/{found}" in link for link in links)
    assert page.said == []


def test_an_answer_waits_behind_a_button(page, folder):
    page.goto(f"{folder}/{_live('02')}")
    fold = page.locator("details.below-input").first
    answer = fold.locator(".cell_output")
    assert not answer.is_visible() and fold.get_by_text("Show the answer").is_visible()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert answer.is_visible() and fold.get_by_text("Hide the answer").is_visible()
    notebook = nbformat.read(ROOT / _live("02").replace(".html", ".ipynb"), 4)
    hidden = [c for c in notebook.cells if c.metadata.get("jupyter", {}).get("outputs_hidden")]
    assert page.locator("details.below-input").count() == len(hidden)


def test_a_lesson_tells_its_minutes_and_gives_its_files(page, folder):
    page.goto(f"{folder}/{_live('02')}")
    bar = page.locator(".page-bar")
    assert re.search(r"\d+ min to read", bar.inner_text())
    given = bar.locator("a[download]").evaluate_all("(all) => all.map((a) => a.href)")
    assert len(given) == 2
    for address in given:
        name = address.removeprefix(folder + "/")
        assert (SITE / name).read_bytes() == (ROOT / name).read_bytes()
    assert page.locator(".prev-next-area a").count() == 2


def test_dark_is_dark_and_stays(page, server):
    page.goto(f"{server}/index.html")
    page.get_by_role("button", name="Color mode").click()
    page.get_by_role("button", name="Dark").click()
    page.goto(f"{server}/{_live('05')}")
    color = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", color)[:3])) < 60


def test_on_paper_there_is_only_the_text(page, folder):
    page.goto(f"{folder}/{_live('02')}")
    page.emulate_media(media="print")
    assert page.locator("h1:visible").count() == 1
    for part in (".bd-sidebar-primary", ".bd-sidebar-secondary", ".page-bar a"):
        assert not page.locator(part).first.is_visible()


@pytest.mark.parametrize("page", [{"color_scheme": c} for c in ("light", "dark")], indirect=True)
@pytest.mark.parametrize("name", LOOKED_AT)
def test_axe_finds_no_serious_violation(name, page, folder):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.goto(f"{folder}/{name}")
    page.wait_for_timeout(600)  # colors fade in
    found = axe.run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:200], len(v["nodes"])) for v in serious] == []


def test_a_lesson_is_painted_soon(page, server, record_property):
    page.goto(f"{server}/{_live('02')}")
    page.wait_for_timeout(500)
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    record_property("first paint, ms", paint)
    print(f"first contentful paint of lesson 2: {paint:.0f} ms")
    assert paint < 2500


# --------------------------------------------------------------------------- the live figures


def _ink(page, selector):
    """What a canvas shows, as one string."""
    return page.locator(selector).first.evaluate("(canvas) => canvas.toDataURL()")


@pytest.mark.parametrize("number", ["02", "08"])
def test_the_plane_answers(number, page, site):
    page.goto(f"{site}/{_live(number)}")
    before = _ink(page, ".live-tile")
    assert page.locator(".live").is_visible()
    assert not page.locator("div.cell:has(+ .live) .cell_output").is_visible()  # it takes its place
    page.locator(".live-map").hover(position={"x": 60, "y": 40})
    moved = _ink(page, ".live-tile")
    page.locator(".live input[type=range]").first.focus()
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    assert len({before, moved, _ink(page, ".live-tile")}) == 3
    assert page.said == []


def test_the_flow_answers(page, site):
    page.goto(f"{site}/{_live('10')}")
    page.wait_for_timeout(1500)
    before = _ink(page, ".live-map")
    page.locator(".live-map").hover(position={"x": 100, "y": 100})
    moved = _ink(page, ".live-map")
    page.locator(".live input[type=range]").first.focus()
    page.keyboard.press("End")
    assert len({before, moved, _ink(page, ".live-map")}) == 3
    page.get_by_role("button", name="Let it go").press("Enter")
    page.wait_for_function("document.querySelector('.live input').value == 1", timeout=10_000)
    assert page.said == []


def test_the_hints_spread(page, site):
    page.goto(f"{site}/{_live('05')}")
    done = "() => !document.querySelector('.live').hasAttribute('data-busy')"
    page.wait_for_timeout(200)
    page.wait_for_function(done, timeout=30_000)
    first = _ink(page, ".live-photo canvas")
    page.locator(".live-photo canvas").click(position={"x": 300, "y": 60})
    page.wait_for_function(done, timeout=30_000)
    second = _ink(page, ".live-photo canvas")
    page.get_by_label("color: tile").press("Enter")
    page.locator(".live input[type=range]").first.press("ArrowRight")
    page.get_by_role("button", name="Place the hint").press("Enter")
    page.wait_for_function(done, timeout=30_000)
    assert len({first, second, _ink(page, ".live-photo canvas")}) == 3
    assert page.locator(".live-marks i").count() == 13
    assert "13 hints" in page.locator(".live [role=status]").inner_text()
    page.get_by_role("button", name="Begin with none").press("Enter")
    assert page.locator(".live-marks i").count() == 0
    assert page.said == []


def test_the_stepper_answers(page, site):
    page.goto(f"{site}/{_live('06')}")
    stepper = page.locator("#stepper")
    before = stepper.locator(".boards").inner_html()
    stepper.locator("input").nth(1).focus()
    page.keyboard.press("ArrowRight")
    assert stepper.locator(".boards").inner_html() != before
    stepper.locator(".boards > div").last.locator("span").nth(16).focus()
    assert "(input · weight)" in stepper.locator("p").inner_text()


def test_without_scripts_the_still_picture_is_there(browser, folder):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{folder}/{_live('02')}")
    assert not page.locator(".live").is_visible()
    assert page.locator("div.cell:has(+ .live) .cell_output img").is_visible()
    context.close()


# ------------------------------------------- the same numbers as Keras and SciPy give, in the page


@pytest.fixture(scope="module")
def live():
    """docs/site/live.py, which trains and packs."""
    sys.path.insert(0, str(ROOT / "docs" / "site"))
    import live

    return live


def _in_page(page, script, *values):
    page.goto("about:blank")
    page.add_script_tag(path=ROOT / "docs" / "site" / "static" / "live.js")
    return page.evaluate(f"(values) => {{ const c = course.compute; {script} }}", list(values))


@pytest.mark.parametrize("name, epochs", [("export_map", 20), ("export_prior", 5)])
def test_the_decoder_paints_what_keras_paints(name, epochs, live, page):
    figure, decode = getattr(live, name)(epochs)
    points = np.random.default_rng(0).uniform(figure["low"], figure["high"], (200, 2))
    script = "const net = c.network(values[0]); return values[1].map((z) => [...net(z)]);"
    painted = np.array(_in_page(page, script, figure["network"], points.tolist()))
    truth = decode(points.astype("float32")).reshape(200, 784)
    apart = np.abs(painted - truth)
    print(f"{name}: largest difference {apart.max():.4f}, mean {apart.mean():.6f}")
    assert truth.std() > 0.1 and apart.max() < 1e-2


def test_the_flow_is_kerass(live, page):
    figure, velocity = live.export_flow(2)
    places = np.random.default_rng(0).uniform([-2, -2, 0], [2, 2, 1], (200, 3))
    script = "const net = c.network(values[0]); return values[1].map((z) => [...net(z)]);"
    answers = np.array(_in_page(page, script, figure["network"], places.tolist()))
    assert np.abs(answers - velocity(places)).max() < 1e-2


def test_the_hints_give_what_the_lesson_solves(live, page):
    figure = live.export_photo()
    unpacked = np.frombuffer(live.base64.b64decode(figure["lightness"]), "<f2").astype(float)
    notebook = nbformat.read(ROOT / _live("05").replace(".html", ".ipynb"), 4)
    lesson = {"np": np, "ndimage": ndimage, "sparse": sparse}
    exec(next(c.source for c in notebook.cells if "def neighbor_weights" in c.source), lesson)
    weights = lesson["neighbor_weights"](unpacked.reshape(figure["height"], figure["width"]))
    rng = np.random.default_rng(0)
    places, colors = rng.choice(unpacked.size, 60, replace=False), rng.normal(0, 0.3, 60)
    free = np.setdiff1d(np.arange(unpacked.size), places)
    equations = (sparse.eye_array(unpacked.size) - weights).tocsr()[free].tocsc()
    truth = np.empty(unpacked.size)
    truth[places] = colors
    truth[free] = spsolve(equations[:, free], -equations[:, places] @ colors)
    script = """
        const [photo, places, colors] = values, lightness = c.unpack(photo.lightness);
        const x = new Float64Array(lightness.length), given = new Uint8Array(x.length);
        places.forEach((at, i) => { x[at] = colors[i]; given[at] = 1; });
        const system = c.neighborWeights(lightness, photo.height, photo.width);
        for (const step of c.solve(system, x, given));
        return [...x];"""
    answer = np.array(_in_page(page, script, figure, places.tolist(), colors.tolist()))
    print(f"hints: largest difference {np.abs(answer - truth).max():.5f}")
    assert np.abs(answer - truth).max() < 1e-3


def test_colors_are_skimages(page):
    rgb = np.random.default_rng(0).random((100, 3))
    lab = rgb2lab(rgb) / 100
    script = "return values[0].map((rgb) => c.toLab(rgb));"
    assert np.abs(np.array(_in_page(page, script, rgb.tolist())) - lab).max() < 1e-4
    script = "return values[0].map((lab) => c.toRgb(...lab));"
    back = np.array(_in_page(page, script, lab.tolist()))
    assert np.abs(back - lab2rgb(100 * lab)).max() < 1e-3
