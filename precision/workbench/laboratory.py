"""Results of a laboratory in tables that are read: what nobody could interpret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from precision.io import issues
from precision.io.outcome import Import
from precision.io.review import place
from precision.pgx.functions import greatest_score
from precision.pgx.of_cohort import doubts_of
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
    "score_out_of_range": Said(
        UNKNOWN,
        "activity_score",
        lambda gene, text: f"the activity score of {gene} lies from 0 to {greatest_score(gene):g}, not at '{text}'.",
    ),
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


def unclear_results(imported: Import, rows: pd.DataFrame) -> Iterator[issues.Batch]:
    """An issue for each row of results that is not understood or doubtful; those of a table, code and column together.

    The rows stay: the gene of the patient says the same where it is shown.
    """
    found: dict[tuple[str, str, str], list[tuple[int, str, str, str]]] = {}
    cells = {part: _cells(rows, part) for part in ("gene", *RESULT)}
    files, lines_of = rows["source_file"].tolist(), rows["source_row"].tolist()
    for number, reasons in enumerate(doubts_of(rows)):
        for kind, what in (reason.partition(":")[::2] for reason in reasons):
            if kind in SAID:
                told, gene = SAID[kind], cells["gene"][number].upper()
                part = next((name for name in (told.part, *RESULT) if cells[name][number]), told.part)
                of_part = found.setdefault((str(files[number]), told.code, part), [])
                value, words = cells[part][number], told.words(gene, what)
                of_part.append((int(lines_of[number]), value, words, _fix(kind, gene)))
    for (table, code, part), lines in found.items():
        numbers, values, words, fixes = zip(*lines, strict=True)
        file, sheet, header = place(imported, table, part)
        at = np.arange(len(lines))
        yield issues.Batch(file, sheet, header, issues.kinds()[code], np.array(numbers), at, values, words, fixes)


def refused_lines(rows: pd.DataFrame) -> Iterator[tuple[str, int, str]]:
    """What nobody understands in outside calls (`read_outside_calls`): column, line of the file, and a sentence."""
    cells = {part: _cells(rows, part) for part in ("gene", *RESULT)}
    for number, reasons in enumerate(doubts_of(rows)):
        for kind, what in (reason.partition(":")[::2] for reason in reasons):
            if kind in SAID and SAID[kind].code == UNKNOWN:
                gene = cells["gene"][number]
                told = [SAID[kind].part, *RESULT]
                part = next((name for name in told if what and what in cells[name][number]), told[0])
                way_out = f"{_way_out(kind, gene)} It is not used.".strip() if what else "Check how it is written."
                yield part, int(rows["line"].iloc[number]), f"{SAID[kind].words(gene, what)} {way_out}"


def _cells(rows: pd.DataFrame, part: str) -> list[str]:
    """The text of each cell, empty where nothing is written."""
    if part not in rows:
        return [""] * len(rows)
    return ["" if missing else f"{cell}".strip() for cell, missing in zip(rows[part], rows[part].isna(), strict=True)]


def _fix(kind: str, gene: str) -> str:
    """The way out, with what could stand there."""
    return f"{_way_out(kind, gene)} {issues.kinds()[SAID[kind].code].fix}".strip()


def _way_out(kind: str, gene: str) -> str:
    if kind == "not_understood":
        return EXPECTED
    if kind == "phenotype_not_understood" and (known := phenotypes_of(gene)):
        return f"Write one of: {', '.join(known)}."
    return ""
