"""What a session has chosen to load: the files, the decisions about them, and what reading them came to."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from precision.io import read
from precision.io.corrections import Cell
from precision.io.review import Review
from precision.ui import chrome, html
from precision.ui.workspace import KEY, Workspace, use
from precision.workbench import Assessment, assess
from precision.workbench.checking import checked

UPLOAD, LOADED, CHOICES = "upload", "upload_loaded", "upload_choices"
PATIENCE = 2.0  # seconds before progress is shown
MEGABYTE = 1 << 20
Tell = Callable[[float, str], None]  # share done, in [0, 1], and what is done now


@dataclass(slots=True)
class Upload:
    """Files that were chosen and not yet loaded, and the decisions so far; lives in the session only.

    too_large : name and reason of files that are not read at all
    mapping, units : header -> what was chosen instead of what was understood
    build : genome build of the files of genotypes, where it was named; empty = told from the files
    codings : header -> coding in words, of every column that ever had to be confirmed
    edits : cells that were changed and not yet checked; corrections : those that were
    version : counts the editing tables, so that one that was taken over begins anew
    """

    files: tuple[tuple[str, bytes], ...]
    too_large: tuple[tuple[str, str], ...] = ()
    mapping: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    complete: set[str] = field(default_factory=set)
    row_numbers: bool = False
    build: str = ""
    codings: dict[str, str] = field(default_factory=dict)
    edits: dict[Cell, str] = field(default_factory=dict)
    corrections: dict[Cell, str] = field(default_factory=dict)
    review: Review | None = None
    version: int = 0

    def changed(self) -> None:
        """Forget what reading came to, because something was decided otherwise."""
        self.review = None
        self.version += 1

    def size(self, file: str) -> int:
        """Bytes of a file; 0 for one that came out of an archive."""
        return next((len(data) for name, data in self.files if name == file), 0)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded last in this session."""

    review: Review
    assessment: Assessment


def current() -> Upload | None:
    """The upload that is being decided about; None where no file was chosen."""
    return st.session_state.get(UPLOAD)


def loaded() -> Loaded | None:
    """What was loaded last, where nothing new was chosen and the session still works on it."""
    done: Loaded | None = st.session_state.get(LOADED)
    space: Workspace | None = st.session_state.get(KEY)
    return done if done is not None and space is not None and space.assessment is done.assessment else None


def choose(files: Sequence[tuple[str, bytes]]) -> None:
    """Begin with these files; the size is checked here too, whatever the browser let through."""
    limit = int(st.get_option("server.maxUploadSize"))
    kept = tuple(file for file in files if len(file[1]) <= limit * MEGABYTE)
    reason = f"it is larger than {limit} MB. Check it with the command 'precision check', or split it."
    too_large = tuple((name, reason) for name, data in files if len(data) > limit * MEGABYTE)
    st.session_state[UPLOAD] = Upload(kept, too_large)
    st.session_state[CHOICES] = st.session_state.get(CHOICES, 0) + 1
    st.session_state.pop(LOADED, None)


def uploader_key() -> str:
    """The key of the widget that takes files; a new one after each choice, so that it forgets its files."""
    return f"{UPLOAD}_files_{st.session_state.get(CHOICES, 0)}"


def start_over() -> None:
    """Drop the files; the cohort that was loaded stays."""
    st.session_state.pop(UPLOAD, None)
    st.session_state.pop(LOADED, None)


def reviewed(upload: Upload, place: DeltaGenerator) -> Review:
    """What reading the files with the decisions so far comes to; read again only after a change.

    place : where progress is shown; it stands on the page in every run, so that nothing below it moves
    """
    if upload.review is None:
        with _progress("Reading", place) as tell:
            imported = read(
                upload.files,
                mapping=upload.mapping,
                units=upload.units,
                confirm=upload.confirmed,
                use_row_numbers=upload.row_numbers,
                complete=upload.complete,
                corrections=upload.corrections,
                build=upload.build,
                progress=tell,
            )
        upload.review = Review(checked(imported))
        upload.codings |= upload.review.codings
    return upload.review


def load(review: Review, place: DeltaGenerator) -> None:
    """Assess the sound rows and make them the cohort of this session; progress is shown at a place of the page."""
    cohort = review.imported.cohort
    if cohort is None:
        return
    with _progress(f"Scoring {len(cohort):,} patients", place) as tell:
        assessment = assess(cohort, progress=lambda done, total, step: tell(done / total, step))
    use(assessment, review.tally.quarantined)
    chrome.describe_cohort(cohort.synthetic)
    st.session_state[LOADED] = Loaded(review, assessment)
    st.session_state.pop(UPLOAD, None)
    st.rerun()


@contextmanager
def _progress(what: str, place: DeltaGenerator) -> Generator[Tell]:
    """Words and a bar that appear when it takes longer than people wait without a word."""
    begun = time.monotonic()
    bars: list[DeltaGenerator] = []

    def tell(share: float, now: str) -> None:
        if time.monotonic() - begun < PATIENCE:
            return
        if not bars:
            with place.container(border=True, gap="xsmall"):
                html.show(html.sentence(what))
                bars.append(st.progress(0.0))
                bars.append(st.empty())
                st.button("Cancel", key="upload_cancel", on_click=start_over)
        bars[0].progress(min(share, 1.0))
        bars[1].html(html.note(now))

    yield tell
    place.empty()
