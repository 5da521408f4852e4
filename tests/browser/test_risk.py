"""The Risk page in a real browser: what if, the states, widths and themes."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.driver import NARROW, axe, requests_outside, resize, settle, wait_until_it_fits


def visit(page: Page, server: str, patient: str) -> None:
    page.goto(f"{server}/risk?patient={patient}")
    settle(page)


def test_how_it_was_found_opens_in_one_click_and_a_what_if_changes_the_second_array_only(
    app_server: str, page: Page
) -> None:
    outside = requests_outside(page)
    visit(page, app_server, "P-00013")
    wait_until_it_fits(page)
    assert axe(page) == ()
    page.get_by_role("button", name="How was this found?").first.click()
    popover = page.get_by_test_id("stPopoverBody")
    expect(popover.get_by_text("Total cholesterol", exact=True)).to_be_visible()
    expect(popover.get_by_text("observations.csv", exact=False).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(popover).to_be_hidden()
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


STATES = {"P-00014": "Not estimated", "P-00015": "Out of range", "P-00001": "Not applicable"}


def test_each_state_is_shown_in_words(app_server: str, page: Page) -> None:
    for patient, word in STATES.items():
        visit(page, app_server, patient)
        expect(page.locator(".state").get_by_text(word).first).to_be_visible()
        expect(page.get_by_text("Available when there is an estimate to start from.")).to_be_visible()
        assert page.get_by_role("slider").count() == 0
        cards = page.locator("[class*='st-key-model_'], [class*='st-key-not_for_']")
        expect(cards.get_by_text(word, exact=True).first).to_be_visible()


def test_a_narrow_dark_page_fits_and_is_accessible_as_does_another_domain(app_server: str, open_page: OpenPage) -> None:
    page = open_page(theme="dark")
    visit(page, app_server, "P-00013")
    for width in NARROW:
        resize(page, width)
        wait_until_it_fits(page)
        assert axe(page) == ()
    page.get_by_role("radio", name="Colon", exact=True).click()
    settle(page)
    wait_until_it_fits(page)
    assert axe(page) == ()


DOMAINS = ("Heart", "Kidney", "Diabetes", "Breast", "Colon", "Lung", "Liver", "Bone")


def test_every_domain_opens_from_the_page_and_shows_its_models(app_server: str, page: Page) -> None:
    outside = requests_outside(page)
    visit(page, app_server, "P-00013")
    for name in DOMAINS:
        page.get_by_role("radio", name=name, exact=True).click()
        settle(page)
        assert page.locator("[class*='st-key-model_'], [class*='st-key-not_for_']").count() > 0
        expect(page.get_by_text("This calculation failed")).to_have_count(0)
    assert outside == []


def test_a_model_is_not_used_for_those_it_is_not_for(app_server: str, page: Page) -> None:
    visit(page, app_server, "P-00006")
    page.get_by_role("radio", name="Breast", exact=True).click()
    settle(page)
    refused = page.locator("[class*='st-key-not_for_']")
    expect(refused.get_by_text("Not applicable", exact=True).first).to_be_visible()
    expect(refused).to_contain_text("A carrier's risk is that of the gene")


def test_a_missing_value_is_entered_and_removed(app_server: str, page: Page) -> None:
    visit(page, app_server, "P-00014")
    card = page.locator(".st-key-model_ckd_epi_cystatin_2012")
    page.get_by_role("radio", name="Kidney", exact=True).click()
    settle(page)
    expect(card.get_by_text("Not estimated", exact=True)).to_be_visible()
    card.get_by_role("button", name="Enter 1 value").click()
    page.get_by_label("Cystatin C, mg/L").fill("1.1")
    page.get_by_role("button", name="Estimate with these values").click()
    settle(page)
    expect(card.get_by_text("In validated range")).to_be_visible()
    expect(page.get_by_text("Cystatin C 1.1 mg/L: entered here, not stored.")).to_be_visible()
    page.get_by_role("button", name="Remove entered values").click()
    settle(page)
    expect(card.get_by_text("Not estimated")).to_be_visible()
