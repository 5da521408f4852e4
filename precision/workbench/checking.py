"""What is read, checked against what is known of genes and medicines before it is loaded."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from precision.io import issues
from precision.io.outcome import Import
from precision.io.review import table_names
from precision.pgx.of_cohort import RESULTS
from precision.workbench.laboratory import unclear_results
from precision.workbench.medicine_names import MEDICATIONS, unclear_names


def checked(imported: Import) -> Import:
    """The import, with issues for results of a laboratory and names of medicines that nobody understands."""
    if imported.cohort is None:
        return imported
    tables = imported.cohort.tables
    batches = [
        batch
        for name, unclear in ((RESULTS, unclear_results), (MEDICATIONS, unclear_names))
        if name in tables
        for batch in unclear(imported, tables[name])
    ]
    if not batches:
        return imported
    found = issues.frame(batches)
    return replace(imported, issues=_sorted(imported.issues, found), counts=_counts(imported, found))


def _sorted(before: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """All issues file by file, those of a row together; each file where it stood first."""
    both = pd.concat([before.astype({"file": "str"}), found.astype({"file": "str"})], ignore_index=True)
    place = {file: number for number, file in enumerate(dict.fromkeys(both["file"]))}
    order = pd.DataFrame({"file": both["file"].map(place), "row": both["row"]}).sort_values(
        ["file", "row"], kind="stable"
    )
    return both.loc[order.index].reset_index(drop=True)


def _counts(imported: Import, found: pd.DataFrame) -> pd.DataFrame:
    """The account of rows, with the rows that have a warning only now."""
    counts = imported.counts.copy()
    before, after = (
        pd.MultiIndex.from_arrays([table_names(part), part["row"]]).unique()
        for part in (rows[rows["severity"] == "warning"] for rows in (imported.issues, found))
    )
    more = after.difference(before).get_level_values(0).value_counts()
    counts["with_warning"] += counts["file"].map(more).fillna(0).astype(int)
    return counts
