"""Upload: choose patient tables, see what would be loaded and mend it, then load it into this session."""

import streamlit as st

from precision import ui
from precision.ui import upload_state as state
from precision.ui import upload_tables as tables
from precision.ui import upload_view as view
from precision.ui.upload_build import genome_build

ui.page("Upload")
upload, done = state.current(), state.loaded()
if done is not None:
    view.heading(step=3)
    view.after(done)
elif upload is None:
    view.heading(step=0)
    view.choose()
else:
    line, place = st.container(), st.empty()
    review = state.reviewed(upload, place)
    with line:
        view.heading(step=1 if review.tally.read else 0)
    view.refused(upload, review.tally)
    genome_build(upload, review)
    if review.tally.read:
        chosen = tables.shown_table(review)
        left, right = view.columns()
        with left:
            tables.mapping(upload, review, chosen)
        with right:
            view.result(upload, review, place)
        tables.problems(review)
        tables.quarantine(upload, review)
    else:
        view.choose()
