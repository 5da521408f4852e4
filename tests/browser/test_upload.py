"""Loading tables in the browser: decide, correct, download, load; refusal on a phone; two exports nobody here made."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, FilePayload, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.driver import axe, requests_outside, settle

HOSTILE = "<img src=x onerror=alert(1)>"
CLINIC = f"""patient_id,gender,age,sys_bp,x1,{HOSTILE},note
P-1,2,61,148,131,a,=1+1
P-2,1,55,131,142,{HOSTILE},b
P-3,2,58,1280,118,![x](https://example.org/x.png),c
P-4,1,47,abc,99,d,=2+2
""".encode()
ROW, HEADER = 36, 36  # px of an editing table
# The framework's own: the place where files are dropped is marked as presentational and can be focused.
FRAMEWORK = {"presentation-role-conflict"}
WAIT = 30_000
KEYS = 150  # ms


def table(name: str, data: bytes) -> FilePayload:
    """A file as a browser sends it."""
    return {"name": name, "mimeType": "text/csv", "buffer": data}


def choose(page: Page, files: list[FilePayload] | list[Path], then: str = "Result if loaded now") -> None:
    """Choose files on the page that is open, and wait for what it says then."""
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(files, timeout=WAIT)
    expect(page.get_by_text(then).first).to_be_visible(timeout=WAIT)
    settle(page)


def opened(page: Page, address: str) -> None:
    """Open the page before a file is chosen."""
    page.goto(f"{address}/upload")
    expect(page.get_by_text("Choose files")).to_be_visible(timeout=WAIT)
    settle(page)


def count(page: Page, label: str) -> int:
    """The figure behind a label of the account."""
    line = page.locator(".values > div").filter(has=page.get_by_text(label, exact=True)).first
    return int(line.locator("dd").inner_text().replace(",", ""))


def load(page: Page) -> None:
    """Press the one button that loads, whatever count it states."""
    page.get_by_role("button", name=re.compile(r"^Load [\d,]+ rows?$")).click()
    expect(page.get_by_text("What was estimated")).to_be_visible(timeout=60_000)
    settle(page)


def edit(page: Page, editor: int, row: int, column: int, text: str) -> None:
    """Change a cell of an editing table by keyboard, from its first cell on."""
    grid = page.get_by_test_id("stDataFrame").nth(editor)
    grid.scroll_into_view_if_needed()
    grid.click(position={"x": 20, "y": HEADER + ROW / 2})
    page.wait_for_timeout(KEYS)  # the grid draws itself: no element says when it has taken a click or a key
    for key in ["ArrowDown"] * row + ["ArrowRight"] * column + ["Enter"]:
        page.keyboard.press(key, delay=30)
        page.wait_for_timeout(KEYS)
    field = page.locator("#portal").locator("input, textarea").first
    expect(field).to_be_visible(timeout=WAIT)
    field.fill(text)
    expect(field).to_have_value(text)
    page.keyboard.press("Enter", delay=30)


def download(page: Page, label: str, folder: Path) -> str:
    """The text of a file that the page offers."""
    with page.expect_download() as offered:
        page.get_by_role("button", name=label).click()
    path = folder / offered.value.suggested_filename
    offered.value.save_as(path)
    return path.read_text(encoding="utf-8")


def fits(page: Page) -> bool:
    """Whether nothing makes the whole page scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_table_is_decided_about_corrected_loaded_and_on_the_worklist(
    app_server: str, page: Page, tmp_path: Path
) -> None:
    outside, dialogs = requests_outside(page), list[str]()

    def noticed(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", noticed)
    opened(page, app_server)
    choose(page, [table("clinic.csv", CLINIC)])
    assert (count(page, "Rows read"), count(page, "Quarantined")) == (4, 4)
    assert axe(page) == ()
    page.get_by_text("This coding is right for: Sex").click()
    expect(page.get_by_role("button", name="Load 2 rows")).to_be_enabled(timeout=WAIT)
    settle(page)
    issues = page.get_by_role("table", name="Issues")
    expect(issues.get_by_text("x1")).to_be_visible()
    expect(issues.get_by_text(HOSTILE).first).to_be_visible()  # as it was typed
    edit(page, 0, 4, 1, "LDL chol")
    expect(issues.get_by_text("x1")).to_have_count(0, timeout=WAIT)
    settle(page)
    edit(page, 1, 0, 3, "128")
    expect(page.get_by_text("1 changed, not checked yet")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Check again").click(timeout=WAIT)
    expect(page.get_by_role("button", name="Load 3 rows")).to_be_enabled(timeout=WAIT)
    settle(page)
    held = download(page, "Download quarantine as CSV", tmp_path).splitlines()
    assert held[0].endswith("_row,_issues,_fix")
    assert [line.partition(",")[0] for line in held[1:]] == ["P-4"]
    assert "'=2+2" in held[1]  # a spreadsheet does not calculate it
    assert download(page, "Download all issues", tmp_path).startswith("file\tsheet\trow\tcolumn\tvalue\tcode")
    load(page)
    assert axe(page) == ()
    expect(page.locator("footer")).to_contain_text("Not a medical device")
    page.get_by_role("button", name="Open the worklist").click()
    expect(page.get_by_text("Uploaded cohort").first).to_be_visible(timeout=WAIT)
    assert (outside, dialogs) == ([], [])


def test_on_a_dark_phone_a_file_that_is_no_table_is_refused_and_another_is_chosen(
    app_server: str, open_page: OpenPage
) -> None:
    page = open_page(390, "dark")
    opened(page, app_server)
    choose(page, [table("scan.csv", b"%PDF-1.7 ...")], then="a PDF document")
    assert {found.rule for found in axe(page)} <= FRAMEWORK
    assert fits(page)
    choose(page, [table("clinic.csv", CLINIC)])
    assert (axe(page), fits(page)) == ((), True)
    expect(page.get_by_text("a PDF document")).to_have_count(0)


# ------------------------------------------------------------------------------------------------------- real exports
def test_nhanes_goes_from_upload_to_an_account_of_why_nothing_is_estimated(
    app_server: str, page: Page, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(page, app_server)
    begun = time.monotonic()
    choose(page, [shared / "data" / "learn" / "nhanes1_subset.csv"])
    checked = time.monotonic() - begun
    assert (count(page, "Rows read"), count(page, "Quarantined")) == (9_932, 9_932)
    for decision in ("Use row numbers as patient identifiers", "right for: Sex"):
        page.get_by_text(decision).click()
        settle(page)
    expect(page.get_by_role("button", name="Load 9,932 rows")).to_be_enabled(timeout=WAIT)
    begun = time.monotonic()
    load(page)
    scored = time.monotonic() - begun
    expect(page.get_by_text("0 of 9,932").first).to_be_visible()
    expect(page.get_by_text("HDL cholesterol missing 9,932").first).to_be_visible()
    account = f"9,932 of 9,932 rows loaded, {checked:.1f} s to check, {scored:.1f} s to score"
    with capsys.disabled():
        print("\nNHANES I through the page:", account)  # noqa: T201 - the account is for whoever runs the tests


def test_synthea_goes_from_upload_to_risks(
    app_server: str, page: Page, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(page, app_server)
    begun = time.monotonic()
    choose(page, sorted((shared / "data" / "standards" / "synthea_csv").glob("*.csv")))
    checked = time.monotonic() - begun
    rows, held = count(page, "Rows read"), count(page, "Quarantined")
    assert rows == count(page, "Ready to load") + count(page, "Loaded with a warning") + held
    begun = time.monotonic()
    load(page)
    scored = time.monotonic() - begun
    assert count(page, "Patients") == 27
    first = " ".join(page.locator(".read tbody tr").first.inner_text().split())
    account = f"{rows - held:,} of {rows:,} rows loaded, {checked:.1f} s to check, {scored:.1f} s to score; {first}"
    with capsys.disabled():
        print("\nSynthea through the page:", account)  # noqa: T201


@pytest.mark.parametrize("width", [1440, 1366, 1024])
def test_every_column_of_the_mapping_is_in_sight(app_server: str, open_page: OpenPage, width: int) -> None:
    page = open_page(width, "light")
    opened(page, app_server)
    choose(page, [table("people.csv", b"patient_id,sex,age\nP-1,female,61\n")])
    grid = page.locator("[class*='st-key-upload_mapping_']").bounding_box()
    assert grid is not None
    assert grid["width"] >= 145 + 225 + 190 + 112 + 80 + 95  # px of its columns
