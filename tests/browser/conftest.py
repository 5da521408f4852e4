"""Fixtures of the browser tests; without a Chromium they are skipped, or fail where one is required."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.driver import Theme

REQUIRED = os.environ.get("PRECISION_REQUIRE_BROWSER") == "1"
MISSING = ", ".join(name for name in ("playwright", "axe_playwright_python") if find_spec(name) is None)
HERE = Path(__file__).parent

collect_ignore_glob = ["test_*.py"] if MISSING else []
if MISSING and REQUIRED:
    raise pytest.UsageError(f"browser tests are required here, but not installed: {MISSING}")


class OpenPage(Protocol):
    """Opens a page in a width (px) and colour scheme: a new tab, or for a newcomer a browser that holds nothing yet."""

    def __call__(self, width: int = 1440, theme: Theme = "light", *, newcomer: bool = False) -> Page: ...


def pytest_report_header() -> str:
    """Say whether browser tests can run."""
    return f"browser tests: skipped, not installed: {MISSING}" if MISSING else "browser tests: playwright is installed"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder, so that `-m "not browser"` leaves them out."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for all tests."""
    from playwright.sync_api import sync_playwright

    from tests.browser.driver import find_chromium, launch

    chromium = find_chromium()
    if chromium is None:
        unavailable = pytest.fail if REQUIRED else pytest.skip
        unavailable("no Chromium found: install one, or name it in PRECISION_CHROMIUM")
    with sync_playwright() as playwright:
        running = launch(playwright, chromium)
        yield running
        running.close()


@pytest.fixture(scope="session")
def reader(browser: Browser) -> Iterator[BrowserContext]:
    """The browser session whose tabs the tests open: what one tab has fetched and compiled serves the next."""
    with browser.new_context() as context:
        yield context


@pytest.fixture(scope="session")
def app_server(reader: BrowserContext) -> Iterator[str]:
    """The address of one app with the sample cohort for all tests; needs `reader`, so that it starts only if used."""
    from tests.browser.driver import serving

    with serving() as address:
        reader.new_page().goto(f"{address}/_stcore/health")  # a tab that stays, and with it the process of the tabs
        yield address


@pytest.fixture
def fresh_server(browser: Browser) -> Iterator[str]:
    """The address of an app that has not answered anybody yet."""
    from tests.browser.driver import serving

    with serving() as address:
        yield address


@pytest.fixture
def open_page(browser: Browser, reader: BrowserContext) -> Iterator[OpenPage]:
    """Opens pages of any width and theme; closes them after the test and forgets their cookies."""
    from tests.browser import driver

    pages: list[Page] = []

    def open_one(width: int = 1440, theme: Theme = "light", *, newcomer: bool = False) -> Page:
        pages.append(driver.open_page(browser, width, theme) if newcomer else driver.open_tab(reader, width, theme))
        return pages[-1]

    yield open_one
    for page in pages:
        if page.context is reader:
            page.close()
        else:
            page.context.close()
    reader.clear_cookies()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A tab 1440 px wide in the light theme."""
    return open_page()
