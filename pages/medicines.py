"""Medicines: what the patient takes or is to take against the genes, what if, and why."""

from precision.ui import medicines_genes, medicines_whatif
from precision.ui import medicines_view as view
from precision.ui.patient_view import opened

space, patient = opened("Medicines")
if not view.hidden(space, patient):
    view.medicines(space, patient)
    medicines_whatif.what_if(space, patient)
    view.why(space, patient)
    medicines_genes.genes(space, patient)
