"""The frame around every page: settings, style, logo, headings, identity strip and the line at the foot."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import precision
from precision.errors import InputError
from precision.ui import guard, html

HERE = Path(__file__).parent
SYNTHETIC = "cohort_is_synthetic"
USE = {
    True: "Synthetic data. Not for clinical use.",
    False: "Decision support and research. Not a medical device.",
}
_body: ContextVar[DeltaGenerator | None] = ContextVar("body", default=None)
_foot: ContextVar[DeltaGenerator | None] = ContextVar("foot", default=None)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the app: its file ``pages/<name>.py``, its name in the address, its title and icon."""

    name: str
    title: str
    icon: str
    default: bool = False

    @property
    def path(self) -> str:
        """The page's file, as app.py and the way in know it."""
        return f"pages/{self.name}.py"


PAGES = (
    Page("worklist", "Worklist", ":material/checklist:", default=True),
    Page("patient", "Patient", ":material/person:"),
    Page("risk", "Risk", ":material/monitor_heart:"),
    Page("medicines", "Medicines", ":material/medication:"),
    Page("prevention", "Prevention", ":material/event_available:"),
    Page("cohort", "Cohort", ":material/groups:"),
    Page("upload", "Upload", ":material/upload_file:"),
    Page("sources", "Sources", ":material/menu_book:"),
)


def configure() -> None:
    """Page settings, logo and style; called once in a run, by app.py, before anything else."""
    st.set_page_config(page_icon=str(HERE / "static" / "icon.png"), layout="wide")
    st.logo(str(HERE / "static" / "logo.svg"), size="medium")
    style()


def style() -> None:
    """The style sheet, and the reader's theme for what stands outside the app's root (popovers, dialogs)."""
    st.html(HERE / "style.css")
    theme = st.context.theme.type
    if theme in ("light", "dark"):
        st.html(f"<style>:root{{color-scheme:{theme}}}</style>")


@contextmanager
def frame() -> Generator[None]:
    """A place for the page, and under it the foot line, which stands even where the page stops early."""
    inside, foot = st.container(), st.empty()
    foot.html(_footer())
    _body.set(inside)
    _foot.set(foot)
    with inside:
        yield
    _body.set(None)


def body() -> DeltaGenerator:
    """The place of the page that is running, for what has to be said after it failed; else where we are."""
    inside = _body.get()
    _body.set(None)
    return inside or st.container()


def describe_cohort(synthetic: bool) -> None:
    """Say for this session whether its people are invented; the foot line follows. Called when a cohort is loaded."""
    said = _footer()
    st.session_state[SYNTHETIC] = synthetic
    foot = _foot.get()
    if foot is not None and _footer() != said:
        foot.html(_footer())


def page(title: str) -> None:
    """Begin a page: let it run only in a session that came through app.py. First call of every page.

    Raises
    ------
    InputError : no page of the app has this title
    """
    for known in PAGES:
        if known.title == title:
            return guard.enter(known.path)
    raise InputError(f"no page '{title}'; the pages are {', '.join(known.title for known in PAGES)}")


def title(text: str, beside: Sequence[html.Html] = (), right: Sequence[html.Text] = ()) -> DeltaGenerator:
    """The page's heading line; buttons added to what it returns stand at its right end."""
    return _heading(html.heading(text, beside, right, level=1))


def section(text: str, note: str = "", badges: Sequence[html.Html] = ()) -> DeltaGenerator:
    """A section's heading line, a remark or badges at its right; widgets added to what it returns stand there too."""
    return _heading(html.heading(text, right=(*badges, note) if note else badges, level=2))


def identity_strip(patient: str, fields: Sequence[html.Field]) -> DeltaGenerator:
    """Who the page is about, staying in sight while the page scrolls; buttons added to it stand at its right end."""
    strip = st.container(
        key="identity", border=True, horizontal=True, wrap=False, vertical_alignment="center", gap="small"
    )
    with strip:
        html.show(html.identity(patient, fields))
    return strip


def actions(items: Sequence[html.Action]) -> tuple[DeltaGenerator, ...]:
    """One line for each action; what is added to the n-th of what it returns answers the n-th "Why?"."""
    return tuple(_action(number, item) for number, item in enumerate(items))


def card(key: str | None = None) -> DeltaGenerator:
    """A bordered card as high as its neighbours in the same row."""
    return st.container(border=True, height="stretch", gap="xsmall", key=key)


def _heading(markup: html.Html) -> DeltaGenerator:
    line = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with line:
        html.show(markup)
    return line


def _footer() -> html.Html:
    use = USE[bool(st.session_state.get(SYNTHETIC))]
    return html.tag("footer", f"{use} Precision {precision.__version__} · sources on every row")


def _action(number: int, item: html.Action) -> DeltaGenerator:
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        html.show(html.action(item))
        return st.popover("Why?", type="tertiary", key=f"why_{number}")
