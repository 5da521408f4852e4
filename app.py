"""Precision in the browser: navigation, the session's way in, and the frame around every page."""

from pathlib import Path

import streamlit as st

from precision.ui import chrome, guard

ROOT = Path(__file__).parent

chrome.configure()
chosen = st.navigation(
    [
        st.Page(ROOT / page.path, title=page.title, icon=page.icon, url_path=page.name, default=page.default)
        for page in chrome.PAGES
    ],
    position="top",
)
guard.admit()
with chrome.frame():
    chosen.run()
