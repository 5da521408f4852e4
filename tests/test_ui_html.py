"""The parts of a page: what goes in comes out as text, what is drawn is said, and the frame lets nobody past it."""

import asyncio
import math
import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.testing.v1 import AppTest

from precision import ui
from precision.errors import InputError
from precision.ui import failure, html, launch, severity
from precision.ui.headers import CONTENT_SECURITY_POLICY, secure

ROOT = Path(__file__).resolve().parents[1]
STYLE = (ROOT / "precision" / "ui" / "style.css").read_text(encoding="utf-8")
VOID = {"col"}


class Outline(HTMLParser):
    """The elements, attribute values and text of some markup, as a browser reads them."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, name: str) -> list[str]:
        """The values of one attribute."""
        return [value for key, value in self.attributes if key == name]


def option(text: str, benefit: float = 2.0, harm: float = 1.0) -> ui.Option:
    """A treatment whose every text is ``text``."""
    return ui.Option(1, text, text, text, ui.Effect(benefit, text), ui.Effect(harm, text), text, text)


PARTS: dict[str, Callable[[str], ui.Html]] = {
    "chip": lambda x: ui.chip(4, x),
    "count_chip": lambda x: ui.count_chip(3, 2, x),
    "badge": lambda x: ui.badge(x, "lock"),
    "note": ui.note,
    "sentence": lambda x: ui.sentence(x, ui.strong(x)),
    "source": lambda x: ui.source(x, "https://doi.org/" + x),
    "heading": lambda x: ui.heading(x, [ui.badge(x)], [x]),
    "card_heading": lambda x: ui.card_heading("cardiology", x, 2, x),
    "values": lambda x: ui.values([ui.Row(x, x, 4)]),
    "counts": lambda x: ui.counts([ui.Count(x, x, x, 4)]),
    "action": lambda x: ui.action(ui.Action(4, x, x, x, x, x)),
    "table": lambda x: ui.table(x, [ui.Column(x)], [[ui.lines(x, x)], [x]]),
    "table that scrolls": lambda x: ui.table(x, [ui.Column(x, 30, "right")], [[x]], stack=False),
    "steps": lambda x: ui.steps([x, x, x], 1),
    "state": lambda x: ui.state("Not estimated", x, x),
    "remark": lambda x: ui.remark("Missing", x),
    "estimate": lambda x: ui.estimate(x, x, x),
    "bullet": lambda x: ui.bullet(ui.Range(9.8, 8.1, 11.9, 20, x), [ui.Mark(x, 5.6), ui.Mark(x, 7.5)]),
    "frequencies": lambda x: ui.frequencies([ui.Frequency(x, x, x, 10, x, 4)], x),
    "treatments": lambda x: ui.treatments(x, [option(x)]),
}


# ------------------------------------------------------------------------------------------------------- escaping
@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS.keys())
@given(text=some.text(some.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), min_size=1))
def test_no_text_changes_the_elements_of_a_part(part: Callable[[str], ui.Html], text: str) -> None:
    assert Outline(part(text)).elements == Outline(part("plain")).elements


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS.keys())
def test_markup_in_a_text_is_shown_as_it_was_typed(part: Callable[[str], ui.Html]) -> None:
    hostile = '</span><img src=x onerror="alert(1)"><b a=\''
    outline = Outline(part(hostile))
    assert "img" not in outline.elements
    assert "onerror" not in {name for name, _ in outline.attributes}
    assert hostile in "".join(outline.text)
    assert outline.open == []


def test_markup_joined_by_hand_is_no_longer_trusted() -> None:
    assert "&lt;b&gt;" in ui.note(ui.strong("a") + "<i>")


def test_text_that_nobody_escaped_is_not_shown_as_html() -> None:
    with pytest.raises(InputError, match="only markup made by"):
        ui.show("<b>text</b>")  # type: ignore[arg-type]  # the mistake under test


@pytest.mark.parametrize("address", ["javascript:alert(1)", "http://example.org", "//example.org"])
def test_a_source_links_only_to_a_secure_address(address: str) -> None:
    with pytest.raises(InputError, match="does not begin with https://"):
        ui.source("Goff 2014", address)


def test_a_source_opens_in_its_own_tab_and_tells_the_publisher_nothing() -> None:
    outline = Outline(ui.source("Goff 2014", "https://doi.org/10.1161/x"))
    assert outline.all("target") == ["_blank"]
    assert outline.all("rel") == ["noopener noreferrer"]


# ------------------------------------------------------------------------------------------------------- severity
@pytest.mark.parametrize("level", [5, -1, "x", "4", None])
def test_an_unknown_level_is_refused(level: object) -> None:
    with pytest.raises(InputError, match="severity level"):
        ui.chip(level, "Avoid")  # type: ignore[arg-type]  # the mistake under test


def test_an_unknown_word_is_refused() -> None:
    with pytest.raises(InputError, match="'Maybe' is not a severity word"):
        ui.state("Maybe", "Something is absent.")


@pytest.mark.parametrize("level", ui.LEVELS)
def test_every_level_has_a_word_an_icon_and_a_colour(level: severity.Level) -> None:
    outline = Outline(ui.chip(level, "Word"))
    assert "".join(outline.text) == "Word"
    assert outline.all("data-icon") == [ui.LEVELS[level].icon]
    assert re.search(rf"\.s{level}\b[^}}]*\bbackground", STYLE)
    assert re.search(rf"\.t{level}\b[^}}]*\bcolor", STYLE)


def test_the_screen_shows_the_most_severe_first_and_a_needed_test_before_what_can_wait() -> None:
    levels: list[severity.Level] = ["n", 1, 0, 2, 4, 3]
    assert sorted(levels, key=lambda level: ui.place(level, needed_first=True)) == [4, 3, 0, 2, 1, "n"]
    assert sorted(levels, key=ui.place) == [4, 3, 2, 1, 0, "n"]


def test_a_count_is_coloured_only_above_zero_and_keeps_its_icon() -> None:
    assert Outline(ui.count_chip(4, 2, "avoid")).all("class")[0] == "chip s4"
    none = Outline(ui.count_chip(4, 0, "avoid"))
    assert none.all("class")[0] == "chip s0"
    assert none.all("data-icon") == ["dangerous"]


def test_a_data_table_marks_severity_without_colour() -> None:
    options, colours = ui.marked_colours(("Avoid", "Change", "Monitor", "Standard", "Not estimated"))
    assert options == ["■ Avoid", "▲ Change", "◆ Monitor", "● Standard", "○ Not estimated"]
    assert colours == ["red", "orange", "yellow", "green", "gray"]


# ------------------------------------------------------------------------------------------------------- charts
OUTCOME = "have a heart attack or stroke within 10 years"


@given(counts=some.tuples(*[some.integers(0, 100)] * 2).filter(lambda pair: sum(pair) <= 100))
def test_people_add_up_to_one_hundred(counts: tuple[int, int]) -> None:
    events, prevented = counts
    kinds = Outline(ui.people(ui.Frequency("Now", "9.8%", "", events, OUTCOME, prevented)))
    assert kinds.elements.count("i") == 100
    assert kinds.all("class").count("event") == events
    assert kinds.all("class").count("prevented") == prevented


def test_prevented_events_take_the_place_of_events() -> None:
    shown = Outline(ui.people(ui.Frequency("After", "5.9%", "", 6, OUTCOME, 4))).all("class")
    assert shown == ["people"] + ["event"] * 6 + ["prevented"] * 4


def test_an_array_of_people_says_in_words_what_it_shows() -> None:
    said = Outline(ui.people(ui.Frequency("With these changes", "5.9%", "", 6, OUTCOME, 4)))
    assert said.all("role") == ["img"]
    assert said.all("aria-label") == [
        "With these changes: 6 of 100 people have a heart attack or stroke within 10 years, "
        "4 no longer do, 90 do not either way"
    ]


def test_both_the_event_and_its_absence_are_counted_in_the_sentence() -> None:
    text = " ".join(Outline(ui.frequency(ui.Frequency("Now", "9.8%", "8.1 to 11.9%", 10, OUTCOME))).text)
    assert "10 of 100" in text
    assert "90 do not." in text


@pytest.mark.parametrize(("events", "prevented"), [(101, 0), (60, 41), (-1, 0), (5, -1)])
def test_more_people_than_there_are_is_refused(events: int, prevented: int) -> None:
    with pytest.raises(InputError, match="do not fit into 100 people"):
        ui.people(ui.Frequency("Now", "", "", events, OUTCOME, prevented))


def test_a_range_bar_places_value_range_and_comparisons_on_one_scale() -> None:
    outline = Outline(
        ui.bullet(ui.Range(9.8, 8.1, 11.9, 20), [ui.Mark("Same age, sex", 5.6), ui.Mark("Threshold", 7.5)])
    )
    styles = outline.all("style")
    assert "left:40.5%;width:19%" in styles  # 8.1 / 20 and (11.9 - 8.1) / 20
    assert [styles.count(f"left:{at}%") > 0 for at in ("28", "37.5", "49")] == [True] * 3  # 5.6, 7.5, 9.8 of 20
    assert outline.all("aria-label") == [
        "This patient 9.8%, range 8.1 to 11.9%, Same age, sex 5.6%, Threshold 7.5%, scale 0 to 20%"
    ]


def test_a_range_bar_without_an_interval_draws_none_and_says_so() -> None:
    outline = Outline(ui.bullet(ui.Range(9.8, math.nan, math.nan, 20)))
    assert "band" not in outline.all("class")
    assert "no range" in outline.all("aria-label")[0]


@given(value=some.floats(0, 100), first=some.floats(0, 20), second=some.floats(0, 20))
def test_nothing_on_a_range_bar_leaves_it(value: float, first: float, second: float) -> None:
    markup = ui.bullet(
        ui.Range(value, value / 2, value * 2, 20), [ui.Mark("Peer", first), ui.Mark("Threshold", second)]
    )
    placed = [float(number) for number in re.findall(r"(?:left|right|width):([\d.e-]+)%", markup)]
    assert all(0 <= number <= 100 for number in placed)


@pytest.mark.parametrize("maximum", [0, -1, math.nan])
def test_a_range_bar_without_a_length_is_refused(maximum: float) -> None:
    with pytest.raises(InputError, match="scale above 0"):
        ui.bullet(ui.Range(1, 0, 2, maximum))


def bars(markup: ui.Html) -> list[float]:
    """The lengths of the bars of some markup (rem)."""
    return [float(length) for length in re.findall(r"width:([\d.]+)rem", markup)]


def test_benefit_and_harm_share_one_scale() -> None:
    # 3 of 100 is the largest effect and takes the whole 6 rem; 2 of 100 takes 4 rem and 1.5 of 100 takes 3 rem.
    assert bars(ui.treatments("Options", [option("a", 2.0, 3.0), option("b", 1.5, 0.75)])) == [4.0, 6.0, 3.0, 1.5]


@pytest.mark.parametrize("size", [0.0, math.nan])
def test_an_effect_that_is_none_or_unknown_has_words_and_no_bar(size: float) -> None:
    outline = Outline(ui.effect_bar(ui.Effect(size, "None expected"), 3.0, "harm"))
    assert outline.text == ["None expected"]
    assert outline.elements == ["span"]


# ------------------------------------------------------------------------------------------------------- tables, lists
def test_a_table_has_a_name_and_each_cell_its_column_for_the_phone() -> None:
    outline = Outline(ui.table("Issues", [ui.Column("State"), ui.Column("Rows", align="right")], [["Fix", "7"]]))
    assert outline.all("aria-label") == ["Issues"]
    assert outline.all("data-label") == ["State", "Rows"]
    assert outline.all("scope") == ["col", "col"]


def test_a_table_that_scrolls_can_be_reached_by_keyboard() -> None:
    outline = Outline(ui.table("By group", [ui.Column("Group")], [["European"]], stack=False))
    assert outline.all("tabindex") == ["0"]
    assert outline.all("role") == ["region"]


def test_a_row_that_does_not_fit_its_table_is_refused() -> None:
    with pytest.raises(InputError, match="table 'Issues', row 2: 1 cells for 2 columns"):
        ui.table("Issues", [ui.Column("State"), ui.Column("Rows")], [["Fix", "7"], ["Fix"]])


def test_the_step_where_a_task_stands_is_said_not_only_coloured() -> None:
    outline = Outline(ui.steps(["File", "Columns and checks", "Load"], 1))
    assert outline.all("aria-current") == ["step"]
    assert "".join(outline.text) == "File (done)2. Columns and checks3. Load"


def test_the_patient_is_the_first_heading_of_the_identity_strip() -> None:
    from precision.ui import html

    assert "<h1" in html.identity("P-00417", [ui.Field("Age, sex", "58 y, female")])


# ------------------------------------------------------------------------------------------------------- style sheet
def luminance(colour: str) -> float:
    """Relative luminance of #RRGGBB (WCAG 2.2, 'relative luminance')."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours (WCAG 2.2, 'contrast ratio')."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TOKENS = {name: values for name, *values in re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\)", STYLE)}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        *((name, "page", 4.5) for name in ("ink", "mute", "link", "s4", "s3", "s2", "s1", "s0")),
        *((f"s{level}", f"f{level}", 4.5) for level in range(5)),
        ("benefit", "page", 3),
        ("harm", "page", 3),
        ("person", "page", 2.8),
    ],
)
def test_text_and_graphics_stand_out_from_what_is_behind_them(front: str, back: str, least: float, theme: int) -> None:
    assert contrast(TOKENS[front][theme], TOKENS[back][theme]) >= least


