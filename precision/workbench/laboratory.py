"""Results of a laboratory in tables that are read: what nobody could interpret is said before they are loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from precision.io import issues
from precision.io.outcome import Import
from precision.io.review import table_names
from precision.pgx.of_cohort import RESULTS, doubts_of
from precision.workbench.phenotyped import phenotypes_of

RESULT = ("diplotype", "phenotype", "activity_score")
UNKNOWN, DOUBTFUL = "result_not_understood", "result_doubtful"
EXPECTED = "Write alleles as in *1/*4, and a phenotype or an activity score in a column of its own."


class Said(NamedTuple):
    """What is told of one reason: the code of the issue, the part of the table, and the sentence."""

    code: str
    part: str
    words: Callable[[str, str], str]


# Reason of a result -> what is told of it, made from the gene and from what follows the colon of the reason.
SAID = {
    "not_understood": Said(UNKNOWN, "diplotype", lambda gene, text: f"'{text}' is no result of {gene} that is known."),
    "phenotype_not_understood": Said(UNKNOWN, "phenotype", lambda gene, text: f"'{text}' is no phenotype of {gene}."),
    "gene_without_rules": Said(UNKNOWN, "gene", lambda gene, _: f"no source here speaks of a gene '{gene}'."),
    "function_not_assigned": Said(
        DOUBTFUL, "diplotype", lambda gene, text: f"no body assigns a function to {gene} {text}."
    ),
    "second_allele_missing": Said(
        DOUBTFUL, "diplotype", lambda gene, _: f"{gene} has one allele here where two are expected."
    ),
    "one_allele_expected": Said(
        DOUBTFUL, "diplotype", lambda gene, _: f"{gene} has two alleles here where one is expected."
    ),
    "copy_number_unknown": Said(
        DOUBTFUL, "diplotype", lambda gene, _: f"the number of copies of {gene} is not told, so no phenotype follows."
    ),
    "laboratory_differs": Said(
        DOUBTFUL, "phenotype", lambda gene, _: f"the phenotype of {gene} is not the one that follows from its alleles."
    ),
}


def checked(imported: Import) -> Import:
    """The import, with an issue for each laboratory result that is not understood or doubtful.

    The rows stay: the gene of the patient says the same where it is shown.
    """
    rows = imported.cohort.table(RESULTS) if imported.cohort is not None else pd.DataFrame()
    if rows.empty:
        return imported
    found = issues.frame(list(_issues(imported, rows)))
    if found.empty:
        return imported
    return replace(imported, issues=_sorted(imported.issues, found), counts=_counts(imported, found))


def _issues(imported: Import, rows: pd.DataFrame) -> Iterator[issues.Batch]:
    """The issues of each table, code and column together."""
    found: dict[tuple[str, str, str], list[tuple[int, str, str, str]]] = {}
    for number, reasons in enumerate(doubts_of(rows)):
        for kind, what in (reason.partition(":")[::2] for reason in reasons):
            if kind in SAID:
                row, told = rows.iloc[number], SAID[kind]
                gene = _cell(row, "gene").upper()
                part = next((name for name in (told.part, *RESULT) if _cell(row, name)), told.part)
                of_part = found.setdefault((str(row["source_file"]), told.code, part), [])
                of_part.append((int(row["source_row"]), _cell(row, part), told.words(gene, what), _fix(kind, gene)))
    for (table, code, part), lines in found.items():
        numbers, values, words, fixes = zip(*lines, strict=True)
        file, sheet, header = _place(imported, table, part)
        at = np.arange(len(lines))
        yield issues.Batch(file, sheet, header, issues.kinds()[code], np.array(numbers), at, values, words, fixes)


def _place(imported: Import, table: str, part: str) -> tuple[str, str, str]:
    """File, sheet and header of a part of a table."""
    columns = imported.columns
    here = columns[table_names(columns) == table]
    header = here.loc[here["becomes"] == part, "column"]
    file, sheet = (str(here[name].iloc[0]) for name in ("file", "sheet")) if len(here) else (table, "")
    return file, sheet, str(header.iloc[0]) if len(header) else part


def _cell(row: pd.Series, part: str) -> str:
    return f"{row[part]}".strip() if part in row and pd.notna(row[part]) else ""


def _fix(kind: str, gene: str) -> str:
    """The way out, with what could stand there."""
    usual = issues.kinds()[SAID[kind].code].fix
    if kind == "not_understood":
        return f"{EXPECTED} {usual}"
    if kind == "phenotype_not_understood" and (known := phenotypes_of(gene)):
        return f"Write one of: {', '.join(known)}. {usual}"
    return usual


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
    counts, warned = imported.counts.copy(), imported.issues[imported.issues["severity"] == "warning"]
    before, after = (pd.MultiIndex.from_arrays([table_names(part), part["row"]]).unique() for part in (warned, found))
    more = after.difference(before).get_level_values(0).value_counts()
    counts["with_warning"] += counts["file"].map(more).fillna(0).astype(int)
    return counts
