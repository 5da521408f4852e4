"""Genotypes made by hand: what the tests of star alleles call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.genotypes import ABSENT, FILTERED, HAPLOID, NO_CALL, Genotypes, Sites
from precision.pgx.definitions import BUILDS, GRCH38, Gene, Variant, called_genes, genes

STATES = {".": NO_CALL, "filtered": FILTERED, "absent": ABSENT}


def variants(*names: str) -> list[Variant]:
    """The variants of genes, those that are only shown among them."""
    return [one for name in names for one in (*genes()[name].variants, *genes()[name].shown)]


def person(
    calls: Mapping[str, str], *names: str, build: str = GRCH38, absent: Sequence[str] = (), sets: Mapping[str, int] = {}
) -> Genotypes:
    """One person with the reference allele everywhere but at the variants named, 'G/A' or 'G|A' or 'A' or './.'.

    Parameters
    ----------
    names : genes whose positions the file has; none = all
    absent : variants without a record
    sets : phase set of a call
    """
    chosen = [one for one in variants(*(names or called_genes())) if one.name not in absent]
    column = BUILDS.index(build)
    alleles = np.zeros((len(chosen), 1, 2), np.int8)
    phased = np.zeros((len(chosen), 1), np.bool_)
    phase_set = np.zeros((len(chosen), 1), np.int32)
    refs, alts = [], []
    for row, variant in enumerate(chosen):
        ref = variant.bases[variant.reference[column]]
        text = calls.get(variant.name, "")
        parts = text.replace("|", "/").split("/") if text else [ref, ref]
        known = [*dict.fromkeys([*(base for base in variant.bases if base != ref), *parts])]
        known = [base for base in known if base != ref and base not in STATES]
        codes = [STATES[part] if part in STATES else [ref, *known].index(part) for part in parts]
        alleles[row, 0] = codes if len(codes) == 2 else [codes[0], HAPLOID]
        phased[row, 0], phase_set[row, 0] = "|" in text, sets.get(variant.name, 0)
        refs.append(ref)
        alts.append(",".join(known))
    chromosomes = [variant.chromosome for variant in chosen]
    sites = Sites.at(chromosomes, [variant.position[column] for variant in chosen], refs, alts)
    return genotypes(sites, alleles, phased, phase_set)


def people(gene: Gene, rows: NDArray[np.intp], phased: bool = False) -> Genotypes:
    """People of whom each has two rows of a gene's definitions; rows : (S, 2)."""
    references = [variant.bases[0] for variant in gene.variants]
    alts = [",".join(variant.bases[1:]) for variant in gene.variants]
    positions = [variant.position[0] for variant in gene.variants]
    sites = Sites.at([gene.chromosome] * len(positions), positions, references, alts)
    alleles = np.ascontiguousarray(gene.row_code[rows].transpose(2, 0, 1))
    return genotypes(sites, alleles, np.full(alleles.shape[:2], phased))


def genotypes(
    sites: Sites,
    alleles: NDArray[np.int8],
    phased: NDArray[np.bool_] | None = None,
    phase_set: NDArray[np.int32] | None = None,
    reference_block: NDArray[np.bool_] | None = None,
) -> Genotypes:
    """Genotypes from arrays; unphased, no reference blocks where none are given."""
    shape = alleles.shape[:2]
    return Genotypes(
        samples=tuple(f"P{index}" for index in range(shape[1])),
        sites=sites,
        alleles=alleles,
        phased=np.zeros(shape, np.bool_) if phased is None else phased,
        phase_set=np.zeros(shape, np.int32) if phase_set is None else phase_set,
        reference_block=np.zeros(shape, np.bool_) if reference_block is None else reference_block,
        file="made.vcf",
        issues=pd.DataFrame(),
    )
