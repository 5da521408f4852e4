"""What a browser session works on: a cohort, its assessment, and the patient that was chosen."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

import pandas as pd
import streamlit as st

from precision.io import read
from precision.synth.sample import load_sample
from precision.ui import chrome
from precision.workbench import Assessment, assess, worklist
from precision.workbench.roster import Roster, roster

KEY = "workspace"
PATIENT = "patient"
SERVED = "PRECISION_COHORT"  # folder or file of the cohort to serve; the sample cohort where it is not set


class Workspace:
    """An assessed cohort and the tables that pages derive from it once.

    The served cohort is shared by all sessions and read only. An uploaded cohort lives in its own session.
    """

    def __init__(self, assessment: Assessment, uploaded: bool) -> None:
        self.assessment = assessment
        self.uploaded = uploaded

    @cached_property
    def worklist(self) -> pd.DataFrame:
        """Who needs attention and why, most severe first."""
        return worklist(self.assessment)

    @cached_property
    def roster(self) -> Roster:
        """The patients as a list to filter, sort and count; its columns and orders are kept."""
        return roster(self.assessment)

    @property
    def synthetic(self) -> bool:
        """Whether no real person stands behind the rows."""
        return self.assessment.cohort.synthetic

    def has(self, patient: str) -> bool:
        """Whether the cohort holds this patient."""
        return patient in self.assessment.cohort.ids


@st.cache_resource(show_spinner="Loading the cohort")
def _served(folder: str) -> Workspace:
    cohort = read([Path(folder)]).cohort if folder else load_sample()
    if cohort is None:
        st.error(f"No row of {folder} could be read. Run: precision check {folder}")
        st.stop()
    return Workspace(assess(cohort), uploaded=False)


def workspace() -> Workspace:
    """The session's uploaded cohort, else the cohort that this server serves."""
    space: Workspace = st.session_state.get(KEY) or _served(os.environ.get(SERVED, ""))
    chrome.describe_cohort(space.synthetic)
    return space


def use(assessment: Assessment) -> None:
    """Make an uploaded cohort the one of this session; it is gone when the session ends."""
    st.session_state[KEY] = Workspace(assessment, uploaded=True)
    st.session_state.pop(PATIENT, None)


def forget() -> None:
    """Drop the uploaded cohort of this session and return to the served one."""
    st.session_state.pop(KEY, None)
    st.session_state.pop(PATIENT, None)


def chosen_patient(space: Workspace) -> str | None:
    """The patient named in the address, else the one opened last, else the first of the worklist; None = not found."""
    asked = st.query_params.get(PATIENT)
    if asked is None:
        asked = st.session_state.get(PATIENT)
        if asked is None or not space.has(asked):
            asked = (
                str(space.worklist["patient"].iloc[0]) if len(space.worklist) else str(space.assessment.cohort.ids[0])
            )
        st.query_params[PATIENT] = asked
    if not space.has(asked):
        return None
    st.session_state[PATIENT] = asked
    return asked
