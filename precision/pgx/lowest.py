"""Genes whose variants are counted one by one: the variant of least function on each strand decides (DPYD, RYR1)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from precision.errors import KnowledgeError
from precision.pgx.definitions import Gene
from precision.pgx.functions import rules_of
from precision.pgx.matching import Matches
from precision.pgx.patterns import FREE, Patterns
from precision.pgx.settling import where

NONE = -1
MOST_BLOCKS = 6  # 32 ways to put them together; with more the strands count as unknown
PATTERNS_AT_ONCE = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Notes:
    """What is uncertain of the strands of each pattern.

    phase_unknown : (U,) several heterozygous variants could lie on one strand or on two
    phase_matters : (U,) and that decides what they amount to
    exonic_only : (U,) the haplotype was read from its dependent position
    conflict : (U,) the dependent position contradicts the deciding one, which counts
    """

    phase_unknown: NDArray[np.bool_]
    phase_matters: NDArray[np.bool_]
    exonic_only: NDArray[np.bool_]
    conflict: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Strands:
    """Which variant alleles U patterns have.

    alleles : (U, P, 2) allele at each variant on each strand, -1 = none
    block : (U, P) phase block of a heterozygous one, -1 = strand not known
    """

    alleles: NDArray[np.int16]
    block: NDArray[np.int16]
    notes: Notes


def strands_of(gene: Gene, patterns: Patterns) -> Strands:
    """The variant alleles on each strand; a haplotype is read from its deciding position where that is known."""
    table = _allele_at(gene)
    variant = ((patterns.codes[..., 0] > 0) | (patterns.codes[..., 1] > 0)) & ~patterns.missing
    for one in (gene.rules.deciding, gene.rules.dependent):
        if one:
            variant[:, gene.index_at(one[0])] = False
    pattern, column = where(variant)
    order = np.argsort(pattern, kind="stable")
    pattern, column = pattern[order], column[order]
    slot = np.arange(len(pattern)) - np.searchsorted(pattern, pattern)
    size = (len(patterns), int(slot.max(initial=0)) + 1)
    alleles, block = np.full((*size, 2), NONE, np.int16), np.full(size, FREE, np.int16)
    alleles[pattern, slot] = table[column[:, None], np.maximum(patterns.codes[pattern, column], 0)]
    block[pattern, slot] = patterns.block[pattern, column]
    exonic = conflict = np.zeros(len(patterns), np.bool_)
    if gene.rules.deciding and gene.rules.dependent:
        haplotype, blocks, exonic, conflict = _read_haplotype(gene, patterns)
        alleles, block = np.concatenate([alleles, haplotype], axis=1), np.concatenate([block, blocks], axis=1)
    different = alleles[..., 0] != alleles[..., 1]
    normal = _normal(gene)
    unknown = _unknown_phase(block, different)
    matters = _unknown_phase(block, different & ~np.all(normal[alleles], axis=2))
    return Strands(alleles, block, Notes(unknown, unknown & matters, exonic, conflict))


def lowest(gene: Gene, patterns: Patterns) -> tuple[Matches, Notes]:
    """The alleles that decide on each strand: several pairs where phase blocks can lie in several ways."""
    parts = [
        _lowest_some(gene, patterns.take(slice(start, start + PATTERNS_AT_ONCE)), start)
        for start in range(0, len(patterns), PATTERNS_AT_ONCE)
    ]
    found = Matches(*(np.concatenate([getattr(one, name) for one, _ in parts]) for name in Matches.__slots__))
    notes = Notes(*(np.concatenate([getattr(one, name) for _, one in parts]) for name in Notes.__slots__))
    return found, notes


@dataclass(frozen=True, slots=True)
class Way:
    """One way that the variants of a pattern can lie: the alleles on each strand, and the worst of each."""

    strands: tuple[tuple[int, ...], tuple[int, ...]]
    deciding: tuple[int, int]


def ways(gene: Gene, pattern: Patterns, split: bool = False) -> tuple[Way, ...]:
    """Every way the phase blocks of one pattern can lie.

    Parameters
    ----------
    split : heterozygous variants of unknown strand count as blocks of their own; none where there are too many
    """
    strands = strands_of(gene, pattern)
    alleles, block = strands.alleles[0], strands.block[0].copy()
    different = alleles[:, 0] != alleles[:, 1]
    free = np.flatnonzero(different & (block == FREE))
    if split or len(free) == 1:
        block[free] = len(gene.variants) + np.arange(len(free))
    members = [np.flatnonzero(different & (block == one)) for one in np.unique(block[different])]
    if len(members) > MOST_BLOCKS:
        return ()
    rank, allele_of = _ranks(gene)
    found: list[Way] = []
    for way in range(2 ** max(len(members) - 1, 0)):
        turned = alleles.copy()
        for bit, columns in enumerate(members[1:]):
            if way >> bit & 1:
                turned[columns] = turned[columns, ::-1]
        worst = allele_of[rank[turned].min(axis=0, initial=len(allele_of) - 1)]
        if len(members) > 1:
            worst = np.where(_normal(gene)[worst], gene.reference, worst)
        one, two = (tuple(int(allele) for allele in turned[:, side] if allele != NONE) for side in (0, 1))
        found.append(Way((one, two), (int(worst.min()), int(worst.max()))))
    return tuple(found)


def _lowest_some(gene: Gene, patterns: Patterns, offset: int) -> tuple[Matches, Notes]:
    strands = strands_of(gene, patterns)
    rank, allele_of = _ranks(gene)
    ranks = rank[strands.alleles]  # none takes the last
    different = strands.alleles[..., 0] != strands.alleles[..., 1]
    unknown = strands.notes.phase_unknown
    pair, loose = ranks.min(axis=1), ranks[unknown]
    pair[unknown] = np.partition(loose.reshape(len(loose), 2 * ranks.shape[1]), 1, axis=1)[:, :2]
    several = (_blocks(strands.block, different) > 1) & ~unknown
    laid, owner = _every_way(ranks[several], strands.block[several], different[several])
    laid = np.where(_normal(gene)[allele_of[laid]], len(allele_of) - 1, laid)
    owners = np.concatenate([np.flatnonzero(~several), np.flatnonzero(several)[owner]])
    alleles = np.sort(allele_of[np.concatenate([pair[~several], laid])], axis=1).astype(np.int64)
    rows = np.unique((owners << 32) | (alleles[:, 0] << 16) | alleles[:, 1])
    rows = rows[~np.all(patterns.missing, axis=1)[rows >> 32]]
    first, second = (rows >> 16 & 0xFFFF).astype(np.int32), (rows & 0xFFFF).astype(np.int32)
    opened = _open(gene, patterns)
    found = Matches(
        pattern=(rows >> 32).astype(np.int32) + offset,
        first=first,
        second=second,
        score=np.zeros(len(rows), np.int32),
        open_pattern=opened[0] + offset,
        open_allele=opened[1],
    )
    return found, strands.notes


def _every_way(
    ranks: NDArray[np.int16], block: NDArray[np.int16], different: NDArray[np.bool_]
) -> tuple[NDArray[np.int16], NDArray[np.intp]]:
    """(N, 2) lowest ranks of both strands for each way that the phase blocks can lie, and (N,) their pattern."""
    label = np.full(block.shape, NONE, np.int16)
    pattern, column = where(different & (block != FREE))
    pairs, which = np.unique(np.column_stack([pattern, block[pattern, column]]), axis=0, return_inverse=True)
    label[pattern, column] = which.reshape(-1) - np.searchsorted(pairs[:, 0], pattern)
    last = np.int16(np.iinfo(np.int16).max)
    least = [
        np.where((label == one)[..., None], ranks, last).min(axis=1, initial=last) for one in range(-1, MOST_BLOCKS)
    ]
    found: list[NDArray[np.int16]] = []
    owner: list[NDArray[np.intp]] = []
    count = label.max(axis=1, initial=NONE) + 1
    for way in range(2 ** int(max(count.max(initial=1) - 1, 0))):
        lies = np.flatnonzero(way < 2.0 ** (count - 1))
        strands = np.minimum(least[0], least[1])[lies]
        for bit, one in enumerate(least[2:]):
            strands = np.minimum(strands, one[lies][:, ::-1] if way >> bit & 1 else one[lies])
        found.append(strands)
        owner.append(lies)
    return np.concatenate(found), np.concatenate(owner)


@cache
def _allele_at(gene: Gene) -> NDArray[np.int16]:
    """(P, codes) the allele that a base alone defines; -1 = none."""
    table = np.full((len(gene.variants), max(len(variant.bases) for variant in gene.variants)), NONE, np.int16)
    alone = gene.row_defines.sum(axis=1) == 1
    for row in np.flatnonzero(alone):
        column = int(np.argmax(gene.row_defines[row]))
        table[column, gene.row_code[row, column]] = gene.row_allele[row]
    return table


@cache
def _ranks(gene: Gene) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """Rank of each allele, worst first, the reference and none last; and the allele of each rank."""
    order = sorted(
        (index for index in range(len(gene.alleles)) if index != gene.reference),
        key=lambda index: (_severity(gene, index), index),
    )
    rank = np.full(len(gene.alleles) + 1, len(order), np.int16)
    rank[order] = np.arange(len(order))
    return rank, np.array([*order, gene.reference], np.int16)


@cache
def _normal(gene: Gene) -> NDArray[np.bool_]:
    """(A + 1,) whether an allele has the function of the reference; the last is for no allele."""
    keys = rules_of(gene.name)[0].allele_key
    normal = keys == keys[gene.reference]
    normal[-1] = True
    return normal


def _severity(gene: Gene, allele: int) -> float:
    rules, name = rules_of(gene.name)[0], gene.alleles[allele]
    if rules.by_activity:
        return float(rules.activity.get(name) or "nan")
    return 0.0 if rules.function.get(name) == gene.rules.worst_function else 1.0


def _read_haplotype(
    gene: Gene, patterns: Patterns
) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.bool_], NDArray[np.bool_]]:
    """(U, 2, 2) alleles and (U, 2) blocks at the deciding and the dependent position, and what is to be said of them.

    The dependent position speaks alone only where the deciding one is missing.
    """
    if not (gene.rules.deciding and gene.rules.dependent):
        raise KnowledgeError(f"pgx/rules.csv: {gene.name} has no haplotype of two positions")
    (at, alone), (beside, together) = gene.rules.deciding, gene.rules.dependent
    decides, depends = gene.index_at(at), gene.index_at(beside)
    first, second = gene.alleles.index(alone), gene.alleles.index(together)
    told = ~patterns.missing[:, decides]
    has = (patterns.codes[:, decides] > 0) & told[:, None]  # (U, 2) on each strand
    also = (patterns.codes[:, depends] > 0) & ~patterns.missing[:, [depends]]
    blocks = patterns.block[:, [decides, depends]].copy()
    both = (has[:, 0] != has[:, 1]) & (also[:, 0] != also[:, 1])
    loose = both & ((blocks[:, 0] == FREE) | (blocks[:, 0] != blocks[:, 1]))
    also[loose] = has[loose]  # of unknown phase: one haplotype is more likely than two halves
    by_dependent = told & (has[:, 0] == has[:, 1]) & (also[:, 0] != also[:, 1])
    blocks[by_dependent, 0] = blocks[by_dependent, 1]
    deciding = np.where(has, np.where(also, second, first), NONE)
    dependent = np.where(also & ~told[:, None], second, NONE)
    alleles = np.stack([deciding, dependent], axis=1).astype(np.int16)
    return alleles, blocks, np.any(also, axis=1) & ~told, told & np.any(also & ~has, axis=1)


def _unknown_phase(block: NDArray[np.int16], different: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(U,) several heterozygous variants of which one has no known strand, or more phase blocks than are tried."""
    free = (different & (block == FREE)).sum(axis=1)
    groups = free + _blocks(block, different)
    return (groups > 1) & ((free > 0) | (groups > MOST_BLOCKS))


