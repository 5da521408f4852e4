"""Select boxes of the Cohort page whose codes, not their words, stand in the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

ALL = "all"


def coded(label: str, key: str, options: Mapping[str, str], default: str, changed: Callable[[], None]) -> str:
    """A select box of code -> words; its code stands in the address unless it is the default.

    The address leads: a code in it that is not offered is dropped. ``changed`` is called when the reader chooses.
    """
    asked = st.query_params.get(key, default)
    if asked not in options:
        asked = default
    if asked == default:
        drop(key)
    if st.session_state.get(key) != asked:
        st.session_state[key] = asked

    def write() -> None:
        put(key, st.session_state[key], default)
        changed()

    return st.selectbox(label, tuple(options), format_func=options.__getitem__, key=key, on_change=write)


def put(key: str, code: str, default: str = ALL) -> None:
    """Choose an option, for a callback."""
    st.session_state[key] = code
    if code == default:
        drop(key)
    else:
        st.query_params[key] = code


def drop(key: str) -> None:
    """Take a code out of the address."""
    if key in st.query_params:
        del st.query_params[key]


def restore(key: str, code: str) -> None:
    """Take up a choice of an earlier visit; one that the reader took back by the browser's way stays taken back."""
    if key not in st.session_state:
        st.query_params[key] = code
