"""Germline genotypes by ancestry: two haplotypes per person and locus, written as VCF or as tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.synth import scenarios, tables
from precision.synth.draws import Array, Draws
from precision.synth.people import GROUPS, People
from precision.synth.tables import Row

ASSEMBLY = "GRCh38"
NOT_TESTED = 0.2  # share of people without a germline file (assumption)
NO_CALL = 0.006  # share of genotypes that could not be called (assumption)
CYP2D6_TESTED = 0.75  # share of the tested whose laboratory reported CYP2D6 (assumption)
NOT_CALLED = -1
Alleles = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Germline:
    """Genotypes of the people who were tested.

    patient : (T,) row numbers; positions : M rows; alleles : (T, M, 2) index of each allele in REF, ALT...,
    the smaller first because the phase is not known, -1 = not called.
    """

    patient: NDArray[np.intp]
    positions: Sequence[Row]
    alleles: Alleles


def germline(person: People, draws: Draws) -> Germline:
    """Draw the haplotypes of each locus and read the alleles off them."""
    positions = tables.rows("positions")
    alleles = np.zeros((draws.people, len(positions), 2), dtype=np.int8)
    group = person["ancestry_group"].astype(np.intp)
    for locus, listed in groupby(tables.rows("haplotypes"), key=lambda row: row["locus"]):
        haplotypes = list(listed)
        drawn = _haplotypes(locus, haplotypes, group, draws)
        for i, index in _carried(locus, haplotypes, positions).items():
            alleles[:, i] = index[drawn]
    alleles.sort(axis=2)
    scenario = scenarios.here(draws)
    no_call = draws.uniform("no call", len(positions)) < NO_CALL
    alleles[no_call & ~scenario[:, None]] = NOT_CALLED
    tested = (draws.uniform("germline test") >= NOT_TESTED) | scenario
    return Germline(np.flatnonzero(tested), positions, alleles[tested])


def _haplotypes(locus: str, haplotypes: list[Row], group: NDArray[np.intp], draws: Draws) -> NDArray[np.intp]:
    """(N, 2) index of the two haplotypes of each person; a scenario patient carries no hereditary variant unasked."""
    shares = _shares(haplotypes)[group]
    drawn = np.stack([draws.chosen(f"{locus} {copy}", shares) for copy in range(2)], axis=1)
    if haplotypes[0]["kind"] == "hereditary":
        drawn[scenarios.here(draws)] = 0
    names = tables.column(haplotypes, "haplotype")
    for position, row in scenarios.rows("scenario_genotypes", draws):
        if row["locus"] == locus:
            drawn[position] = names.index(row["haplotype_1"]), names.index(row["haplotype_2"])
    return drawn


def _shares(haplotypes: list[Row]) -> Array:
    """(groups, haplotypes) frequencies; the first haplotype of a locus has what the others leave over."""
    shares = np.array([tables.numbers(haplotypes, group) for group in GROUPS])
    shares[:, 0] = 1 - shares[:, 1:].sum(axis=1)
    return shares


def _carried(locus: str, haplotypes: list[Row], positions: Sequence[Row]) -> dict[int, Alleles]:
    """Index of a position -> (haplotypes,) index of the allele that each haplotype carries there."""
    index_of = {row["pos"]: i for i, row in enumerate(positions) if row["locus"] == locus}
    carried = {i: np.zeros(len(haplotypes), dtype=np.int8) for i in index_of.values()}
    for k, row in enumerate(haplotypes):
        for variant in row["variants"].split():
            pos = variant.rstrip("ACGT")
            i = index_of[pos]
            carried[i][k] = 1 + positions[i]["alt"].split(",").index(variant[len(pos) :])
    return carried


def vcf_lines(found: Germline, ids: NDArray[np.str_]) -> Iterator[str]:
    """The lines of a VCF 4.2 file with one sample per tested person."""
    yield from (
        "##fileformat=VCFv4.2",
        "##source=Precision synthetic cohort; no real person",
        f"##reference={ASSEMBLY}",
        '##FILTER=<ID=PASS,Description="All filters passed">',
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype, not phased">',
    )
    chromosomes = dict.fromkeys(tables.column(found.positions, "chrom"))
    yield from (f"##contig=<ID={chrom},assembly={ASSEMBLY}>" for chrom in chromosomes)
    yield "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *ids[found.patient]])
    for i, row in enumerate(found.positions):
        site = [row["chrom"], row["pos"], row["rsid"] or ".", row["ref"], row["alt"], ".", "PASS", ".", "GT"]
        yield "\t".join([*site, *genotype_text(found.alleles[:, i])])


def genotype_text(alleles: Alleles) -> NDArray[np.str_]:
    """(T,) texts as 0/1 from (T, 2) allele indices; ./. where not called."""
    words = np.array([*"0123456789", "."])  # index -1 is the dot
    return np.char.add(np.char.add(words[alleles[:, 0]], "/"), words[alleles[:, 1]])


def variants(found: Germline) -> pd.DataFrame:
    """Genotypes that differ from the reference or were not called, at pharmacogenes and hereditary positions."""
    kinds = {row["locus"]: row["kind"] for row in tables.rows("haplotypes")}
    kept = [i for i, row in enumerate(found.positions) if kinds[row["locus"]] != "score"]
    who, where = np.nonzero((found.alleles[:, kept] != 0).any(axis=2))
    sites = pd.DataFrame([found.positions[i] for i in kept], dtype="str").iloc[where].reset_index(drop=True)
    genotype = genotype_text(found.alleles[:, kept][who, where])
    table = pd.DataFrame({"patient": found.patient[who], "origin": "germline", "assembly": ASSEMBLY})
    table = pd.concat([table, sites[["chrom", "pos", "ref", "alt", "rsid"]]], axis=1).astype({"pos": np.int64})
    return table.assign(gene=sites["locus"].str.split(" ").str[0], genotype=genotype)


def diplotypes(person: People, draws: Draws) -> pd.DataFrame:
    """CYP2D6 diplotypes as a laboratory reports them, for most of the people who were tested."""
    table = tables.rows("cyp2d6")
    shares = np.array([tables.numbers(table, group) for group in GROUPS])[person["ancestry_group"].astype(np.intp)]
    drawn = np.stack([draws.chosen(f"CYP2D6 {copy}", shares) for copy in range(2)], axis=1)
    pair = np.sort(drawn, axis=1)  # the table lists the alleles in the order in which a diplotype names them
    pair[scenarios.here(draws)] = 0
    tested = (draws.uniform("germline test") >= NOT_TESTED) & (draws.uniform("CYP2D6 test") < CYP2D6_TESTED)
    who = np.flatnonzero(tested | scenarios.here(draws))
    star = np.array(tables.column(table, "allele"))
    both = np.char.add(np.char.add(star[pair[who, 0]], "/"), star[pair[who, 1]])
    return pd.DataFrame({"patient": who, "gene": "CYP2D6", "diplotype": both, "caller": "laboratory report"})
