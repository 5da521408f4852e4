"""The harness itself: a check that cannot fail would prove nothing about the app."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from tests.browser.driver import WIDTHS, Theme, axe, requests_outside


def test_a_newcomer_finds_nothing_of_what_a_tab_has_stored(app_server: str, open_page: OpenPage) -> None:
    page, other, newcomer = open_page(), open_page(), open_page(newcomer=True)
    for one in (page, other, newcomer):
        one.goto(f"{app_server}/_stcore/health")
    page.evaluate("document.cookie = 'seen=1'")
    assert "seen=1" in other.evaluate("document.cookie")
    assert "seen=1" not in newcomer.evaluate("document.cookie")


def test_a_request_to_another_machine_is_noticed_and_goes_nowhere(page: Page) -> None:
    outside = requests_outside(page)
    page.set_content('<img src="https://example.org/pixel.png" onerror="document.title = \'refused\'">')
    page.wait_for_function("document.title === 'refused'")
    assert outside == ["https://example.org/pixel.png"]


def test_what_a_page_holds_itself_is_no_request_to_another_machine(page: Page) -> None:
    outside = requests_outside(page)
    page.set_content('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">')
    assert outside == []


def test_an_image_without_words_breaks_an_accessibility_rule(page: Page) -> None:
    page.set_content('<html lang="en"><title>t</title><main><h1>t</h1><img id="dot" src="data:,"></main></html>')
    assert [(found.rule, found.elements) for found in axe(page)] == [("image-alt", ("#dot",))]


def test_an_accessible_page_breaks_no_rule(page: Page) -> None:
    page.set_content('<html lang="en"><title>t</title><main><h1>t</h1></main></html>')
    assert axe(page) == ()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_has_the_width_and_theme_asked_for(open_page: OpenPage, width: int, theme: Theme) -> None:
    page = open_page(width, theme)
    assert page.evaluate("innerWidth") == width
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (theme == "dark")
