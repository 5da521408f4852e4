"""The way in, on a server that nobody has visited: a deep link passes through app.py, behind the security headers."""

import re

import pytest
from playwright.sync_api import Page, expect

from precision.ui.chrome import PAGES
from precision.ui.headers import HEADERS
from tests.browser.conftest import OpenPage
from tests.browser.driver import requests_outside

STYLED = "() => getComputedStyle(document.documentElement).getPropertyValue('--ink') !== ''"
DEEP = [page for page in PAGES if not page.default]


def arrive(page: Page, address: str | re.Pattern[str], title: str) -> None:
    """Wait until the page stands in the app's frame: navigation, title, style and foot line."""
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(len(PAGES), timeout=30_000)
    expect(page).to_have_title(title, timeout=30_000)
    expect(page).to_have_url(address, timeout=30_000)
    expect(page.locator("footer")).to_be_visible(timeout=30_000)
    page.wait_for_function(STYLED, timeout=30_000)


def test_the_first_deep_link_to_a_fresh_server_passes_through_the_app_with_its_query(
    fresh_server: str, open_page: OpenPage
) -> None:
    page = open_page(newcomer=True)
    outside = requests_outside(page)
    asked = f"{fresh_server}/risk?patient=nobody"
    page.goto(asked)
    arrive(page, asked, "Risk")
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_count(0)
    assert outside == []


@pytest.mark.parametrize("name", [page.name for page in DEEP])
def test_every_page_has_the_frame_when_it_is_opened_by_its_address(app_server: str, page: Page, name: str) -> None:
    title = next(known.title for known in DEEP if known.name == name)
    page.goto(f"{app_server}/{name}")
    arrive(page, re.compile(rf"{app_server}/{name}(\?.*)?$"), title)


def test_the_real_server_answers_with_the_security_headers(app_server: str, page: Page) -> None:
    response = page.goto(app_server)
    assert response is not None
    assert {name: response.headers.get(name.lower()) for name in HEADERS} == dict(HEADERS)


def test_the_server_refuses_a_foreign_host_name(app_server: str, page: Page) -> None:
    page.goto(app_server)
    port = app_server.rsplit(":", 1)[1]
    socket = page.context.request.get(
        f"{app_server}/_stcore/stream",
        headers={
            "Host": f"rebound.example.org:{port}",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
    )
    assert socket.status == 403
