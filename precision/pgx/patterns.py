"""The distinct genotypes of a gene in a cohort: people who have the same calls are looked at once.

Calls that differ from reference are few, so each sample's calls are summed up as one 64-bit number from those alone;
two different genotypes of one gene share it with a chance of 2^-64.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.genotypes import ABSENT, Genotypes
from precision.pgx.coding import Places
from precision.pgx.definitions import Gene
from precision.pgx.settling import settle, where
from precision.pgx.states import BLOCK_AT_INDEL
from precision.pgx.together import together

CALLS_AT_ONCE = 1 << 21
FREE = -1  # the strand of a heterozygous call is not known
COMPLETE_BIT, BLOCK_BIT, PHASED_BIT, SEX_BIT, SET_BIT = (np.uint64(1 << bit) for bit in (59, 60, 61, 62, 63))


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """U distinct genotypes of a gene with P variants.

    of_sample : (S,) the pattern of each sample
    codes : (U, P, 2) code of each allele, or a negative state
    block : (U, P) index of the first variant of the same phase block where the call is heterozygous and phased, else -1
    missing : (U, P) the call is not known
    haploid : (U,) one copy of the gene; sex : (U,) as given, for a gene on X
    undocumented : (U, P) a base that no definition knows was there, also where it is taken as reference
    """

    of_sample: NDArray[np.int32]
    codes: NDArray[np.int8]
    block: NDArray[np.int16]
    missing: NDArray[np.bool_]
    haploid: NDArray[np.bool_]
    sex: NDArray[np.int8]
    undocumented: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, chosen: slice) -> Patterns:
        """Some patterns alone, without their samples."""
        return Patterns(
            np.zeros(0, np.int32),
            self.codes[chosen],
            self.block[chosen],
            self.missing[chosen],
            self.haploid[chosen],
            self.sex[chosen],
            self.undocumented[chosen],
        )


def find_patterns(
    genotypes: Genotypes, gene: Gene, places: Places, sex: NDArray[np.int8], complete: NDArray[np.bool_]
) -> Patterns:
    """The distinct genotypes of a gene, each with its calls in the codes of the definitions.

    complete : (S,) a position without a record is reference
    """
    of_sample, first = _distinct(genotypes, gene, places, sex, complete)
    size = (len(places.reference), len(first))  # variants lie together in memory, as they are read
    codes = np.empty((2, *size), np.int8).transpose(2, 1, 0)
    phased, phase_set = np.zeros(size, np.bool_).T, np.zeros(size, np.int32).T
    _read_codes(genotypes, places, first, codes, phased, phase_set)
    if complete.any():
        absent = (codes[..., 0] == ABSENT) & (codes[..., 1] == ABSENT)
        pattern, column = where(absent & complete[first][:, None])
        codes[pattern, column] = places.reference[column, None]
    settled = settle(codes, places.reference, gene, sex[first])
    block = phase_blocks(codes, phased & ~settled.missing if phased.any() else phased, phase_set)
    return Patterns(of_sample, codes, block, settled.missing, settled.haploid, sex[first], settled.undocumented)


def codes_of_everyone(genotypes: Genotypes, places: Places) -> NDArray[np.int8]:
    """(V, S, 2) codes at each place, for variants that are only shown."""
    everyone = np.arange(len(genotypes.samples))
    size = (len(places.reference), len(everyone))
    codes = np.empty((2, *size), np.int8).transpose(2, 1, 0)
    _read_codes(genotypes, places, everyone, codes, np.zeros(size, np.bool_).T, np.zeros(size, np.int32).T)
    return codes.transpose(1, 0, 2)


def phase_blocks(codes: NDArray[np.int8], phased: NDArray[np.bool_], phase_set: NDArray[np.int32]) -> NDArray[np.int16]:
    """(U, P) the first variant of each heterozygous phased call's block; -1 elsewhere."""
    block = np.full_like(phased, FREE, np.int16)
    if not phased.any():
        return block
    pattern, column = where(phased & (codes[..., 0] != codes[..., 1]))
    if len(pattern):
        block[pattern, column] = _first_of_set(pattern, phase_set[pattern, column], column)
    return block