# ------------------------------------------------------------------------------------------------------- server, way in
async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers with a status and one header of its own, laxer than ours."""
    await send({"type": "http.response.start", "status": 404, "headers": [(b"x-frame-options", b"ALLOWALL")]})
    await send({"type": "http.response.body", "body": b"absent"})


def answered(app: ASGIApp) -> list[Message]:
    """What an application sends in answer to one request."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def ask() -> None:
        await app({"type": "http"}, receive, send)

    asyncio.run(ask())
    return sent


def test_every_answer_carries_the_security_headers() -> None:
    start, body = answered(secure(plain))
    headers = Headers(raw=start["headers"])
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers.getlist("x-frame-options") == ["DENY"]
    assert headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in headers["permissions-policy"]
    assert (start["status"], body["body"]) == (404, b"absent")


@pytest.mark.parametrize("needed", ["default-src 'self'", "frame-ancestors 'none'", "object-src 'none'"])
def test_a_page_may_load_nothing_from_elsewhere(needed: str) -> None:
    assert needed in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    assert "'unsafe-eval'" not in CONTENT_SECURITY_POLICY


def test_the_app_is_started_where_its_settings_are(tmp_path: Path) -> None:
    start = launch.command(8600, cohort=tmp_path)
    assert start.arguments[:4] == (sys.executable, "-m", "streamlit", "run")
    assert (start.folder / start.arguments[4]).is_file()
    assert (start.folder / ".streamlit" / "config.toml").is_file()
    assert start.environment["PRECISION_COHORT"] == str(tmp_path)
    assert start.arguments[5:] == ("--server.port", "8600", "--server.address", "127.0.0.1")


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_cannot_be_is_refused(port: int) -> None:
    with pytest.raises(InputError, match="not between 1 and 65535"):
        launch.command(port)


