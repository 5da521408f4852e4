"""The way in: every page is reached through app.py, so that frame and gates always apply.

While a folder ``pages/`` stands beside app.py, a fresh Streamlit server answers the first deep link (``/risk``) with
the page file alone. Each page therefore sends such a visitor through app.py, which goes on to the page and its query.
"""

import streamlit as st

ENTERED = "entered_through_app"
WANTED = "page_wanted_before_entry"


def enter(path: str) -> None:
    """Let the page at ``path`` run only in a session that came through app.py; else go there first.

    Called at the start of each page. The query of the address is kept for the way back.
    """
    if not st.session_state.get(ENTERED):
        query = {name: st.query_params.get_all(name) for name in st.query_params}
        st.session_state[WANTED] = (path, query)
        st.switch_page("app.py")


def admit() -> None:
    """Open the session to the pages, and go on to the page that was asked for before; called by app.py only."""
    st.session_state[ENTERED] = True
    if WANTED in st.session_state:
        path, query = st.session_state.pop(WANTED)
        st.switch_page(path, query_params=query)
