"""Who carries a disease-causing germline variant, by gene."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import Cohort, positions
from precision.features.genotype_cells import is_lettered, lettered, numbered
from precision.knowledge.table import read
from precision.result import Array
from precision.schema import match_header

Mask = NDArray[np.bool_]
GENES = ("variable", "gene", "why", "source", "year", "doi", "status")
COLUMNS = ("gene", "assembly", "chrom", "pos", "ref", "alt", "clinvar", "stars")
DISEASE_CAUSING = frozenset({"pathogenic", "likely pathogenic"})
CLEAN = ("", "pass", ".")
ANY = range(1, 100)  # alternate alleles


def carriers(cohort: Cohort) -> Mapping[str, Array]:
    """Gene -> (N,) 1 for carriers, NaN for everybody else.

    A carrier has a germline row of the variants table that is called, not filtered out, and pathogenic or likely
    pathogenic by its own significance or by the short list of ``variants.csv``. Nothing else is said: a variant
    that is not found may be one that was not looked for.
    """
    rows = cohort.table("variants")
    rows = rows[_significant(rows) | _places(rows).isin(_positions())]
    if rows.empty:
        return {}
    listed = _listed(rows)
    causing = _germline(rows) & _clean(rows) & ((_significant(rows) & _called(rows)) | (listed != ""))
    patient, own = positions(rows["patient_id"], cohort.ids), _text(rows, "gene")
    found: dict[str, Array] = {}
    for row in np.flatnonzero(causing & (patient >= 0)):
        gene = str(listed[row] or own[row])
        found.setdefault(gene, np.full(len(cohort), np.nan))[patient[row]] = 1.0
    return found


def carried(cohort: Cohort, name: str) -> Array | None:
    """(N,) 1 for carriers in any gene of a variable, NaN for everybody else; None where nobody is known to carry."""
    found = [genes for gene, genes in carriers(cohort).items() if gene in gene_groups()[name]]
    return np.fmax.reduce(found) if found else None


@cache
def gene_groups() -> Mapping[str, frozenset[str]]:
    """Variable -> the genes of which a disease-causing variant makes it true."""
    rows = read("germline", "genes.csv", GENES, ("variable", "gene"))
    return {str(name): frozenset(genes["gene"].astype(str)) for name, genes in rows.groupby("variable", sort=False)}


def is_disease_causing(significance: str) -> bool:
    """Whether a clinical significance says pathogenic or likely pathogenic, and nothing against it.

    'Pathogenic/Likely_pathogenic' and 'Pathogenic|drug_response' do; 'Conflicting_classifications_of_pathogenicity',
    'Uncertain significance' and 'Pathogenic, low penetrance' do not.
    """
    plain = significance.replace("_", " ").casefold()
    words = {part.strip() for part in re.split(r"[/|;]", plain)}
    return bool(words & DISEASE_CAUSING) and not any("conflict" in word or "benign" in word for word in words)


def carries(genotype: str, alternates: Collection[int], bases: Sequence[str] = ()) -> bool:
    """Whether a genotype ('0/1', 'het', 'A/G') has one of these alternate alleles, counted from 1.

    Parameters
    ----------
    bases : REF and ALTs of the row; without them a genotype in letters says nothing
    """
    first, second, _ = lettered(genotype, bases) if is_lettered(genotype) else numbered(genotype)
    return first in alternates or second in alternates


@cache
def _known() -> Mapping[tuple[str, str, int, str], tuple[str, str]]:
    """(assembly, chromosome, position, reference) -> gene and alternate allele of a listed variant."""
    rows = read("germline", "variants.csv", COLUMNS, ("assembly", "chrom", "pos", "ref", "alt"))
    return {
        (row["assembly"], row["chrom"], int(row["pos"]), row["ref"]): (row["gene"], row["alt"])
        for _, row in rows.iterrows()
    }


@cache
def _positions() -> tuple[int, ...]:
    return tuple(sorted({position for _, _, position, _ in _known()}))


def _places(rows: pd.DataFrame) -> pd.Series[float]:
    """(M,) positions as numbers, NaN where none is written."""
    return pd.to_numeric(rows["pos"], errors="coerce")


def _listed(rows: pd.DataFrame) -> NDArray[np.object_]:
    """(M,) gene of the listed variant that a row carries, empty where none."""
    columns = [_text(rows, name) for name in ("assembly", "chrom", "ref", "alt", "genotype")]
    places = _places(rows).fillna(0).astype(int)
    return np.array([_gene(int(pos), *cells) for pos, *cells in zip(places, *columns, strict=True)], dtype=object)


def _gene(pos: int, assembly: str, chrom: str, ref: str, alt: str, genotype: str) -> str:
    gene, allele = _known().get((assembly, chrom.removeprefix("chr"), pos, ref), ("", ""))
    alternates = [k for k, text in enumerate(alt.split(","), start=1) if text == allele]
    return gene if alternates and genotype and carries(genotype, alternates, (ref, *alt.split(","))) else ""


def _significant(rows: pd.DataFrame) -> Mask:
    column = next((name for name in map(str, rows) if _means_significance(name)), "")
    codes, texts = pd.factorize(_text(rows, column))
    return np.array([is_disease_causing(str(text)) for text in texts])[codes]


def _means_significance(header: str) -> bool:
    match = match_header(header, "variants")
    return match is not None and match.variable.name == "significance"


def _called(rows: pd.DataFrame) -> Mask:
    """(M,) rows whose genotype has any alternate allele; a row without a genotype reports what was found."""
    name = "genotype" if "genotype" in rows else "zygosity"
    cells = pd.MultiIndex.from_arrays([_text(rows, column) for column in (name, "ref", "alt")])
    codes, distinct = pd.factorize(cells)
    called = [
        not text or carries(text, ANY, (ref.upper(), *alt.upper().split(","))) for text, ref, alt in distinct.tolist()
    ]
    return np.array(called, np.bool_)[codes]


def _germline(rows: pd.DataFrame) -> Mask:
    """(M,) rows said to be germline; a table without the column holds inherited variants only."""
    return np.isin(_text(rows, "origin"), ("germline",)) if "origin" in rows else np.ones(len(rows), dtype=bool)


def _clean(rows: pd.DataFrame) -> Mask:
    codes, texts = pd.factorize(_text(rows, "filter"))
    return np.array([str(text).casefold() in CLEAN for text in texts])[codes]


def _text(rows: pd.DataFrame, column: str) -> NDArray[np.object_]:
    """(M,) cells as text, empty where nothing is written."""
    if column not in rows:
        return np.full(len(rows), "", dtype=object)
    return rows[column].astype("str").fillna("").to_numpy(dtype=object)