def _distinct(
    genotypes: Genotypes, gene: Gene, places: Places, sex: NDArray[np.int8], complete: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """(S,) the pattern of each sample, and (U,) the first sample of each."""
    if len(genotypes.samples) == 1:
        return np.zeros(1, np.int32), np.zeros(1, np.intp)
    seen = np.zeros(len(genotypes.samples), np.uint64)
    if gene.on_x:
        seen += _mixed(SEX_BIT | sex.astype(np.uint64))
    seen[complete] += _mixed(COMPLETE_BIT)
    _sum_calls(genotypes, places, seen)
    of_sample, distinct = pd.factorize(seen)
    first = np.empty(len(distinct), np.intp)
    first[of_sample[::-1]] = np.arange(len(seen) - 1, -1, -1)
    return of_sample.astype(np.int32), first


def _groups(genotypes: Genotypes, count: int) -> Iterator[slice]:
    """Slices of records that are looked at together, so that few calls are copied at a time."""
    step = max(1, CALLS_AT_ONCE // max(1, len(genotypes.samples)))
    return (slice(start, start + step) for start in range(0, count, step))


def _raw(genotypes: Genotypes, rows: NDArray[np.intp]) -> NDArray[np.int16]:
    """(G, S) both allele indices of a call as one number; 0 is 0/0."""
    return np.ascontiguousarray(genotypes.alleles[rows]).view(np.int16)[..., 0]


def _sum_calls(genotypes: Genotypes, places: Places, seen: NDArray[np.uint64]) -> None:
    """Add to each sample's number a term for every call that is not 0/0, and one for its phase."""
    rows, columns = places.row, places.column
    if not len(rows):
        return
    phased: list[tuple[NDArray[np.intp], NDArray[np.int32], NDArray[np.intp]]] = []
    for group in _groups(genotypes, len(rows)):
        raw = _raw(genotypes, rows[group])
        record, people = np.divmod(np.flatnonzero(raw), raw.shape[1])
        row, column = rows[group][record], columns[group][record]
        one, two = raw[record, people][:, None].view(np.int8).T
        strands = genotypes.phased[row, people] & (one != two) & (one >= 0) & (two >= 0)
        low, high = np.where(strands, one, np.minimum(one, two)), np.where(strands, two, np.maximum(one, two))
        key = low.view(np.uint8).astype(np.uint64) << np.uint64(8) | high.view(np.uint8)
        key |= np.where(strands, PHASED_BIT, np.uint64(0)) | row.astype(np.uint64) << np.uint64(20)
        np.add.at(seen, people, _mixed(key))
        phased.append((people[strands], genotypes.phase_set[row[strands], people[strands]], column[strands]))
    people, sets, column = (np.concatenate(parts) for parts in zip(*phased, strict=True))
    if sets.any():
        key = _first_of_set(people, sets, column).astype(np.uint64) << np.uint64(12) | column.astype(np.uint64)
        np.add.at(seen, people, _mixed(SET_BIT | key))
    for row in rows[places.indel[columns]].tolist():
        inside = np.flatnonzero(genotypes.reference_block[row])
        seen[inside] += _mixed(BLOCK_BIT | np.uint64(row << 20))


def _first_of_set(owner: NDArray[np.intp], phase_set: NDArray[np.int32], column: NDArray[np.intp]) -> NDArray[np.int16]:
    """(N,) the lowest column among entries of one owner and phase set."""
    order = np.lexsort((column, phase_set, owner))
    starts = np.ones(len(order), np.bool_)
    starts[1:] = (np.diff(owner[order]) != 0) | (np.diff(phase_set[order]) != 0)
    found = np.empty(len(order), np.int16)
    found[order] = column[order][np.flatnonzero(starts)[np.cumsum(starts) - 1]]
    return found


def _read_codes(
    genotypes: Genotypes,
    places: Places,
    samples: NDArray[np.intp],
    codes: NDArray[np.int8],
    phased: NDArray[np.bool_],
    phase_set: NDArray[np.int32],
) -> None:
    """Fill (U, P, 2) codes, (U, P) phase and phase sets, from all records of a place together."""
    codes[:] = ABSENT
    for turn in range(places.turn.max(initial=-1) + 1):
        now = places.turn == turn
        columns, rows, tables = places.column[now], places.row[now], places.code[now]
        for group in _groups(genotypes, len(rows)):
            raw = _raw(genotypes, rows[group])[:, samples]
            found = np.broadcast_to(tables[group, :1, None], (*raw.shape, 2)).copy()
            record, pattern = np.divmod(np.flatnonzero(raw), raw.shape[1])
            index = raw[record, pattern][:, None].view(np.uint8)
            found[record, pattern] = tables[group][record[:, None], index]
            for at in np.flatnonzero(places.indel[columns[group]]).tolist():
                found[at, genotypes.reference_block[rows[group][at]][samples]] = BLOCK_AT_INDEL
            strands = genotypes.phased[rows[group][record], samples[pattern]]
            record, pattern = record[strands], pattern[strands]
            column = columns[group][record]
            if turn:
                before = codes[:, columns[group]].transpose(1, 0, 2)
                told = [places.told_twice(one, turn) for one in columns[group].tolist()]
                made = together(before, found, places.reference[columns[group]], told)
                stays = (made == before).all(axis=2)
                better = (made == found).all(axis=2) & ~stays
                found = made
                phased[:, columns[group]] &= stays.T
                kept = better[record, pattern]
                record, pattern, column = record[kept], pattern[kept], column[kept]
            codes[:, columns[group]] = found.transpose(1, 0, 2)
            phased[pattern, column] = True
            phase_set[pattern, column] = genotypes.phase_set[rows[group][record], samples[pattern]]


def _mixed(key: NDArray[np.uint64] | np.uint64) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele 2014): neighbouring keys become unrelated numbers."""
    with np.errstate(over="ignore"):
        mixed = np.atleast_1d(key) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0xD1B54A32D192ED03)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