def test_a_cohort_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        launch.command(cohort=tmp_path / "absent")


APP = """
import streamlit as st
from precision.ui import chrome, guard

def inside():
    st.session_state["shown"] = dict(st.query_params)
    st.text("the page")
    {then}

chosen = st.navigation([st.Page(lambda: None, title="First", default=True), st.Page(inside, url_path="inside")])
guard.admit()
chrome.configure()
with chrome.frame():
    inside()
"""


def run(tmp_path: Path, then: str) -> AppTest:
    """A small app whose page ends with the statement ``then``."""
    script = tmp_path / "app.py"
    script.write_text(APP.format(then=then), encoding="utf-8")
    return AppTest.from_file(str(script), default_timeout=30).run()


def shown(app: AppTest) -> str:
    """All markup on the page."""
    return " ".join(str(block.proto.body) for block in app.get("html"))


@pytest.mark.parametrize("then", ["pass", "st.stop()", "1 / 0"])
def test_the_foot_line_stands_however_the_page_ends(tmp_path: Path, then: str) -> None:
    assert "Decision support and research. Not a medical device." in shown(run(tmp_path, then))


def test_the_foot_line_says_when_the_people_are_invented(tmp_path: Path) -> None:
    text = shown(run(tmp_path, "chrome.describe_cohort(True)"))
    assert "Synthetic data. Not for clinical use." in text
    assert "medical device" not in text


