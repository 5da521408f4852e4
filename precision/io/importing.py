"""From files to a cohort: read every table, check it alone and against the others, keep what is sound.

Files of genotypes among them are read at the positions of pharmacogenes, for the patients of the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import GENOTYPES, TABLES, WIDE, Cohort
from precision.errors import InputError
from precision.io import between, issues, outcome
from precision.io.arrow import frugal, give_back
from precision.io.corrections import Corrections, corrected
from precision.io.dates import today
from precision.io.drafts import Draft, id_series
from precision.io.genotype_files import GenotypeFiles, holds_genotypes, read_genotypes
from precision.io.joining import merge, patients, stacked
from precision.io.long import read_long
from precision.io.mapping import Choices
from precision.io.outcome import Import
from precision.io.quarantine import opened
from precision.io.roles import INTERNAL, lacking_columns, table_of
from precision.io.sources import SETTINGS, File, Settings, Source, gather, read_source
from precision.io.text import TextTable
from precision.io.wide import read_wide
from precision.schema import variable
from precision.units import header_key

__all__ = ["Import", "merge", "read"]

Progress = Callable[[float, str], None]
# Headers by which an export of Synthea's record generator is known; it lists everything that happened.
SYNTHEA = frozenset({"id", "birthdate", "deathdate", "ssn", "healthcare_expenses", "healthcare_coverage"})
LISTS = frozenset({"conditions", "medications"})
NONE: Corrections = MappingProxyType({})


def read(  # noqa: PLR0913 - each is one choice of the person who loads the files
    files: Iterable[File],
    *,
    mapping: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    confirm: Iterable[str] = (),
    use_row_numbers: bool = False,
    name: str | None = None,
    index_date: date | None = None,
    complete: Iterable[str] = (),
    corrections: Corrections = NONE,
    build: str = "",
    progress: Progress | None = None,
) -> Import:
    """Read patient tables and genotypes; nothing that is wrong with them raises, it is reported.

    Parameters
    ----------
    files : paths, folders of tables, or (name, bytes) of an upload; CSV, TSV, XLSX, Parquet, gzip or zip, by content;
        genotypes as VCF, or as the text of an array test
    mapping : header -> variable or part of a table; "" leaves the column out
    units : header -> unit of its values
    confirm : headers or variables whose ambiguous coding (1 and 2 for sex) is right; "*" for all
    use_row_numbers : call patients by their row where a file has no identifier
    index_date : day on which ages and windows are counted; else that of cohort.toml, the latest observation, or today
    complete : tables in which absence means "no"; "genotypes" where the files of genotypes have every variant
    corrections : (name of the table, row as in the file, header) -> text to read instead of the cell's own
    build : 'GRCh37' or 'GRCh38' of the files of genotypes; empty = told from their reference bases
    progress : called with the share done, in [0, 1], and the file at hand

    Raises
    ------
    InputError : a path does not exist, or `complete` names no table
    """
    complete = frozenset(complete)
    if unknown := complete - {*TABLES, GENOTYPES}:
        raise InputError(
            f"complete names {', '.join(sorted(unknown))}; tables are {', '.join(TABLES)}, and there is {GENOTYPES}"
        )
    given = [files] if isinstance(files, str | Path) else list(files)
    sources, settings = gather(given)
    names = ", ".join(str(one if isinstance(one, str | Path) else one[0]) for one in given)
    now = today()
    choices = Choices(mapping or {}, units or {}, frozenset(confirm), use_row_numbers, max(now, index_date or now))
    with frugal():
        wanted = _Wanted(name, index_date, complete, corrections, names, build)
        return _import(sources, settings, choices, wanted, progress)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the person who loads the files says of the cohort."""

    name: str | None
    index_date: date | None
    complete: frozenset[str]
    corrections: Corrections
    given: str
    build: str


