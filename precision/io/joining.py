"""Joining tables: rows of several files, and an import with the mended rows that follow it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import Cohort
from precision.genotypes import Genotypes
from precision.io import issues
from precision.io.genotype_join import joined
from precision.io.outcome import Import
from precision.io.quarantine import file_name
from precision.knowledge.build import detect_build

Differs = Callable[[str, NDArray[np.bool_]], None]  # column, rows of the later table that say something else
OF_THE_ROW = ("source_file", "source_row")


def stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all frames, one after another."""
    if len(frames) == 1:
        return frames[0]
    joined = pd.concat(frames, ignore_index=True)
    for name in joined.columns:
        if all(name in frame and isinstance(frame[name].dtype, pd.CategoricalDtype) for frame in frames):
            joined[name] = pd.api.types.union_categoricals([frame[name].array for frame in frames])
    return joined


def patients(base: pd.DataFrame, more: pd.DataFrame, differs: Differs) -> pd.DataFrame:
    """One row per patient of either table; where both know a value the first one's stays and the other is told."""
    at = pd.Index(base["patient_id"]).get_indexer(pd.Index(more["patient_id"]))
    known = at >= 0
    if not known.any():
        return stacked([base, more])
    joined = base.copy(deep=False)
    for name in more.columns.drop(["patient_id", *OF_THE_ROW], errors="ignore"):
        theirs = more[name]
        if name not in joined:
            joined[name] = theirs.iloc[:0].reindex(joined.index)
        ours = joined[name].iloc[at[known]].reset_index(drop=True)
        told = theirs[known].reset_index(drop=True)
        unlike = (ours.notna() & told.notna() & (ours.astype("str") != told.astype("str"))).to_numpy()
        if unlike.any():
            differs(name, np.isin(np.arange(len(more)), np.flatnonzero(known)[unlike]))
        filled = joined[name].copy()
        filled.iloc[at[known]] = ours.where(ours.notna(), told).to_numpy()
        joined[name] = filled
    return stacked([joined, more[~known]]) if (~known).any() else joined


def merge(first: Import, second: Import) -> Import:
    """An import with the rows of another: most often the quarantine of the first, mended and loaded again.

    Mended rows leave the quarantine they came from. A value that both know and that differs stays as it was first,
    and an issue says so.
    """
    batches: list[issues.Batch] = []
    cohort = _cohorts(first, second, batches)
    left, rows = _left(first, second)
    own = {file: frame for file, frame in second.quarantine.items() if file not in second.restored}
    counts = pd.concat([rows, second.counts[~second.counts["file"].isin(list(second.restored))]], ignore_index=True)
    parts = [first.issues, second.issues, *([issues.frame(batches)] if batches else [])]
    return Import(
        cohort=cohort,
        issues=stacked([part for part in parts if len(part)] or [first.issues]),
        quarantine=MappingProxyType(left | own),
        columns=pd.concat([first.columns, second.columns], ignore_index=True),
        counts=counts,
        restored=first.restored,
    )


def _cohorts(one: Import, other: Import, batches: list[issues.Batch]) -> Cohort | None:
    first, second = one.cohort, other.cohort
    if first is None or second is None:
        return first if second is None else second
    later = second.tables["patients"]
    mended = set(other.counts["file"]) <= set(other.restored)

    def differs(column: str, rows: NDArray[np.bool_]) -> None:
        for _, row in later[rows].iterrows():
            reason = "the patient is loaded already with another value, which stays."
            where = (str(row.get("source_file", "")), "", "contradiction", int(row.get("source_row", 0)))
            batches.append(issues.line(*where, column, str(row[column]), reason))

    tables: dict[str, pd.DataFrame] = {"patients": patients(first.tables["patients"], later, differs)}
    for name in dict.fromkeys([*first.tables, *second.tables]):
        if name != "patients":
            tables[name] = stacked([c.tables[name] for c in (first, second) if name in c.tables])
    return replace(
        first,
        tables=MappingProxyType(tables),
        index_date=max(first.index_date, second.index_date),
        complete=first.complete if mended else first.complete & second.complete,
        synthetic=first.synthetic and (mended or second.synthetic),
        units_read=MappingProxyType({**second.units_read, **first.units_read}),
        genotypes=_genotypes(first.genotypes, second.genotypes, batches),
    )


def _genotypes(first: Genotypes | None, second: Genotypes | None, batches: list[issues.Batch]) -> Genotypes | None:
    """Those of both, if they are on one build; else those loaded first."""
    if first is None or second is None:
        return first if second is None else second
    builds = detect_build(first), detect_build(second)
    if builds[0] == builds[1]:
        return joined((first, second))[0]
    reason = f"it is on {builds[1]}, the genotypes loaded already on {builds[0]}; its samples are not used."
    batches.append(issues.line(second.file, "", "genotypes_refused", issues.WHOLE_FILE, "", "", reason))
    return first


def _left(first: Import, second: Import) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """The first quarantine without the rows that were mended, and the counts that go with it."""
    left, counts = dict(first.quarantine), first.counts.copy()
    for file, rows in second.restored.items():
        origin = _origin(file, first.quarantine)
        if origin is None:
            continue
        frame = left[origin]
        mended = frame["_row"].isin(list(rows))
        left[origin] = frame[~mended].reset_index(drop=True)
        line = counts["file"] == origin
        counts.loc[line, "accepted"] += int(mended.sum())
        counts.loc[line, "quarantined"] -= int(mended.sum())
        if not len(left[origin]):
            del left[origin]
    return left, counts


def _origin(file: str, quarantine: Mapping[str, pd.DataFrame]) -> str | None:
    """The file that a quarantine was taken from: by its name, or the only one there is."""
    stem = file.rpartition("/")[2].partition(".")[0]
    for name in quarantine:
        if file_name(name).removesuffix(".csv") == stem:
            return name
    return next(iter(quarantine)) if len(quarantine) == 1 else None
