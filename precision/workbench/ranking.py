"""The worklist: one row per patient who needs attention, most severe first, with the reason in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.criteria import TRUE
from precision.pgx.review import IF
from precision.result import Array
from precision.treatment.actions import Actions
from precision.workbench.assessment import Assessment
from precision.workbench.data import completeness

ATTENTION = ((4, False), (3, False), (0, True), (2, False))  # level, and whether an input is needed before an act
COLUMNS = (
    ("level", "needed", "priority", "patient", "age", "sex", "why")
    + ("domains", "actions", "complete", "updated")
)  # fmt: skip


def worklist(assessment: Assessment) -> pd.DataFrame:
    """Who needs attention and why, most severe first; among equals, what holds whatever else is so, then more actions.

    Columns: level (4 to 0), needed, priority (its word), patient, age, sex, why, domains, actions, complete (share
    of the leading model's inputs that are known), updated (day of the newest value, NaT where none is dated).
    Patients whose only actions are of level 1 are left out.
    """
    actions, features = assessment.actions, assessment.features
    shown = actions.state == TRUE
    calling = np.array([(rule.severity, rule.needed) in ATTENTION for rule in actions.rules])
    rows = np.flatnonzero(shown[:, calling].any(axis=1))
    ranks = actions.places
    top = np.where(shown[rows], ranks, len(ranks)).argmin(axis=1)
    count = shown[rows].sum(axis=1)
    place = np.array([rule.place for rule in actions.rules])[top]
    depends = np.array([rule.word.endswith(IF) for rule in actions.rules])[top]
    order = np.lexsort((rows, ranks[top], -count, depends, place))
    rows, top, count = rows[order], top[order], count[order]
    return pd.DataFrame(
        {
            "level": np.array([rule.severity for rule in actions.rules])[top],
            "needed": np.array([rule.needed for rule in actions.rules])[top],
            "priority": np.array([rule.word for rule in actions.rules])[top],
            "patient": features.ids[rows],
            "age": _column(assessment, "age")[rows],
            "sex": np.array(["F", "M", ""])[np.nan_to_num(_column(assessment, "sex")[rows], nan=2).astype(int)],
            "why": _why(actions, rows, top, count),
            "domains": _domains(shown[rows], actions),
            "actions": count,
            "complete": completeness(assessment)[rows],
            "updated": features.updated[rows].astype("datetime64[s]"),
        }
    )


def _why(
    actions: Actions, rows: NDArray[np.intp], top: NDArray[np.intp], count: NDArray[np.intp]
) -> NDArray[np.object_]:
    found = actions.texts("finding", rows, top)
    more = np.array(
        ["", "", *(f", and {n - 1} more" for n in range(2, max(2, int(count.max(initial=0))) + 1))], dtype=object
    )
    return found + more[count]


def _domains(shown: NDArray[np.bool_], actions: Actions) -> NDArray[np.object_]:
    """(N,) names of the domains with an action; each distinct combination is worded once."""
    names = list(dict.fromkeys(rule.domain for rule in actions.rules))
    member = np.array([[rule.domain == name for name in names] for rule in actions.rules])
    bits = (shown @ member) @ (1 << np.arange(len(names)))
    words = [", ".join(name for i, name in enumerate(names) if code >> i & 1) for code in range(1 << len(names))]
    return np.array(words, dtype=object)[bits]


def _column(assessment: Assessment, name: str) -> Array:
    values = assessment.features.column(name)
    return np.full(len(assessment.features), np.nan) if values is None else values