def _blocks(block: NDArray[np.int16], different: NDArray[np.bool_]) -> NDArray[np.intp]:
    """(U,) number of phase blocks with a heterozygous variant."""
    count = np.zeros(len(block), np.intp)
    pattern, column = where(different & (block != FREE))
    found = np.unique(np.column_stack([pattern, block[pattern, column]]), axis=0)
    np.add.at(count, found[:, 0], 1)
    return count


def _open(gene: Gene, patterns: Patterns) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Alleles that may be there: a defining position is not known, and no known one contradicts."""
    missing = patterns.missing
    variants = np.flatnonzero(gene.row_allele != gene.reference)
    alone = variants[gene.row_defines[variants].sum(axis=1) == 1]
    pattern, which = np.nonzero(missing[:, np.argmax(gene.row_defines[alone], axis=1)])
    found = [pattern << 32 | gene.row_allele[alone[which]]]
    for row in np.setdiff1d(variants, alone):
        columns = np.flatnonzero(gene.row_defines[row])
        unknown = missing[:, columns]
        has = (patterns.codes[:, columns] == gene.row_code[row, columns, None]).any(axis=2)
        pattern = np.flatnonzero(unknown.any(axis=1) & (unknown | has).all(axis=1))
        found.append(pattern << 32 | gene.row_allele[row])
    pairs = np.unique(np.concatenate(found))
    return (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