def _import(
    sources: list[Source], settings: Settings, choices: Choices, wanted: _Wanted, progress: Progress | None
) -> Import:
    variants = [source for source in sources if holds_genotypes(source)]
    others = [source for source in sources if source not in variants]
    drafts, batches, refused = _drafts(others, choices, wanted.corrections, progress)
    if settings.problem:
        batches.append(issues.line(SETTINGS, "", "bad_settings", issues.WHOLE_FILE, "", "", f"{settings.problem}."))
    if not sources:
        batches.append(
            issues.line(wanted.given, "", "empty_file", issues.WHOLE_FILE, "", "", "there is no file to read.")
        )
    _check(drafts, batches)
    lists = _complete_lists(drafts, batches)
    quarantine, columns, restored = outcome.quarantine(drafts), outcome.columns(drafts), outcome.restorations(drafts)
    units = _units_read(drafts)
    for draft in drafts:
        draft.forget_text()
    give_back()
    tables = _tables(drafts)
    complete = wanted.complete | settings.complete | lists
    people = tables["patients"]["patient_id"] if tables else None
    germline = read_genotypes(variants, people, GENOTYPES in complete, wanted.build)
    batches += germline.batches
    tables = tables or _samples(germline, batches)
    title = settings.name or (sources[0].name if len(sources) == 1 else f"{len(sources)} files")
    day = wanted.index_date or settings.index_date or _latest(tables.get("observations"))
    cohort = None
    if tables:
        cohort = Cohort(
            name=wanted.name or title,
            tables=MappingProxyType(tables),
            index_date=day or today(),
            complete=complete,
            synthetic=settings.synthetic,
            units_read=units,
            genotypes=germline.genotypes,
        )
    return Import(
        cohort=cohort,
        issues=issues.frame([*batches, *(batch for draft in drafts for batch in draft.ledger.batches)]),
        quarantine=quarantine,
        columns=columns,
        counts=outcome.counts(drafts, [*refused, *germline.refused], germline.counts),
        restored=restored,
    )


def _drafts(
    sources: list[Source], choices: Choices, corrections: Corrections, progress: Progress | None
) -> tuple[list[Draft], list[issues.Batch], list[str]]:
    """Every table as a draft, issues of files as a whole, and the files that were refused."""
    texts, batches, refused = list[TextTable](), list[issues.Batch](), list[str]()
    total = max(1, sum(source.size() for source in sources))
    done = 0
    for source in sources:
        if progress is not None:
            progress(0.6 * done / total, source.name)
        done += source.size()
        try:
            for table in map(opened, read_source(source)):
                mended, notes = corrected(table, corrections)
                texts.append(mended)
                batches += notes
            give_back()
        except InputError as error:
            batches.append(_refusal(source, str(error)))
            if not source.optional:
                refused.append(source.name)
    drafts: list[Draft] = []
    for position, table in enumerate(texts):
        if progress is not None:
            progress(0.6 + 0.35 * position / len(texts), table.name)
        name = table_of(table, choices.mapping) or ("patients" if len(texts) == 1 else "")
        if name:
            drafts.append(_draft(table, name, choices, batches))
        else:
            batches.append(_not_read(table))
    return drafts, batches, refused


def _not_read(table: TextTable) -> issues.Batch:
    """A table that is not known; one that bears the name of a known table was meant to be read."""
    where = (table.file, table.sheet)
    if lacking := lacking_columns(table):
        missing = ", ".join(lacking)
        reason = f"it is named as a table of Precision is, but has no column for {missing}; its rows were not read."
        return issues.line(*where, "table_not_read", issues.WHOLE_FILE, missing, "", reason)
    reason = "it is no table of patients that is known; its rows were not read."
    return issues.line(*where, "file_ignored", issues.WHOLE_FILE, "", "", reason)


def _draft(table: TextTable, name: str, choices: Choices, batches: list[issues.Batch]) -> Draft:
    if not len(table) and not table.broken:
        reason = "it has a header line and no row."
        batches.append(issues.line(table.file, table.sheet, "empty_file", issues.WHOLE_FILE, "", "", reason))
    if name in ("patients", "lifestyle", "environment"):
        return read_wide(table, choices, name)
    return read_long(table, name, choices)


def _refusal(source: Source, why: str) -> issues.Batch:
    if source.optional:
        return issues.line(source.name, "", "file_ignored", issues.WHOLE_FILE, "", "", f"not a table: {why}.")
    if why == "the file is empty":
        return issues.line(source.name, "", "empty_file", issues.WHOLE_FILE, "", "", f"{why}.")
    reason = f"Refused: {source.name} is not CSV, TSV, XLSX or Parquet that can be read: {why}."
    return issues.line(source.name, "", "file_refused", issues.WHOLE_FILE, "", "", reason)


