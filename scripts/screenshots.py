"""Makes the pictures of every page: `python -m scripts.screenshots [--readme] [--only NAME] [--out FOLDER]`.

Each is named ``<shot>-<theme>-<width>.png`` and shows the whole page, however long, in a theme and browser width (px).
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.driver import (
    HEIGHT,
    ROOT,
    THEMES,
    WIDTHS,
    Theme,
    find_chromium,
    launch,
    open_page,
    resize,
    serving,
    settle,
)

PICTURES = ROOT / "docs" / "pictures"
TALLEST = 6000
CONTENT_HEIGHT = "() => document.querySelector('[data-testid=\"stMain\"]').scrollHeight"


def nothing(page: Page) -> None:
    """Show the page as it opens."""


def open_why(page: Page) -> None:
    """Open the first "Why?" of the page."""
    page.get_by_text("Why?", exact=True).first.click()
    settle(page)


def choose_a_statin(page: Page) -> None:
    """Ask what a moderate-intensity statin would change."""
    page.get_by_text("Moderate", exact=True).first.click()
    settle(page)


@dataclass(frozen=True, slots=True)
class Shot:
    """One page to show: its address, and what to do on it before the picture is taken."""

    name: str
    path: str
    act: Callable[[Page], None] = nothing


STATIN_OR_NOT = "?patient=P-00013"  # of sample_data/scenarios.csv
KIDNEY_DISEASE = "?patient=P-00015"
INHIBITOR = "?patient=P-00011"
NO_GENOTYPE = "?patient=P-00018"
CHOLESTEROL_MISSING = "?patient=P-00014"
SHOTS = (
    Shot("worklist", "/"),
    Shot("patient", f"/patient{STATIN_OR_NOT}"),
    Shot("patient_why", f"/patient{STATIN_OR_NOT}", open_why),
    Shot("patient_gaps", f"/patient{CHOLESTEROL_MISSING}"),
    Shot("risk", f"/risk{STATIN_OR_NOT}", choose_a_statin),
    Shot("risk_gaps", f"/risk{CHOLESTEROL_MISSING}"),
    Shot("risk_kidney", f"/risk{KIDNEY_DISEASE}&domain=Kidney"),
    Shot("medicines", f"/medicines{INHIBITOR}"),
    Shot("medicines_gaps", f"/medicines{NO_GENOTYPE}"),
    Shot("prevention", f"/prevention{STATIN_OR_NOT}"),
    Shot("cohort", "/cohort"),
    Shot("upload", "/upload"),
    Shot("sources", "/sources"),
)
README: tuple[tuple[str, Theme, int], ...] = (
    ("worklist", "light", 1440),
    ("patient", "light", 1440),
    ("patient", "dark", 390),
    ("risk", "dark", 1440),
    ("medicines", "light", 1440),
    ("prevention", "light", 1440),
    ("cohort", "light", 1440),
)


def picture_name(shot: str, theme: Theme, width: int) -> str:
    """The file name of a picture."""
    return f"{shot}-{theme}-{width}.png"


def readme_pictures() -> tuple[str, ...]:
    """The pictures that README shows."""
    return tuple(picture_name(*wanted) for wanted in README)


def take(browser: Browser, address: str, shot: Shot, theme: Theme, width: int) -> bytes:
    """The picture (PNG) of a whole page: Streamlit scrolls inside the window, so the window grows to its content."""
    page = open_page(browser, width, theme)
    try:
        page.goto(address + shot.path)
        settle(page)
        resize(page, width, min(max(HEIGHT, int(page.evaluate(CONTENT_HEIGHT))), TALLEST))
        shot.act(page)
        return smaller(page.screenshot(animations="disabled", caret="hide"))
    finally:
        page.context.close()


def smaller(png: bytes) -> bytes:
    """The same picture in fewer bytes, all its colours kept."""
    packed = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(packed, "PNG", optimize=True)
    return packed.getvalue()


def chosen(readme: bool, only: Sequence[str]) -> list[tuple[Shot, Theme, int]]:
    """The shots to take: all, those of README, or those of the names given.

    Raises
    ------
    typer.BadParameter : no shot has the name
    """
    unknown = sorted(set(only) - {shot.name for shot in SHOTS})
    if unknown:
        raise typer.BadParameter(f"no shot is called {', '.join(unknown)}; known: {', '.join(s.name for s in SHOTS)}")
    return [
        (shot, theme, width)
        for shot in SHOTS
        for theme in THEMES
        for width in WIDTHS
        if (not only or shot.name in only) and (not readme or (shot.name, theme, width) in README)
    ]


def main(
    readme: Annotated[bool, typer.Option("--readme", help="Only those that README shows.")] = False,
    only: Annotated[
        list[str] | None, typer.Option(help="Only the shot of this name; may be given several times.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder to write.")] = PICTURES,
    cohort: Annotated[Path | None, typer.Option(help="Cohort to show; the sample cohort if absent.")] = None,
) -> None:
    """Make the pictures."""
    shots = chosen(readme, only or [])
    chromium = find_chromium()
    if chromium is None:
        raise typer.BadParameter("no Chromium found: install one, or name it in PRECISION_CHROMIUM")
    out.mkdir(parents=True, exist_ok=True)
    with serving(cohort) as address, sync_playwright() as playwright:
        browser = launch(playwright, chromium)
        for shot, theme, width in shots:
            file = out / picture_name(shot.name, theme, width)
            file.write_bytes(take(browser, address, shot, theme, width))
            typer.echo(f"{file.name}: {file.stat().st_size / 1024:,.0f} KB")
        browser.close()


if __name__ == "__main__":
    typer.run(main)
