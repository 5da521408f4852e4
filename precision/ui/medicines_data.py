"""What the Medicines page knows of a patient, with the laboratory results entered in this session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

import streamlit as st

from precision import wording
from precision.pgx.advice import by_drug
from precision.treatment.actions import Action
from precision.ui.workspace import RESULTS, Workspace
from precision.workbench import Assessment
from precision.workbench.medicine_list import Change, ListedMedicine, Medicines
from precision.workbench.medicines import (
    actions_changed,
    actions_recorded,
    changed,
    every_changed,
    every_medicine,
    medicines,
)

KEPT = "medicines_kept"
MOST_KEPT = 8
Results = Mapping[str, tuple[str, str]]
AS_IT_IS = Change()
Found = TypeVar("Found", Medicines, tuple[ListedMedicine, ...], tuple[Action, ...])


def entered(patient: str) -> Results:
    """Laboratory results entered in this session: gene -> (diplotype, phenotype)."""
    return st.session_state.get(RESULTS, {}).get(patient, {})


def enter(patient: str, gene: str, diplotype: str, phenotype: str) -> None:
    """Let a laboratory result count until the session ends."""
    _store(patient, {**entered(patient), gene: (diplotype, phenotype)})


def remove(patient: str, gene: str) -> None:
    """Take an entered result back."""
    _store(patient, {name: result for name, result in entered(patient).items() if name != gene})


def told(space: Workspace, patient: str, change: Change = AS_IT_IS) -> Medicines:
    """The patient's medicines and genes, with what was entered and a what-if."""
    return _kept(space, patient, change, medicines, changed)


def recorded(space: Workspace, patient: str) -> Medicines:
    """The same as it is on record, for other pages: what was entered counts on the Medicines page alone."""
    return _kept(space, patient, None, medicines, changed)


def states(space: Workspace, patient: str) -> dict[str, str]:
    """Each recorded medicine with its dose and since when; nothing of genes."""
    listed = {one.name: one.detail for one in recorded(space, patient).listed or ()}
    found = space.record(patient).medicines or ()
    return {one.name: wording.capital(listed.get(one.name) or one.state) for one in found}


def every(space: Workspace, patient: str) -> tuple[ListedMedicine, ...]:
    """Every medicine that a source speaks of, against the patient's genes."""
    return _kept(space, patient, AS_IT_IS, every_medicine, every_changed)


def actions(space: Workspace, patient: str) -> tuple[Action, ...]:
    """What there is to do for the patient, with what was entered, most severe first."""
    return _kept(space, patient, AS_IT_IS, actions_recorded, actions_changed)


def names_of_all() -> tuple[str, ...]:
    """Names of the medicines that a source speaks of."""
    return tuple(f"{name[:1].upper()}{name[1:]}" for name in by_drug())


def _store(patient: str, results: Results) -> None:
    st.session_state[RESULTS] = {**st.session_state.get(RESULTS, {}), patient: results}


def _kept(
    space: Workspace,
    patient: str,
    change: Change | None,
    as_recorded: Callable[[Assessment, str], Found],
    otherwise: Callable[[Assessment, str, Change], Found],
) -> Found:
    """The last answers of this session, so that a click elsewhere on the page finds nothing anew.

    change : None = nothing, not even what was entered
    """
    change = AS_IT_IS if change is None else replace(change, results={**entered(patient), **change.results})
    kept: dict[tuple[object, ...], Found] = st.session_state.setdefault(KEPT, {})
    asked = (change.add, change.without, change.smoking, change.every_variant, tuple(sorted(change.results.items())))
    key = (space.mark, patient, as_recorded.__name__, *asked)
    if key not in kept:
        while len(kept) >= MOST_KEPT:
            kept.pop(next(iter(kept)))
        same = change == AS_IT_IS
        kept[key] = as_recorded(space.assessment, patient) if same else otherwise(space.assessment, patient, change)
    return kept[key]
