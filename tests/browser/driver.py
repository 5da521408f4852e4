"""Driving the app: a real server on a free port, Chromium, and what a test asks of a page."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, ViewportSize, WebSocket

ROOT = Path(__file__).resolve().parents[2]
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
WIDTHS = (1440, 1024, 390)
NARROW = WIDTHS[1:]
HEIGHT = 900
START_SECONDS = 60
SETTLE_MS = 30_000
FIT_MS = 5_000

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
CHROMIUM_FLAGS = (
    "--no-sandbox",  # it shows only our own pages, and containers have no user namespaces
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",  # the tabs of a reader share a process, which reads the scripts of the app once
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # whatever a page asks for, nothing leaves the machine
)
QUIET_MS = 300
POLL_MS = 50  # asking at every frame makes Chromium draw every frame
# Idle must last: the app also looks idle between connection and first run, and between a run and its rerun.
SETTLED = """(quiet) => {
  const app = document.querySelector('[data-testid="stApp"]');
  const idle = app !== null
    && app.dataset.testScriptState === "notRunning"
    && app.dataset.testConnectionState === "CONNECTED"
    && document.querySelector('[data-testid="stSkeleton"], [data-testid="stSpinner"], [data-stale="true"]') === null
    && (document.querySelector('[data-testid="stMain"]')?.innerText ?? "").trim() !== "";
  const now = performance.now();
  window.idleSince = idle ? (window.idleSince ?? now) : undefined;
  return idle && now - window.idleSince >= quiet;
}"""


@dataclass(frozen=True, slots=True)
class Violation:
    """One accessibility rule of axe that a page breaks, with the elements (CSS selectors) that break it."""

    rule: str
    impact: str
    help: str
    elements: tuple[str, ...]


def find_chromium() -> str | None:
    """The Chromium to drive: PRECISION_CHROMIUM, else the first known name on the PATH."""
    names = (os.environ.get("PRECISION_CHROMIUM", ""), *CHROMIUM_NAMES)
    return next((path for name in names if name and (path := shutil.which(name))), None)


def launch(playwright: Playwright, chromium: str) -> Browser:
    """A headless Chromium that resolves no host but this machine."""
    return playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))


def open_page(browser: Browser, width: int = 1440, theme: Theme = "light") -> Page:
    """A page in a browser session of its own (no cookies, no storage), in the given width (px) and colour scheme."""
    context = browser.new_context(viewport=ViewportSize(width=width, height=HEIGHT), color_scheme=theme)
    return context.new_page()


def open_tab(reader: BrowserContext, width: int = 1440, theme: Theme = "light") -> Page:
    """Another tab of a reader, in the given width (px) and colour scheme; the app holds a session for each tab."""
    page = reader.new_page()
    page.set_viewport_size(ViewportSize(width=width, height=HEIGHT))
    page.emulate_media(color_scheme=theme)
    return page


def resize(page: Page, width: int, height: int = HEIGHT) -> None:
    """Give the page another size (px) and wait until it has settled."""
    page.set_viewport_size(ViewportSize(width=width, height=height))
    settle(page)


def settle(page: Page) -> None:
    """Wait until the app shows text and was idle for 0.3 s: connected, no run, skeleton, spinner or stale element.

    Raises
    ------
    playwright.sync_api.TimeoutError : not settled after 30 s
    """
    page.evaluate("delete window.idleSince")
    page.wait_for_function(SETTLED, arg=QUIET_MS, timeout=SETTLE_MS, polling=POLL_MS)


def wait_until_it_fits(page: Page) -> None:
    """Wait until nothing makes the page scroll sideways; charts follow the window a moment after it changed.

    Raises
    ------
    playwright.sync_api.TimeoutError : still wider than the window after 5 s
    """
    page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth", timeout=FIT_MS)


def requests_outside(page: Page) -> list[str]:
    """A list that fills with the address of each request to another machine; ask before the first `goto`."""
    outside: list[str] = []

    def note(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("127.0.0.1", "localhost"):
            outside.append(url)

    def on_request(request: Request) -> None:
        note(request.url)

    def on_websocket(socket: WebSocket) -> None:
        note(socket.url)

    page.on("request", on_request)
    page.on("websocket", on_websocket)
    return outside


def axe(page: Page) -> tuple[Violation, ...]:
    """The accessibility rules that the page breaks as it stands now."""
    found = Axe().run(page).response["violations"]
    return tuple(
        Violation(
            rule=str(violation["id"]),
            impact=str(violation["impact"]),
            help=str(violation["help"]),
            elements=tuple(str(selector) for node in violation["nodes"] for selector in node["target"]),
        )
        for violation in found
    )


# ------------------------------------------------------------------------------------------------------- the server
@contextmanager
def serving(cohort: Path | None = None) -> Generator[str]:
    """The address of the app, started as a user starts it and ended with everything it started.

    Parameters
    ----------
    cohort : folder or file to serve; None = the sample cohort

    Raises
    ------
    RuntimeError : the server ended or did not answer within 60 s; holds what it wrote
    """
    port = free_port()
    command = [sys.executable, "-m", "precision", "app", "--port", str(port)]
    environment = os.environ | ({"PRECISION_COHORT": str(cohort)} if cohort else {})
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=os.name == "posix",
        )
        try:
            if not _healthy(server, port):
                log.seek(0)
                raise RuntimeError(
                    f"{' '.join(command)} did not answer:\n{log.read().decode(errors='replace')[-4000:]}"
                )
            yield f"http://127.0.0.1:{port}"
        finally:
            _end(server)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _healthy(server: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return True
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        finally:
            connection.close()
    return False


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server with its children: the command starts Streamlit as a process of its own."""
    for end in (signal.SIGTERM, signal.SIGTERM if os.name != "posix" else signal.SIGKILL):
        try:
            if os.name == "posix":
                os.killpg(server.pid, end)
            else:
                server.send_signal(end)
            server.wait(timeout=10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
