"""The cohort in the browser: filters in the address and through navigation, sorting, comparing, opening, exporting."""

import csv
import io
import re

from playwright.sync_api import Locator, Page, expect

from precision.workbench.query import Filter, read_filter
from tests.browser.conftest import OpenPage
from tests.browser.driver import NARROW, WIDTHS, axe, requests_outside, resize, settle, wait_until_it_fits

ROW, TICK, HEADING = 35, 17, 17  # px: height of a row, middle of its tick box, middle of the headings
AGE = 450  # px from the left: in the column Age of a window 1440 px wide
TALL = 3600
WAIT = 30_000  # ms


def visit(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".counts")).to_be_visible(timeout=WAIT)
    settle(page)


def counted(page: Page) -> str:
    """'155 of 300': how many of how many patients."""
    return " ".join(page.locator(".counts > div").first.locator("dd").inner_text().split())


def choose_women(page: Page) -> None:
    page.locator(".st-key-cohort_sex").get_by_text("Female", exact=True).click()
    expect(page).to_have_url(re.compile("cohort_sex=Female"), timeout=WAIT)
    settle(page)


def grid(page: Page) -> Locator:
    return page.get_by_test_id("stDataFrame")


def tick(page: Page, *rows: int) -> None:
    """Tick rows of the list, the first being 1."""
    grid(page).scroll_into_view_if_needed()
    for row in rows:
        grid(page).click(position={"x": TICK, "y": ROW * row + ROW / 2})
        settle(page)


def downloaded(page: Page, key: str) -> str:
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as started:
        page.locator(f".st-key-{key} button").click()
    return started.value.path().read_text(encoding="utf-8")


def test_the_address_holds_the_filters_and_opens_the_same_selection_for_another_reader(
    app_server: str, open_page: OpenPage
) -> None:
    page = open_page()
    outside = requests_outside(page)
    visit(page, f"{app_server}/cohort")
    everybody = counted(page)
    choose_women(page)
    assert counted(page) != everybody
    page.get_by_role("button", name="Copy link").click()
    link = page.get_by_test_id("stCode").inner_text().strip()
    assert link == f"{app_server}/cohort?cohort_sex=Female"
    other = open_page(newcomer=True)
    visit(other, link)
    assert counted(other) == counted(page)
    assert outside == []


def choose(page: Page, key: str, words: str) -> None:
    """Choose an option of a select box, as a reader who types a part of it."""
    box = page.locator(f".st-key-{key} input")
    box.click()
    box.fill(words)
    page.get_by_role("option").first.click()


def test_risk_and_rules_are_chosen_by_name_and_stand_by_code_in_the_address(
    app_server: str, open_page: OpenPage
) -> None:
    page = open_page()
    visit(page, f"{app_server}/cohort")
    choose(page, "cohort_model", "Kidney failure (dialysis or transplant), 5 years")
    expect(page).to_have_url(re.compile("cohort_model=kfre_4(:|%3A)kidney_failure(:|%3A)5$"), timeout=WAIT)
    expect(page.locator(".counts")).to_contain_text("Median 5-year risk", timeout=WAIT)
    choose(page, "cohort_asks", "help to stop smoking")
    expect(page).to_have_url(re.compile("cohort_asks=smoking"), timeout=WAIT)
    settle(page)
    smokers = counted(page)
    assert smokers != "300 of 300"
    other = open_page()
    visit(other, page.url)
    assert counted(other) == smokers
    expect(other.locator(".counts")).to_contain_text("Median 5-year risk")
    page.go_back()
    expect(page).not_to_have_url(re.compile("cohort_asks"), timeout=WAIT)
    settle(page)
    assert counted(page) == "300 of 300"


def test_a_rule_of_the_list_leaves_its_patients_and_all_rules_open(app_server: str, page: Page) -> None:
    visit(page, f"{app_server}/cohort")
    page.get_by_role("button", name="rules").last.click()
    table = page.get_by_role("dialog").get_by_role("table", name="Screening and monitoring")
    expect(table).to_contain_text("USPSTF", timeout=WAIT)
    assert axe(page) == ()
    page.keyboard.press("Escape")
    page.locator(".st-key-cohort_rules_call").get_by_role("button", name="Show").first.click()
    expect(page).to_have_url(re.compile("cohort_due=overdue(:|%3A)"), timeout=WAIT)
    settle(page)
    assert counted(page) != "300 of 300"


