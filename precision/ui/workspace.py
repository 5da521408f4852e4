"""What a browser session works on: a cohort, its assessment, and the patient that was chosen."""

from __future__ import annotations

import os
from functools import cached_property, lru_cache, partial
from pathlib import Path

import pandas as pd
import streamlit as st

from precision.errors import InputError
from precision.io import read
from precision.synth.sample import load_sample
from precision.ui import chrome
from precision.workbench import Assessment, Quality, assess, data_behind, loaded, quality, worklist
from precision.workbench.record import record
from precision.workbench.risks import Risk, offered
from precision.workbench.roster import Roster, roster

KEY = "workspace"
PATIENT = "patient"
VALUES, RESULTS = "entered_values", "entered_results"  # what was entered for patients of this cohort, by identifier
SERVED = "PRECISION_COHORT"  # folder or file of the cohort to serve; the sample cohort where it is not set
PATIENTS_KEPT = 32


class Workspace:
    """An assessed cohort and what pages derive from it once: tables of all patients, and the last patients' records.

    The served cohort is shared by all sessions and read only. An uploaded cohort lives in its own session.

    mark : by it a session tells what it keeps of one workspace from what it kept of another that is gone
    """

    def __init__(self, assessment: Assessment, uploaded: bool, quarantined: int = 0) -> None:
        self.assessment = assessment
        self.uploaded = uploaded
        self.quarantined = quarantined
        self.mark = object()
        remember = lru_cache(PATIENTS_KEPT)
        self.record = remember(partial(record, assessment.cohort))
        self.behind = remember(partial(data_behind, assessment))
        self.actions = remember(assessment.actions.for_patient)
        self.undecided = remember(assessment.actions.undecided)
        self.plan = remember(assessment.plan.of)
        self.asking = remember(self._asking)

    @cached_property
    def worklist(self) -> pd.DataFrame:
        """Who needs attention and why, most severe first."""
        return worklist(self.assessment)

    @cached_property
    def roster(self) -> Roster:
        """The patients as a list to filter, sort and count; its columns and orders are kept."""
        return roster(self.assessment)

    @cached_property
    def risks(self) -> dict[str, Risk]:
        """Code -> number that the patients can be looked at by."""
        return offered(self.assessment)

    def _asking(self, code: str) -> Roster:
        """The patients by another number; the last ones are kept."""
        return self.roster if code == self.roster.risk.code else self.roster.asking(self.risks[code])

    @cached_property
    def loaded(self) -> tuple[tuple[str, int], ...]:
        """How many patients have what recorded."""
        return loaded(self.assessment)

    @cached_property
    def quality(self) -> tuple[Quality, ...]:
        """What is doubtful or missing."""
        return quality(self.assessment)

    @property
    def synthetic(self) -> bool:
        """Whether no real person stands behind the rows."""
        return self.assessment.cohort.synthetic

    def has(self, patient: str) -> bool:
        """Whether the cohort holds this patient."""
        return patient in self.assessment.cohort.ids


@st.cache_resource(show_spinner=False)
def _served(folder: str) -> Workspace:
    """The cohort that this server serves, assessed once for all sessions.

    Raises
    ------
    InputError : no row of the folder can be read
    """
    cohort = read([Path(folder)]).cohort if folder else load_sample()
    if cohort is None:
        raise InputError(f"No row of {folder} could be read. To see why, run: precision check {folder}")
    return Workspace(assess(cohort), uploaded=False)


def workspace() -> Workspace:
    """The session's uploaded cohort, else the cohort that this server serves."""
    space: Workspace | None = st.session_state.get(KEY)
    if space is None:
        with st.spinner("Loading the cohort"):
            space = _served(os.environ.get(SERVED, ""))
    chrome.describe_cohort(space.synthetic)
    return space


def use(assessment: Assessment, quarantined: int = 0) -> None:
    """Make an uploaded cohort the one of this session; it is gone when the session ends.

    quarantined : rows of the upload that were set aside
    """
    _leave()
    st.session_state[KEY] = Workspace(assessment, uploaded=True, quarantined=quarantined)


def forget() -> None:
    """Drop the uploaded cohort of this session and return to the served one."""
    _leave()


def _leave() -> None:
    """The next cohort may name other people alike: nothing that was entered for these counts there."""
    for key in (KEY, PATIENT, VALUES, RESULTS):
        st.session_state.pop(key, None)


def chosen_patient(space: Workspace) -> str | None:
    """The patient named in the address, else the one opened last, else the first of the worklist; None = not found."""
    asked = st.query_params.get(PATIENT) or _latest(space)
    if asked is None or not space.has(asked):
        return None
    st.session_state[PATIENT] = st.query_params[PATIENT] = asked
    return asked


def _latest(space: Workspace) -> str | None:
    """The patient opened last, else the first of the worklist or of the cohort; None where it holds nobody."""
    opened = st.session_state.get(PATIENT)
    if opened is not None and space.has(opened):
        return opened
    every = (*space.worklist["patient"].head(1), *space.assessment.cohort.ids[:1])
    return str(every[0]) if every else None
