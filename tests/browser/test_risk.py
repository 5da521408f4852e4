"""The Risk page in a real browser: what if, the states, widths and themes."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.driver import Theme, axe, requests_outside, settle


def visit(page: Page, server: str, patient: str) -> None:
    page.goto(server)
    settle(page)
    page.goto(f"{server}/risk?patient={patient}")
    settle(page)


def test_a_what_if_changes_the_second_array_only(app_server: str, page: Page) -> None:
    outside = requests_outside(page)
    visit(page, app_server, "P-00013")
    before, after = page.locator(".frequency").all()
    now = before.locator(".figure").inner_text()
    assert after.locator(".figure").inner_text() == now
    slider = page.get_by_role("slider").first
    slider.focus()
    for _ in range(12):
        slider.press("ArrowLeft")
    settle(page)
    before, after = page.locator(".frequency").all()
    assert before.locator(".figure").inner_text() == now
    assert float(after.locator(".figure").inner_text().rstrip("%")) < float(now.rstrip("%"))
    expect(after.get_by_text("no longer do")).to_be_visible()
    assert outside == []


def test_how_it_was_found_opens_in_one_click(app_server: str, page: Page) -> None:
    visit(page, app_server, "P-00013")
    page.get_by_role("button", name="How was this found?").click()
    popover = page.locator('[data-testid="stPopoverBody"]')
    expect(popover.get_by_text("Total cholesterol", exact=True)).to_be_visible()
    expect(popover.get_by_text("observations.csv", exact=False).first).to_be_visible()


@pytest.mark.parametrize(
    ("patient", "word"), [("P-00014", "Not estimated"), ("P-00015", "Out of range"), ("P-00001", "Not applicable")]
)
def test_each_state_is_shown_in_words(app_server: str, page: Page, patient: str, word: str) -> None:
    visit(page, app_server, patient)
    expect(page.locator(".state").get_by_text(word).first).to_be_visible()
    expect(page.get_by_text("Available when there is an estimate to start from.")).to_be_visible()
    assert page.get_by_role("slider").count() == 0


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (1024, "light"), (390, "dark")])
def test_the_page_fits_and_is_accessible(app_server: str, open_page: OpenPage, width: int, theme: Theme) -> None:
    page = open_page(width, theme)
    visit(page, app_server, "P-00013")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [violation.rule for violation in axe(page)] == []