def test_a_session_that_came_through_the_app_is_admitted(tmp_path: Path) -> None:
    assert run(tmp_path, "pass").session_state["entered_through_app"]


def test_a_page_is_not_run_in_a_session_that_did_not_come_through_the_app(tmp_path: Path) -> None:
    page = tmp_path / "pages" / "risk.py"
    page.parent.mkdir()
    page.write_text("import streamlit as st\nfrom precision import ui\nui.page('Risk')\nst.text('secret')\n")
    app = AppTest.from_file(str(page), default_timeout=30)
    app.query_params["patient"] = "P-00417"
    app.run()
    assert [text.value for text in app.text] == []
    assert app.session_state["page_wanted_before_entry"] == ("pages/risk.py", {"patient": ["P-00417"]})


def test_a_page_that_the_app_does_not_have_is_refused() -> None:
    with pytest.raises(InputError, match="no page 'Genome'; the pages are Worklist"):
        ui.page("Genome")


def test_a_failure_shows_a_reference_and_logs_no_value(caplog: pytest.LogCaptureFixture) -> None:
    app = AppTest.from_function(_failing_page, default_timeout=30).run()
    text = shown(app)
    reference = re.search(r"Reference ([0-9A-F]{4})\.", text)
    assert reference
    assert "P-00417" not in text
    assert f"reference {reference[1]}: ValueError in" in caplog.text
    assert "P-00417" not in caplog.text