def test_filters_survive_opening_a_patient_and_coming_back(app_server: str, page: Page) -> None:
    visit(page, f"{app_server}/cohort")
    choose_women(page)
    women = counted(page)
    tick(page, 2)
    page.get_by_role("button", name="Open patient").click()
    expect(page).to_have_url(re.compile(r"/patient\?patient=P-\d+$"), timeout=WAIT)
    settle(page)
    page.go_back()
    expect(page.locator(".counts")).to_be_visible(timeout=WAIT)
    settle(page)
    assert counted(page) == women
    assert "patient=" not in page.url.partition("?")[2]
    page.get_by_test_id("stTopNavLink").filter(has_text="Upload").click()
    expect(page).to_have_url(re.compile("/upload"), timeout=WAIT)
    settle(page)
    page.get_by_test_id("stTopNavLink").filter(has_text="Cohort").click()
    expect(page.locator(".counts")).to_be_visible(timeout=WAIT)
    settle(page)
    assert counted(page) == women
    page.get_by_role("button", name="Clear filters").click()
    settle(page)
    assert counted(page) == "300 of 300"


def test_the_page_is_accessible_and_a_click_on_a_heading_sorts_the_whole_list(app_server: str, page: Page) -> None:
    visit(page, f"{app_server}/cohort")
    resize(page, WIDTHS[0], TALL)
    wait_until_it_fits(page)
    assert axe(page) == ()
    resize(page, WIDTHS[0])
    grid(page).scroll_into_view_if_needed()
    for order in ("Oldest first", "Youngest first"):
        grid(page).click(position={"x": AGE, "y": HEADING})
        expect(page).to_have_url(re.compile(f"cohort_order={order.replace(' ', '.')}"), timeout=WAIT)
        settle(page)
    expect(page.get_by_text("1 to 50 of 300, youngest first")).to_be_visible()


def test_two_ticked_patients_stand_side_by_side(app_server: str, page: Page) -> None:
    visit(page, f"{app_server}/cohort")
    expect(page.get_by_role("button", name="Compare selected")).to_be_disabled()
    tick(page, 1, 3)
    page.get_by_role("button", name="Compare selected").click()
    table = page.get_by_role("dialog").get_by_role("table", name="Patients side by side")
    expect(table.get_by_role("columnheader")).to_have_count(3)
    expect(table).to_contain_text("no interval published", timeout=WAIT)
    assert axe(page) == ()


def test_who_takes_a_medicine_that_fits_badly_is_opened_and_the_gene_stands_beside_what_is_published(
    app_server: str, page: Page
) -> None:
    visit(page, f"{app_server}/cohort")
    choose(page, "cohort_gene_group", "European")
    expect(page.get_by_text("Group: European.")).to_be_visible(timeout=WAIT)
    page.locator(".st-key-cohort_medicine_clopidogrel button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("people taking or planning clopidogrel: Avoid.")).to_be_visible(timeout=WAIT)
    assert axe(page) == ()
    dialog.get_by_role("tab", name="Guidance").click()
    expect(dialog.get_by_role("table", name="Guidance for clopidogrel")).to_contain_text("CPIC", timeout=WAIT)
    dialog.get_by_role("tab", name="Patients").click()
    dialog.get_by_role("button", name="Open medicines").click()
    expect(page).to_have_url(re.compile(r"/medicines\?patient=P-\d+$"), timeout=WAIT)


def test_what_is_exported_is_the_selection_with_its_definition(app_server: str, page: Page) -> None:
    visit(page, f"{app_server}/cohort?cohort_sex=Female&cohort_age=40&cohort_age=70")
    rows = list(csv.DictReader(io.StringIO(downloaded(page, "cohort_csv"))))
    assert f"{len(rows)} of 300" == counted(page)
    assert {row["sex"] for row in rows} == {"female"}
    assert all(40 <= float(row["age"]) < 71 for row in rows)
    page.keyboard.press("Escape")
    assert read_filter(downloaded(page, "cohort_json")) == Filter(sex="female", age=(40, 70))


def test_a_narrow_dark_page_is_accessible_and_never_wider_than_the_window(app_server: str, open_page: OpenPage) -> None:
    page = open_page(theme="dark")
    visit(page, f"{app_server}/cohort")
    for width in NARROW:
        resize(page, width, TALL)
        wait_until_it_fits(page)
        assert axe(page) == ()
