"""Genotypes of several files as one matrix: positions and samples of all, absent where a file has no record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from precision.genotypes import ABSENT, Genotypes, Sites

Value = TypeVar("Value", bound=np.generic)
Place = tuple[str, int, str]
MOST_ALTS = 126  # what int8 can number beside REF
OTHER = "<NON_REF>"  # stands for every ALT that has no number of its own


def numbered_alts(alts: Sequence[str]) -> tuple[str, ...]:
    """The ALTs of one place; where they are too many to be numbered, the longest share the last number."""
    if len(alts) <= MOST_ALTS:
        return tuple(alts)
    return (*sorted(alts, key=len)[: MOST_ALTS - 1], OTHER)


def number_of(alt: str, alts: tuple[str, ...]) -> int:
    """The number of an ALT among those of `numbered_alts`."""
    return 1 + alts.index(alt) if alt in alts else len(alts)


def crowded(genotypes: Genotypes) -> list[tuple[str, int]]:
    """Chromosome and position of the places where ALTs share a number."""
    sites = genotypes.sites
    shared = (len(alts) == MOST_ALTS and alts[-1] == OTHER for alts in sites.alts)
    return [(str(sites.chrom[row]), int(sites.pos[row])) for row, one in enumerate(shared) if one]


def rows_of(genotypes: Genotypes, chosen: NDArray[np.bool_]) -> Genotypes:
    """Some rows of the genotypes."""
    if chosen.all():
        return genotypes
    at = np.flatnonzero(chosen)
    sites = genotypes.sites
    return replace(
        genotypes,
        sites=Sites(sites.chrom[at], sites.pos[at], tuple(sites.ref[i] for i in at), tuple(sites.alts[i] for i in at)),
        alleles=genotypes.alleles[at],
        phased=genotypes.phased[at],
        phase_set=genotypes.phase_set[at],
        reference_block=genotypes.reference_block[at],
    )


def joined(parts: Sequence[Genotypes]) -> tuple[Genotypes, list[tuple[str, str]]]:
    """One matrix of all files, and (file, sample) where an earlier file has a record of the same sample and position.

    Records of one position and REF share a row, with the ALTs of all files; the first file's call stays.
    """
    if len(parts) == 1:
        return parts[0], []
    rows = _rows(parts)
    samples = {name: i for i, name in enumerate(dict.fromkeys(name for part in parts for name in part.samples))}
    shape = (len(rows), len(samples))
    alleles = np.full((*shape, 2), ABSENT, np.int8)
    phased, phase_set, block = np.zeros(shape, np.bool_), np.zeros(shape, np.int32), np.zeros(shape, np.bool_)
    numbers = {place: i for i, place in enumerate(rows)}
    overlaps: list[tuple[str, str]] = []
    for part in parts:
        at = np.array([numbers[place] for place in _places(part.sites)], dtype=np.intp)
        who = np.array([samples[name] for name in part.samples], dtype=np.intp)
        here = np.ix_(at, who)
        called = renumbered(part.alleles, part.sites.alts, [rows[place] for place in _places(part.sites)])
        vacant, told = alleles[here][..., 0] == ABSENT, called[..., 0] != ABSENT
        overlaps += [(part.file, part.samples[i]) for i in np.flatnonzero((~vacant & told).any(axis=0))]
        alleles[here] = np.where(vacant[..., None], called, alleles[here])
        for into, of in ((phased, part.phased), (phase_set, part.phase_set), (block, part.reference_block)):
            _fill(into, here, of, vacant)
    chrom, pos, refs = zip(*rows, strict=True)
    sites = Sites(np.array(chrom, dtype=np.str_), np.array(pos, dtype=np.int32), refs, tuple(rows.values()))
    names = f"{parts[0].file} and {len(parts) - 1:,} more"
    arrays = frozenset[str]().union(*(part.arrays for part in parts))
    none = parts[0].issues.iloc[:0]
    named = next((part.build for part in parts if part.build), "")
    return Genotypes(tuple(samples), sites, alleles, phased, phase_set, block, names, none, arrays, named), overlaps


def _fill(
    into: NDArray[Value], here: tuple[NDArray[np.intp], ...], of: NDArray[Value], vacant: NDArray[np.bool_]
) -> None:
    if of.any():
        into[here] = np.where(vacant, of, into[here])


def _rows(parts: Sequence[Genotypes]) -> dict[Place, tuple[str, ...]]:
    """Position and REF -> the ALTs that any file gives there, in the order of the files."""
    found: dict[Place, tuple[str, ...]] = {}
    for part in parts:
        for place, alts in zip(_places(part.sites), part.sites.alts, strict=True):
            found[place] = tuple(dict.fromkeys((*found.get(place, ()), *alts)))
    return {place: numbered_alts(alts) for place, alts in found.items()}


def _places(sites: Sites) -> list[Place]:
    return list(zip(sites.chrom.tolist(), sites.pos.tolist(), sites.ref, strict=True))


def renumbered(
    alleles: NDArray[np.int8], before: Sequence[tuple[str, ...]], after: Sequence[tuple[str, ...]]
) -> NDArray[np.int8]:
    """(V, S, 2) alleles numbered by the ALTs of the joined records; 0 and the states below it stay."""
    found = alleles
    for row, (old, new) in enumerate(zip(before, after, strict=True)):
        if new[: len(old)] != old:
            if found is alleles:
                found = alleles.copy()
            table = np.arange(256, dtype=np.uint8).view(np.int8).copy()
            table[1 : 1 + len(old)] = [number_of(alt, new) for alt in old]
            found[row] = table[alleles[row].view(np.uint8)]
    return found
