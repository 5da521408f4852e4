"""Loading tables in the browser: choose, confirm, correct, load; what is refused; and two exports nobody here made."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.driver import Theme, axe, requests_outside, settle

CLINIC = b"""patient_id,gender,age,sys_bp,postcode,note
P-1,2,61,148,SW1A 1AA,=1+1
P-2,1,55,131,SW1A 1AB,"<img src=x onerror=alert(1)>"
P-3,2,58,1280,SW1A 1AA,"![x](https://example.org/x.png)"
P-4,1,47,abc,SW1A 1AB,=2+2
"""


# The framework's own: the place where files are dropped is marked as presentational and can be focused.
FRAMEWORK = {"presentation-role-conflict"}


def table(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": data}


def choose(page: Page, address: str, files: list[FilePayload] | list[Path]) -> None:
    """Open the page and choose files; wait until they are checked."""
    page.goto(f"{address}/upload")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files, timeout=30_000)
    done = page.get_by_text("Result if loaded now").or_(page.get_by_text("Refused", exact=True))
    expect(done.first).to_be_visible(timeout=30_000)
    settle(page)


def count(page: Page, label: str) -> int:
    """The figure behind a label of the account."""
    line = page.locator(".values > div").filter(has=page.get_by_text(label, exact=True)).first
    return int(line.locator("dd").inner_text().replace(",", ""))


def fits(page: Page) -> bool:
    """Whether nothing makes the whole page scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def load(page: Page) -> None:
    """Press the one button that loads, whatever count it states."""
    page.get_by_role("button", name=re.compile(r"^Load [\d,]+ rows?$")).click()
    expect(page.get_by_text("What was estimated")).to_be_visible(timeout=60_000)
    settle(page)


def edit(page: Page, editor: int, row: int, column: int, text: str, is_list: bool = False) -> None:
    """Type into a cell of an editing table by keyboard, from its first cell on; a cell with a list is opened first."""
    grid = page.get_by_test_id("stDataFrame").nth(editor)
    grid.scroll_into_view_if_needed()
    grid.click(position={"x": 20, "y": 36 + 18})
    for key in ["ArrowDown"] * row + ["ArrowRight"] * column:
        page.keyboard.press(key)
    if is_list:
        page.keyboard.press("Enter")
        expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.type(text)
    if is_list:
        expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    settle(page)


def test_a_table_is_confirmed_corrected_loaded_and_on_the_worklist(app_server: str, page: Page) -> None:
    outside = requests_outside(page)
    choose(page, app_server, [table("clinic.csv", CLINIC)])
    assert (count(page, "Rows read"), count(page, "Quarantined")) == (4, 4)
    page.get_by_text("This coding is right for: Sex").click()
    expect(page.get_by_role("button", name="Load 2 rows")).to_be_enabled()
    settle(page)
    edit(page, 1, 0, 3, "128")
    expect(page.get_by_text("1 changed, not checked yet")).to_be_visible()
    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_role("button", name="Load 3 rows")).to_be_enabled()
    load(page)
    expect(page.locator("footer")).to_contain_text("Not a medical device")
    page.get_by_role("button", name="Open the worklist").click()
    expect(page.get_by_text("Uploaded cohort").first).to_be_visible(timeout=30_000)
    assert outside == []


def test_what_a_column_means_can_be_chosen(app_server: str, page: Page) -> None:
    choose(page, app_server, [table("clinic.csv", b"patient_id,sex,age,x1\nA,female,50,131\nB,male,61,142\n")])
    unknown = page.get_by_role("table", name="Issues").get_by_text("x1", exact=True)
    expect(unknown).to_be_visible()
    edit(page, 0, 3, 1, "LDL cholesterol", is_list=True)
    expect(unknown).to_have_count(0)
    assert count(page, "Ready to load") == 2


