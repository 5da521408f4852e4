"""The Worklist in a real browser: who needs attention, found, opened, and readable on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.driver import THEMES, WIDTHS, Theme, axe, requests_outside, resize, settle, wait_until_it_fits

OPEN = re.compile(r"Open P-\d{5}")


def test_the_first_row_opens_its_patient_with_one_click(app_server: str, page: Page) -> None:
    outside = requests_outside(page)
    page.goto(app_server)
    settle(page)
    button = page.locator(".st-key-worklist_open").get_by_role("button")
    patient = button.inner_text().split()[-1]
    button.click()
    expect(page).to_have_url(re.compile(rf"/patient\?patient={patient}$"))
    expect(page.get_by_role("heading", name=patient, level=1)).to_be_visible()
    assert outside == []


def test_the_page_and_the_filter_are_narrowed_without_losing_the_way_back(app_server: str, page: Page) -> None:
    page.goto(app_server)
    settle(page)
    page.get_by_role("radio", name=re.compile("Not estimated")).click()
    settle(page)
    expect(page.get_by_text(re.compile(r"1 to 12 of \d+, most severe first"))).to_be_visible()
    find = page.get_by_placeholder("Find patient or reason")
    find.fill("nobody")
    find.press("Enter")
    settle(page)
    expect(page.get_by_text("No patient on the worklist matches these filters.")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    settle(page)
    expect(page.locator(".st-key-worklist_open")).to_be_visible()


def test_a_demonstration_leads_to_its_patient(app_server: str, page: Page) -> None:
    page.goto(app_server)
    settle(page)
    page.get_by_role("link", name="Open P-00011").last.click()
    expect(page.get_by_role("heading", name="P-00011", level=1)).to_be_visible()


def test_on_a_phone_the_reason_is_read_without_a_swipe(app_server: str, open_page: OpenPage) -> None:
    page = open_page(390)
    page.goto(app_server)
    settle(page)
    expect(page.locator('[data-testid="stDataFrame"]')).to_be_hidden()
    link = page.get_by_role("link", name=OPEN).first
    patient = link.inner_text().split()[-1]
    link.click()
    expect(page.get_by_role("heading", name=patient, level=1)).to_be_visible()


@pytest.mark.parametrize("theme", THEMES)
def test_the_page_is_accessible_and_never_scrolls_sideways(app_server: str, open_page: OpenPage, theme: Theme) -> None:
    page = open_page(theme=theme)
    page.goto(app_server)
    settle(page)
    for width in WIDTHS:
        resize(page, width)
        wait_until_it_fits(page)
        assert axe(page) == ()
