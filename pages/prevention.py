"""Prevention: what is due for one patient, what a change of life would give, and what is monitored."""

from precision.ui import levers_view
from precision.ui import prevention_view as view
from precision.ui.patient_view import opened

space, patient = opened("Prevention")
view.plan(space, patient)
view.by_date(space, patient)
levers_view.levers(space, patient)
view.monitoring(space, patient)