def _check(drafts: list[Draft], batches: list[issues.Batch]) -> None:
    """Check rows and tables against each other."""
    wide = [draft for draft in drafts if draft.table == "patients"]
    others = [draft for draft in drafts if draft.table != "patients"]
    primary = [draft for draft in wide if between.is_primary(draft)]
    for draft in wide:
        if draft in primary or not primary:
            between.require(draft)
        between.report_duplicates(draft)
        between.report_contradictions(draft)
    later = [draft for draft in wide if primary and draft not in primary]
    if not wide and others:
        reason = "no table gives sex and age, so models that need them have no value."
        table = others[0].ledger.table
        batches.append(issues.line(table.file, table.sheet, "no_patients_table", 0, "", "", reason))
    elif others or later:
        names = _names(primary or wide)
        for draft in later:
            between.report_orphans(draft, names)
        born = between.births(wide, names)
        for draft in others:
            between.report_orphans(draft, names)
            at = draft.ids.spread(names.get_indexer(pd.Index(draft.ids.stripped().series())))
            between.report_before_birth(draft, np.where(at >= 0, born[at], np.datetime64("NaT")) if len(born) else born)
    for draft in others:
        between.report_repeated_rows(draft)


def _samples(germline: GenotypeFiles, batches: list[issues.Batch]) -> dict[str, pd.DataFrame]:
    """A cohort of whom nothing but genotypes is known."""
    if germline.genotypes is None:
        return {}
    reason = "no table gives sex and age, so models that need them have no value."
    batches.append(issues.line(germline.genotypes.file, "", "no_patients_table", 0, "", "", reason))
    return {"patients": pd.DataFrame({"patient_id": pd.Series(germline.genotypes.samples, dtype="str")})}


def _names(drafts: list[Draft]) -> pd.Index:
    """The patients that the sound rows of these tables make."""
    found = [id_series(draft.ids, draft.accepted()) for draft in drafts]
    return pd.Index(pd.concat(found)).drop_duplicates()


def _tables(drafts: list[Draft]) -> dict[str, pd.DataFrame]:
    """The tables of the cohort from the sound rows of every draft; empty where no patient is left."""
    wide = [draft for draft in drafts if draft.table == "patients"]
    primary = [draft for draft in wide if between.is_primary(draft)]
    frames: dict[str, list[pd.DataFrame]] = {}
    for draft in drafts:
        for table, rows in draft.split_frames():
            frames.setdefault(table, []).append(rows)
        if draft.table != "patients" and draft.ledger.accepted.any():
            frames.setdefault(draft.table, []).append(draft.frame())
    if wide:
        people = _patients([*primary, *(draft for draft in wide if draft not in primary)])
    else:
        found = [rows["patient_id"] for held in frames.values() for rows in held]
        names = pd.concat(found).drop_duplicates() if found else pd.Series(dtype="str")
        people = pd.DataFrame({"patient_id": names.reset_index(drop=True)})
    return {"patients": people} | {name: stacked(found) for name, found in frames.items()} if len(people) else {}


def _patients(drafts: list[Draft]) -> pd.DataFrame:
    people = drafts[0].frame()
    for draft in drafts[1:]:
        people = _joined(people, draft)
    return people


def _joined(people: pd.DataFrame, draft: Draft) -> pd.DataFrame:
    """The patients so far and the sound rows of one more table."""
    at, frame = draft.accepted(), draft.frame()

    def differs(column: str, rows: NDArray[np.bool_]) -> None:
        values = frame[column][rows].astype("str").tolist()
        reason = "another file gives this patient a different value, which is used."
        draft.ledger.rows("contradiction", draft.headers.get(column, column), at[rows], values, reason)

    return patients(people, frame, differs) if len(frame) else people


def _complete_lists(drafts: list[Draft], batches: list[issues.Batch]) -> frozenset[str]:
    """Tables that list everything, as the format of the files promises."""
    for draft in drafts:
        headers = {header_key(header) for header in draft.ledger.table.headers} - INTERNAL
        if draft.table == "patients" and headers >= SYNTHEA:
            lists = LISTS & {other.table for other in drafts}
            if lists:
                reason = (
                    f"{' and '.join(sorted(lists))} are taken as complete, as Synthea writes them: absent means no."
                )
                batches.append(issues.line(draft.ledger.table.file, "", "complete_tables", 0, "", "", reason))
            return lists
    return frozenset()


def _units_read(drafts: list[Draft]) -> Mapping[str, str]:
    """Variable -> unit of its wide column, where that is not the dictionary's."""
    uses = [state.use for draft in drafts for state in draft.states if draft.table in WIDE]
    own = {use.variable.name: use.unit for use in uses if use.variable and use.beside is None}
    return MappingProxyType({name: unit for name, unit in own.items() if unit not in ("", variable(name).unit)})


def _latest(observations: pd.DataFrame | None) -> date | None:
    if observations is None or "time" not in observations or observations["time"].isna().all():
        return None
    return observations["time"].max().date()