def test_quarantine_and_issues_are_files_that_a_spreadsheet_does_not_calculate(
    app_server: str, page: Page, tmp_path: Path
) -> None:
    choose(page, app_server, [table("clinic.csv", CLINIC.replace(b",1,", b",male,").replace(b",2,", b",female,"))])
    saved: dict[str, str] = {}
    for label in ("Download quarantine as CSV", "Download all issues"):
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        saved[path.name] = path.read_text(encoding="utf-8")
    assert set(saved) == {"quarantine_clinic.csv", "issues.tsv"}
    held = saved["quarantine_clinic.csv"].splitlines()
    assert held[0].endswith("_row,_issues,_fix")
    assert len(held) == 3
    assert "'=2+2" in held[2]
    assert saved["issues.tsv"].splitlines()[0].split("\t")[:5] == ["file", "sheet", "row", "column", "value"]


def test_a_file_that_is_no_table_is_refused_and_another_can_be_chosen(app_server: str, page: Page) -> None:
    choose(page, app_server, [table("scan.csv", b"%PDF-1.7 ...")])
    expect(page.get_by_text("a PDF document")).to_be_visible()
    settle(page)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files([table("clinic.csv", CLINIC)])
    expect(page.get_by_text("Result if loaded now")).to_be_visible()


def test_uploaded_text_is_shown_as_it_was_typed(app_server: str, page: Page) -> None:
    outside = requests_outside(page)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    hostile = "<img src=x onerror=alert(1)>"
    choose(page, app_server, [table("a.csv", f'patient_id,sex,age,"{hostile}"\nA,{hostile},50,1\n'.encode())])
    expect(page.locator(".read").get_by_text(hostile).first).to_be_visible()
    assert (dialogs, outside) == ([], [])


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (1024, "light"), (390, "light")])
def test_every_step_is_accessible_and_fits_the_window(
    app_server: str, open_page: OpenPage, width: int, theme: Theme
) -> None:
    page = open_page(width, theme)
    page.goto(f"{app_server}/upload")
    expect(page.get_by_text("Choose files")).to_be_visible(timeout=30_000)
    settle(page)
    assert {found.rule for found in axe(page)} <= FRAMEWORK
    assert fits(page)
    choose(page, app_server, [table("clinic.csv", CLINIC)])
    assert (axe(page), fits(page)) == ((), True)
    page.get_by_text("This coding is right for: Sex").click()
    load(page)
    assert (axe(page), fits(page)) == ((), True)


# ------------------------------------------------------------------------------------------------------- real exports
def test_nhanes_goes_from_upload_to_an_account_of_why_nothing_is_estimated(
    app_server: str, page: Page, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.monotonic()
    choose(page, app_server, [shared / "data" / "learn" / "nhanes1_subset.csv"])
    checked = time.monotonic() - begun
    assert (count(page, "Rows read"), count(page, "Quarantined")) == (9_932, 9_932)
    for decision in ("Use row numbers as patient identifiers", "right for: Sex"):
        page.get_by_text(decision).click()
        settle(page)
    expect(page.get_by_role("button", name="Load 9,932 rows")).to_be_enabled(timeout=30_000)
    begun = time.monotonic()
    load(page)
    scored = time.monotonic() - begun
    expect(page.get_by_text("0 of 9,932").first).to_be_visible()
    expect(page.get_by_text("HDL cholesterol missing 9,932").first).to_be_visible()
    with capsys.disabled():
        print(f"\nNHANES I through the page: 9,932 of 9,932 loaded, {checked:.1f} s to check, {scored:.1f} s to score")  # noqa: T201 - the account is for whoever runs the tests


def test_synthea_goes_from_upload_to_risks(
    app_server: str, page: Page, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = sorted((shared / "data" / "standards" / "synthea_csv").glob("*.csv"))
    begun = time.monotonic()
    choose(page, app_server, files)
    checked = time.monotonic() - begun
    rows, held = count(page, "Rows read"), count(page, "Quarantined")
    assert rows == count(page, "Ready to load") + count(page, "Loaded with a warning") + held
    begun = time.monotonic()
    load(page)
    scored = time.monotonic() - begun
    assert count(page, "Patients") == 27
    computed = page.locator(".read tbody tr").first.inner_text()
    with capsys.disabled():
        print(
            f"\nSynthea through the page: {rows - held:,} of {rows:,} rows, {checked:.1f} s to check, {scored:.1f} s to score"
        )  # noqa: T201
        print("  first estimate:", " ".join(computed.split()))  # noqa: T201
