"""A file of a laboratory's results: its columns by any of their names, and whose each line is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from precision.errors import InputError
from precision.io.written import text_of

COLUMNS = ("gene", "diplotype", "phenotype", "activity_score")
RESULTS = COLUMNS[1:]
SPELT: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "sample": ("sample", "patient_id", "sample_id", "patient", "sampleid"),
        "gene": ("gene", "gene_symbol", "gene_name"),
        "diplotype": ("diplotype", "genotype", "result", "alleles", "allele", "star_alleles"),
        "phenotype": ("phenotype", "metabolizer_status", "metaboliser_status"),
        "activity_score": ("activity_score", "score", "activity"),
        "": ("caller", "laboratory", "lab", "method", "source", "date", "comment", "comments", "note", "notes"),
    }
)
NAMED = MappingProxyType({spelt: name for name, several in SPELT.items() for spelt in several})
GENE = re.compile(r"[A-Z0-9][A-Z0-9/._-]*")


def read_outside_calls(path: Path) -> pd.DataFrame:
    """Outside calls from a tab-separated file: gene, diplotype, phenotype, activity score; only the gene is needed.

    A first line that names its columns may add `sample`; a line that begins with '#' is a comment. Bytes that are not
    UTF-8 are read as Windows-1252.

    Returns
    -------
    file, line, sample, gene, diplotype, phenotype, activity_score

    Raises
    ------
    InputError : the file is no text or has no line, a column is not understood, or a line has no gene or too many
        columns
    """
    lines = [(number, line.split("\t")) for number, line in enumerate(text_of(path).splitlines(), start=1)]
    lines = [(number, [cell.strip() for cell in cells]) for number, cells in lines if "".join(cells).strip()]
    lines = [(number, cells) for number, cells in lines if not cells[0].startswith("#")]
    if not lines:
        raise InputError(f"{path.name}: no outside call in it; expected lines of gene, diplotype, phenotype, score")
    header: Sequence[str] = COLUMNS
    if "gene" in [NAMED.get(_key(cell)) for cell in lines[0][1]]:
        header, lines = _header(f"{path.name}, line {lines[0][0]}", lines[0][1]), lines[1:]
    if not lines:
        raise InputError(f"{path.name}: no outside call in it but a header; write one on each line below it")
    rows: list[dict[str, str | int]] = []
    empty = dict.fromkeys(("sample", *COLUMNS), "")
    for number, cells in lines:
        told = {**empty, **dict(zip(header, [*cells, *[""] * len(header)], strict=False))}
        gene = told["gene"].upper()
        if len(cells) > len(header) or not gene:
            expected = ", ".join(filter(None, header))
            raise InputError(f"{path.name}, line {number}: expected {expected}; found {len(cells)} columns")
        if not GENE.fullmatch(gene):
            raise InputError(
                f"{path.name}, line {number}: '{told['gene']}' is no gene; "
                f"write a tab between {', '.join(filter(None, header))}"
            )
        rows.append({"file": path.name, "line": number, **{name: told[name] for name in empty}, "gene": gene})
    return pd.DataFrame(rows, columns=["file", "line", "sample", *COLUMNS])


def _key(header: str) -> str:
    return re.sub(r"[\s-]+", "_", header.casefold())


def _header(where: str, cells: Sequence[str]) -> list[str]:
    """The columns by our names; empty where one is not used."""
    if unknown := [cell for cell in cells if cell and _key(cell) not in NAMED]:
        raise InputError(
            f"{where}: column '{unknown[0]}' is not understood; name columns sample, {', '.join(COLUMNS)}, "
            "and remove others"
        )
    header = [NAMED.get(_key(cell), "") for cell in cells]
    if twice := [name for name in header if name and header.count(name) > 1]:
        raise InputError(f"{where}: two columns say '{twice[0]}': {', '.join(cells)}; keep one of them")
    if not set(header) & set(RESULTS):
        raise InputError(f"{where}: no column is {', '.join(RESULTS[:-1])} or {RESULTS[-1]}; found {', '.join(cells)}")
    return header


def of_samples(rows: pd.DataFrame, samples: Sequence[str]) -> pd.DataFrame:
    """The outside calls of the samples of one file of several.

    Raises
    ------
    InputError : a row names no sample, and could belong to any file
    """
    for where, sample, gene, diplotype, *_ in rows_said(rows):
        if not sample:
            raise InputError(f"{where}outside call {gene} {diplotype}: several files are read; name the sample")
    return rows[rows["sample"].isin(list(samples))]


def check_samples(rows: pd.DataFrame, samples: Iterable[str]) -> None:
    """See that every outside call is of one of these samples.

    Raises
    ------
    InputError : a row names another
    """
    known = set(samples)
    for where, sample, gene, diplotype, *_ in rows_said(rows):
        if sample and sample not in known:
            raise InputError(f"{where}outside call {gene} {diplotype}: sample '{sample}' is not in the genotypes")


def rows_said(rows: pd.DataFrame) -> Iterable[tuple[str, ...]]:
    """Where a row stands ('calls.tsv, line 3: '), its sample, gene and result."""
    names = ("file", "line", "sample", *COLUMNS)
    columns = [_cells(rows[name]) if name in rows else [""] * len(rows) for name in names]
    for file, line, *cells in zip(*columns, strict=True):
        yield (f"{file}, line {line}: " if file else "", *cells)


def _cells(column: pd.Series) -> list[str]:
    return [str(value) for value in column.astype(object).where(column.notna(), "")]
