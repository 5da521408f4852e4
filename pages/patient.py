"""Patient: who it is, what to do, from what data, what each domain knows, and the history."""

from precision.ui import patient_view as view

space, patient = view.opened("Patient")
view.show(space, patient)
