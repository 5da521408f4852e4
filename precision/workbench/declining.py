"""Who denies the use of gene results for medicines."""

from __future__ import annotations

import numpy as np
import pandas as pd

from precision.cohort import Cohort, positions
from precision.workbench.memberships import Mask

COLUMNS = ("patient_id", "scope", "decision", "valid_from", "valid_to")
CARE, PGX, ALL, DENY = "care", "pgx", "all", "deny"


def declined(cohort: Cohort) -> Mask:
    """(N,) patients who deny the use of gene results for medicines in their care; the last decision counts."""
    rows, on = cohort.table("consent"), pd.Timestamp(cohort.index_date)
    if not {"use", "scope", "decision"} <= set(map(str, rows)):
        return np.zeros(len(cohort), dtype=bool)
    meant = (rows["use"] == CARE) & rows["scope"].isin([ALL, PGX]) & rows["decision"].notna() & (rows["decision"] != "")
    rows = rows.loc[meant, [name for name in COLUMNS if name in rows]]
    if "valid_to" in rows:
        rows = rows[~(pd.to_datetime(rows["valid_to"]) < on)]
    if "valid_from" in rows:
        rows = rows[~(pd.to_datetime(rows["valid_from"]) > on)]
        rows = rows.sort_values("valid_from", kind="stable", na_position="first")
    found = np.zeros(len(cohort), dtype=bool)
    for scope in (ALL, PGX):  # what was said of this scope stands before what was said of all
        last = rows[rows["scope"] == scope].drop_duplicates("patient_id", keep="last")
        at = positions(last["patient_id"], cohort.ids)
        found[at[at >= 0]] = (last["decision"] == DENY).to_numpy(bool)[at >= 0]
    return found
