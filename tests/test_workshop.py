"""What an instructor takes along: plans that add up and name real sections, and slides."""

import re
import sys

import nbformat
import pytest
from rehearse import PLANS, ROOT, read_lesson, read_plans, sections

sys.path.insert(0, str(ROOT / "docs" / "workshop"))
import slides

CHOSEN = read_plans(PLANS.read_text(encoding="utf-8"))


def test_there_are_plans_for_a_session_half_a_day_two_days_and_six_weeks():
    assert {90, 240} <= {plan.minutes for plan in CHOSEN} and len(CHOSEN) >= 2 + 2 + 6


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
    assert "Key points" in page and page.count("<section") <= 40
