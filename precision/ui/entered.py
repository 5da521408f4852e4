"""Values that a reader enters for a patient: they count on the page until the session ends, and are not stored."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import streamlit as st

from precision import wording
from precision.schema import variable
from precision.ui import html
from precision.ui.workspace import VALUES, Workspace
from precision.workbench.entered import with_values

SPACE = "entered_space"


def entered(patient: str) -> Mapping[str, float]:
    """What was entered for a patient in this session: dictionary name -> value."""
    return st.session_state.get(VALUES, {}).get(patient, {})


def refined(space: Workspace, patient: str) -> Workspace:
    """The patient with the values that were entered; the same workspace where there are none."""
    values = entered(patient)
    if not values:
        return space
    key = (space.mark, patient, tuple(sorted(values.items())))
    kept = st.session_state.get(SPACE)
    if kept is None or kept[0] != key:
        assessment = with_values(space.assessment, patient, values)
        kept = st.session_state[SPACE] = (key, Workspace(assessment, space.uploaded, space.quarantined))
    return kept[1]


def account(patient: str) -> None:
    """What was entered, and the way to drop it; nothing where nothing was."""
    values = entered(patient)
    if not values:
        return
    words = ", ".join(f"{wording.label(name)} {wording.value_text(name, value)}" for name, value in values.items())
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="entered"):
        html.show(html.remark("Assumed", f"{words}: entered here, not stored."))
        st.button("Remove entered values", type="tertiary", key="entered_remove", on_click=_forget, args=(patient,))


def form(patient: str, names: Sequence[str], key: str) -> None:
    """Ask for values; those that are given count from the next run on."""
    with st.form(key, border=False):
        for name in names:
            _field(name, key)
        st.form_submit_button("Estimate with these values", on_click=_keep, args=(patient, tuple(names), key))


def _keep(patient: str, names: Sequence[str], key: str) -> None:
    given = {name: st.session_state.get(_key(key, name)) for name in names}
    known = {name: float(value) for name, value in given.items() if value is not None}
    st.session_state[VALUES] = {**st.session_state.get(VALUES, {}), patient: {**entered(patient), **known}}


def _forget(patient: str) -> None:
    st.session_state.get(VALUES, {}).pop(patient, None)
    st.session_state.pop(SPACE, None)


def _field(name: str, form_key: str) -> None:
    """One field for a value, in the dictionary's unit and inside its possible range."""
    item, key = variable(name), _key(form_key, name)
    if item.kind == "boolean":
        st.selectbox(item.label, [0.0, 1.0], index=None, format_func=lambda v: "yes" if v else "no", key=key)
    elif item.levels:
        codes = [float(code) for code in range(len(item.levels))]
        st.selectbox(item.label, codes, index=None, format_func=lambda v: wording.value_text(name, v), key=key)
    else:
        low, high = item.hard
        st.number_input(
            f"{item.label}, {wording.unit(name)}".rstrip(", "),
            min_value=float(low) if math.isfinite(low) else None,
            max_value=float(high) if math.isfinite(high) else None,
            value=None,
            key=key,
        )


def _key(form_key: str, name: str) -> str:
    return f"{form_key}_{name}"
