"""Risk: what every model says of one patient, with its reasons, what if, and the treatment options."""

import streamlit as st

from precision.ui import entered, model_cards, risk_question, whatif_view
from precision.ui import risk_view as view
from precision.ui.patient_view import opened

space, patient = opened("Risk")
domain = risk_question.domain()
entered.account(patient)
space = entered.refined(space, patient)
leading = ""
if domain == risk_question.LEADING:
    leading = risk_question.MODEL
    asked = risk_question.question(space, patient)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        view.estimate(asked)
    with right:
        view.reasons(asked)
    whatif_view.what_if(asked)
    whatif_view.treatment_options(asked)
model_cards.show(space, patient, domain, leading)
if prevented := model_cards.preventable(space, patient, domain):
    whatif_view.treatment_options(prevented)
