"""The Prevention and Sources pages in a real browser: states, widths, themes, nothing asked of another machine."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.driver import NARROW, axe, requests_outside, resize, settle, wait_until_it_fits


def visit(page: Page, server: str, patient: str) -> None:
    page.goto(f"{server}/prevention?patient={patient}")
    settle(page)


def levers_are_ranked(page: Page) -> bool:
    """Whether the levers stand in the order of what they would give, the most first."""
    cells = page.locator(".st-key-prevention_levers .effect").all_inner_texts()
    gains = [float(text.split()[0]) for text in cells]
    return len(gains) > 1 and gains == sorted(gains, reverse=True)


def test_each_state_of_the_plan_is_one_click_away_and_the_levers_are_ranked(app_server: str, page: Page) -> None:
    outside = requests_outside(page)
    visit(page, app_server, "P-00013")
    plan = page.locator(".st-key-prevention_plan")
    for button, chip in (
        ("To do", "Due"),
        ("Up to date", "Up to date"),
        ("Not determined", "Not determined"),
        ("Individual", "Discuss"),
        ("Do not", "Do not"),
        ("Evidence lacking", "No guidance"),
    ):
        page.get_by_role("radio", name=button).click()
        settle(page)
        expect(plan.locator(".chip").get_by_text(chip, exact=True).first).to_be_visible()
    assert levers_are_ranked(page)
    wait_until_it_fits(page)
    assert axe(page) == ()
    assert outside == []


def test_a_carrier_is_planned_for_by_the_gene(app_server: str, page: Page) -> None:
    visit(page, app_server, "P-00006")
    first = page.locator(".st-key-prevention_plan tbody tr").first
    expect(first).to_contain_text("Breast MRI")
    expect(first).to_contain_text("pathogenic or likely pathogenic BRCA1 variant")


STATES = {"P-00014": "Missing", "P-00015": "Out of range", "P-00001": "Not applicable"}


def test_without_an_estimate_no_gain_is_claimed(app_server: str, page: Page) -> None:
    for patient, word in STATES.items():
        visit(page, app_server, patient)
        levers = page.locator(".st-key-prevention_levers")
        expect(levers.locator(".state").get_by_text(word).first).to_be_visible()
        expect(levers).to_contain_text("No risk to start from")
        assert levers.locator(".bar").count() == 0
    visit(page, app_server, "P-99999")
    expect(page.get_by_text("No match").first).to_be_visible()


@pytest.mark.parametrize("path", ["prevention?patient=P-00013", "sources"])
def test_narrow_dark_pages_fit_and_are_accessible(app_server: str, open_page: OpenPage, path: str) -> None:
    page = open_page(theme="dark")
    page.goto(f"{app_server}/{path}")
    settle(page)
    for width in NARROW:
        resize(page, width)
        wait_until_it_fits(page)
        assert axe(page) == ()


def test_what_is_not_verified_is_listed(app_server: str, page: Page) -> None:
    page.goto(f"{app_server}/sources")
    settle(page)
    expect(page.locator(".st-key-sources_unverified")).to_contain_text("palb2")
    expect(page.locator(".st-key-sources_models")).to_contain_text("FRAX is not computed here")
    wait_until_it_fits(page)
    assert axe(page) == ()