def _failing_page() -> None:
    from precision.ui import failure

    try:
        raise ValueError("systolic_bp of P-00417 is 1280")
    except ValueError as error:
        failure.show(error)


def test_what_the_user_can_mend_is_said_in_full_and_as_text() -> None:
    app = AppTest.from_function(_refusing_page, default_timeout=30).run()
    assert "cohort.xlsx: column &#x27;&lt;b&gt;sex&#x27; is empty" in shown(app)
    assert "Reference" not in shown(app)


def _refusing_page() -> None:
    from precision.errors import InputError
    from precision.ui import failure

    failure.show(InputError("cohort.xlsx: column '<b>sex' is empty"))


def test_the_framework_logs_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    import logging

    failure.silence_tracebacks()
    logger = logging.getLogger(failure.FRAMEWORK_LOGGER)
    logger.addHandler(caplog.handler)
    logger.error("Uncaught app execution", exc_info=ValueError("systolic_bp of P-00417 is 1280"))
    logger.error("something else")
    assert [record.message for record in caplog.records] == ["something else"]


def test_words_are_parted_where_the_styles_are_not_there_yet() -> None:
    """For a moment after a page is loaded anew its markup stands without styles."""
    plain = [
        html.lines("Tramadol", "100 mg"),
        html.identity("P-1", [html.Field("Age, sex", "62 y")]),
        html.action(html.Action(4, "Avoid", "Avoid it", "Why", "CPIC 2021", "Strong")),
        html.join("Normal", html.tag("span", "activity score 2.0", cls="qualifier")),
    ]
    told = [re.sub(r"<[^>]*>", "", markup) for markup in plain]
    assert told[0] == "Tramadol 100 mg"
    assert "Patient P-1" in told[1]
    assert "Age, sex 62 y" in told[1]
    assert told[2].endswith("CPIC 2021 Strong")
    assert told[3] == "Normal activity score 2.0"
