"""The Medicines page in a real browser: what to do and why, what if, laboratory results, widths and themes."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.driver import Theme, axe, requests_outside, settle


def visit(page: Page, server: str, patient: str) -> None:
    page.goto(f"{server}/medicines?patient={patient}")
    settle(page)


def test_from_the_advice_to_the_sources_and_the_positions(app_server: str, page: Page) -> None:
    outside = requests_outside(page)
    visit(page, app_server, "P-00001")
    first = page.locator(".st-key-medicines_table tbody tr").first
    expect(first.locator(".chip")).to_have_text("Avoid")
    expect(first).to_contain_text("CYP2C19 *2/*2")
    expect(page.locator(".st-key-medicines_why")).to_contain_text("Rule")
    expect(page.locator(".st-key-medicines_sources")).to_contain_text("Sources differ")
    page.get_by_text("All 35 positions").click()
    settle(page)
    expect(page.get_by_role("table", name="All positions of CYP2C19")).to_contain_text("Reference")
    assert outside == []


def test_what_if_a_medicine_is_added_and_a_result_is_entered(app_server: str, page: Page) -> None:
    visit(page, app_server, "P-00001")
    page.locator(".st-key-medicines_if_add input").click()
    page.keyboard.type("prilosec")
    page.get_by_role("option", name=re.compile("^Omeprazole")).click()
    settle(page)
    changes = page.locator(".st-key-medicines_if_changes")
    expect(changes).to_contain_text("Omeprazole")
    expect(changes).to_contain_text("Not taken")
    page.locator(".st-key-medicines_result_alleles_CYP2D6 input").fill("*4/*4")
    page.keyboard.press("Tab")
    settle(page)
    page.get_by_role("button", name="Enter result").click()
    settle(page)
    expect(page.locator(".st-key-medicines_laboratory")).to_contain_text("CYP2D6 *4/*4, Poor metaboliser. Not stored.")
    expect(page.locator(".st-key-medicines_genes")).to_contain_text("*4/*4")
    page.get_by_role("button", name="Remove", exact=True).click()
    settle(page)
    expect(page.locator(".st-key-medicines_genes")).not_to_contain_text("*4/*4")


def test_the_card_of_the_patient_page_leads_here(app_server: str, page: Page) -> None:
    page.goto(f"{app_server}/patient?patient=P-00002")
    settle(page)
    page.get_by_role("link", name="Open medicines").click()
    settle(page)
    expect(page.locator(".st-key-medicines_table")).to_contain_text("Simvastatin")
    expect(page.locator(".st-key-identity")).to_contain_text("P-00002")


@pytest.mark.parametrize(
    ("patient", "width", "theme"),
    [("P-00011", 1440, "dark"), ("P-00004", 1024, "light"), ("P-00011", 390, "light"), ("P-00032", 390, "dark")],
)
def test_the_page_fits_and_is_accessible(
    app_server: str, open_page: OpenPage, patient: str, width: int, theme: Theme
) -> None:
    page = open_page(width, theme)
    visit(page, app_server, patient)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [violation.rule for violation in axe(page)] == []
