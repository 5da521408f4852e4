"""The app as an ASGI application behind its security headers; `streamlit run server.py` serves it."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from precision.ui import failure, risk_view, worklist_view
from precision.ui.headers import secure

READ_EARLY = (worklist_view, risk_view)  # with what they import, so that the first visitor does not wait for it

failure.silence_tracebacks()

app = st.App(
    Path(__file__).with_name("app.py"),
    middleware=[Middleware(secure)],
    on_script_error=failure.show,
)
