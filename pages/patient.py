"""Patient: who it is, what to do, from what data, what each domain knows, and the history."""

from precision import ui
from precision.ui import patient_view as view
from precision.ui.workspace import chosen_patient, workspace

ui.page("Patient")
space = workspace()
patient = chosen_patient(space)
if patient is None:
    view.unknown(space)
else:
    view.show(space, patient)
