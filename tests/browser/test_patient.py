"""The Patient page in a real browser: reasons one click away, the strip in sight, a way out of a wrong address."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.driver import NARROW, THEMES, Theme, axe, requests_outside, resize, settle, wait_until_it_fits


def opened(page: Page, server: str, patient: str) -> None:
    page.goto(f"{server}/patient?patient={patient}")
    settle(page)


@pytest.mark.parametrize("theme", THEMES)
def test_why_shows_values_with_day_and_file_strength_and_source(
    app_server: str, open_page: OpenPage, theme: Theme
) -> None:
    page = open_page(theme=theme)
    opened(page, app_server, "P-00005")
    page.get_by_role("button", name="Why?").first.click()
    why = page.get_by_test_id("stPopoverBody")
    expect(why.get_by_text("18 Sep 2026, observations.csv row")).to_be_visible()
    expect(why.get_by_text("Class I")).to_be_visible()
    expect(why.get_by_text("Not considered:")).to_be_visible()
    expect(why.get_by_role("link")).to_have_attribute("href", re.compile(r"^https://doi\.org/"))
    wait_until_it_fits(page)
    assert axe(page) == ()


def test_the_strip_stays_in_sight_down_to_the_timeline_which_is_widened_and_has_its_table(
    app_server: str, page: Page
) -> None:
    outside = requests_outside(page)
    opened(page, app_server, "P-00001")
    page.get_by_role("heading", name="Timeline").scroll_into_view_if_needed()
    page.mouse.move(700, 600)
    page.mouse.wheel(0, 2000)
    expect(page.get_by_role("heading", name="P-00001", level=1)).to_be_in_viewport()
    page.get_by_role("radio", name="All", exact=True).click()
    settle(page)
    page.get_by_role("button", name="As a table").click()
    expect(page.get_by_test_id("stPopoverBody").get_by_role("table")).to_contain_text("hypertension")
    assert outside == []


def test_the_note_is_plain_text_with_its_sources(app_server: str, page: Page) -> None:
    opened(page, app_server, "P-00013")
    page.get_by_role("button", name="Copy note").click()
    expect(page.get_by_test_id("stCode")).to_contain_text("no interval published")
    expect(page.get_by_test_id("stCode")).to_contain_text("not a medical device")


def test_a_wrong_address_has_a_way_out(app_server: str, page: Page) -> None:
    opened(page, app_server, "nobody")
    expect(page.get_by_text("No patient of this cohort has the identifier in the address.")).to_be_visible()
    expect(page.locator("footer")).to_contain_text("Synthetic data")
    page.get_by_role("button", name="Open the worklist").click()
    expect(page.get_by_text("patients need attention")).to_be_visible()


def test_a_narrow_dark_page_is_accessible_and_never_scrolls_sideways(app_server: str, open_page: OpenPage) -> None:
    page = open_page(theme="dark")
    opened(page, app_server, "P-00080")
    for width in NARROW:
        resize(page, width)
        wait_until_it_fits(page)
        assert axe(page) == ()
