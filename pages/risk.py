"""Risk: the estimate with its reasons, what if, and the treatment options of one patient."""

import streamlit as st

from precision import ui
from precision.ui import risk_view as view
from precision.ui import whatif_view
from precision.ui.identity import identity
from precision.ui.patient_view import note, unknown
from precision.ui.risk_question import question
from precision.ui.workspace import chosen_patient, workspace

ui.page("Risk")
space = workspace()
patient = chosen_patient(space)
if patient is None:
    unknown(space)
    st.stop()
with identity(space, patient):
    note(space, patient)
asked = question(space, patient)
left, right = st.columns([2, 3], gap="medium")
with left:
    view.estimate(asked)
with right:
    view.reasons(asked)
whatif_view.what_if(asked)
whatif_view.treatment_options(asked)
