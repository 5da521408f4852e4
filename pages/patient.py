"""Patient: who it is, what to do, from what data, what each domain knows, and the history."""

import streamlit as st

from precision import ui
from precision.ui import patient_view as view
from precision.ui.identity import identity
from precision.ui.workspace import chosen_patient, workspace

ui.page("Patient")
space = workspace()
patient = chosen_patient(space)
if patient is None:
    view.unknown()
    st.stop()
with identity(space, patient):
    view.note(space, patient)
actions, behind = st.columns([7, 3], gap="medium")
with actions:
    view.actions(space, patient)
with behind:
    view.behind(space, patient)
view.domains(space, patient)
view.timeline(space, patient)
