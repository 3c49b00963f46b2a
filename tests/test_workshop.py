"""What an instructor takes along: plans that add up and name real sections, slides, handouts."""

import re
import sys

import nbformat
import pytest
from chromium import find_chromium
from facts import sections
from rehearse import PLANS, ROOT, read_lesson, read_plans

sys.path.insert(0, str(ROOT / "docs" / "workshop"))
import handout
import slides

TOO_TALL = "s => s.scrollHeight > s.clientHeight + 1 || s.scrollWidth > s.clientWidth + 1"
CHOSEN = read_plans(PLANS.read_text(encoding="utf-8"))


def test_there_are_plans_for_a_session_half_a_day_two_days_and_six_weeks():
    headings = re.findall(r"^## (.*)", PLANS.read_text(encoding="utf-8"), flags=re.M)
    plans = ["One session: 90 minutes", "Half a day: 240 minutes", "Two days", "Six weeks"]
    assert headings[:-1] == plans and headings[-1].startswith("What to ask")
    assert [plan.minutes for plan in CHOSEN] == [90, 240] + 2 * [390] + 12 * [90]


@pytest.mark.parametrize("plan", CHOSEN, ids=lambda plan: plan.name)
def test_a_plan_fills_its_minutes_without_a_gap(plan):
    ends = [0, *(row.end for row in plan.rows)]
    assert [row.start for row in plan.rows] == ends[:-1] and ends[-1] == plan.minutes


@pytest.mark.parametrize("plan", CHOSEN, ids=lambda plan: plan.name)
def test_a_plan_runs_sections_that_exist_in_the_lessons_order(plan):
    named = [name for row in plan.rows for name in row.sections]
    for number in {int(name.partition(".")[0]) for name in named}:
        there = list(sections(read_lesson(number)[1]))
        asked = [name for name in named if name.startswith(f"{number}.")]
        assert [name for name in there if name in asked] == asked


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_slides_ask_nothing_of_the_network_and_keep_every_alt_text(path):
    page = slides.make_slides(path)
    assert not re.search(r'<[a-z]+ [^<>]*(?:src|href)="(?!data:)', page.partition("<script>")[0])
    assert not re.search(r"url\(['\"]?(?!['\"]|data:)|@import", page.partition("</style>")[0])
    alts = re.findall(r'<img src="data:[^"]*" alt="([^"]*)"', page)
    saved = [
        output
        for cell in nbformat.read(path, 4).cells
        for output in cell.get("outputs", [])
        if slides._read_figure(output)
    ]
    assert len(alts) == len(saved) > 0 and all(len(alt) > 20 for alt in alts)
    assert "Key points" in page and page.count("<section") <= 25


@pytest.fixture(scope="module")
def handouts(tmp_path_factory):
    """The folder of the printed pages."""
    folder = tmp_path_factory.mktemp("handout")
    handout.main(folder)
    return folder


def test_each_lesson_has_a_printed_page_that_asks_nothing_of_the_network(handouts):
    lessons = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {path.stem for path in handouts.glob("*.html")} == lessons | {"all"}
    for name in lessons:
        page = (handouts / f"{name}.html").read_text(encoding="utf-8")
        assert not re.search(r'<[a-z]+ [^<>]*(?:src|href)="(?!data:)|url\(|@import', page)
        assert len(re.findall(r'alt="[^"]{20,}"', page)) == page.count("<img") == 1
        number = int(name[:2])
        exercise = f"Exercise {number}." in page
        assert exercise == (number > 0) and f"row>{number}.1</th>" in page and "Key points" in page


@pytest.mark.skipif(not find_chromium(), reason="no Chromium here")
def test_each_printed_page_is_one_side_of_a4(handouts):
    # Each lesson begins on a page of its own, so as many pages as lessons are one page for each.
    pdf = (handouts / "all.pdf").read_bytes()
    sides = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert len(sides) == len(list((ROOT / "notebooks").glob("*.ipynb")))
    assert all(abs(float(w) - 595) < 2 and abs(float(h) - 842) < 2 for w, h in sides)


@pytest.mark.skipif(not find_chromium(), reason="no Chromium here")
def test_slides_run_offline_in_a_browser_fit_and_print_one_page_each(tmp_path):
    playwright = pytest.importorskip("playwright.sync_api")
    slides.main(tmp_path)
    with playwright.sync_playwright() as p:
        options = {"executable_path": find_chromium(), "args": ["--no-sandbox"]}
        browser = p.chromium.launch(**options)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        files = sorted(tmp_path.glob("*.html"))
        for file in files:
            page.goto(f"{file.as_uri()}?print-pdf")
            page.wait_for_function("document.querySelector('.pdf-page')")
            texts = page.locator(".pdf-page section").all()
            tall = [s.inner_text()[:40] for s in texts if s.evaluate(TOO_TALL)]
            assert not tall, file.name
        printed = page.pdf(prefer_css_page_size=True)
        assert printed.count(b"/MediaBox") == len(texts)
        page.goto(files[0].as_uri())
        page.wait_for_function("window.Reveal && Reveal.isReady()")
        page.keyboard.press("ArrowRight")
        assert page.evaluate("Reveal.getIndices().h") == 1
        browser.close()
    assert not said and all(re.match("file:|data:", url) for url in asked)
