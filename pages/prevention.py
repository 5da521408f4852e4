"""Prevention: what is due for one patient, what a change of life would give, and what is monitored."""

import streamlit as st

from precision import ui
from precision.ui import levers_view
from precision.ui import prevention_view as view
from precision.ui.identity import identity
from precision.ui.patient_view import note, unknown
from precision.ui.workspace import chosen_patient, workspace

ui.page("Prevention")
space = workspace()
patient = chosen_patient(space)
if patient is None:
    unknown(space)
    st.stop()
with identity(space, patient):
    note(space, patient)
view.plan(space, patient)
view.by_date(space, patient)
levers_view.levers(space, patient)
view.monitoring(space, patient)
