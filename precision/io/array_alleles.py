"""What the letters of an array test say of known alleles, with its strand never taken for granted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from precision.genotypes import HAPLOID, NO_CALL, Genotypes, Sites, chromosome
from precision.io.array import NONE, ArrayCalls
from precision.io.vcf_issues import Issues

COMPLEMENT = str.maketrans("ACGT", "TGCA")
INSERTION, DELETION = "I", "D"
BASES = frozenset("ACGT")
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Read:
    """The alleles of one genotype, and the code of what is doubtful about it."""

    alleles: tuple[int, int]
    doubt: str = ""


def array_genotypes(calls: ArrayCalls, sites: Sites) -> Genotypes:
    """The calls of an array as genotypes at sites whose REF and ALT are known on the plus strand of the same build.

    A site that the array does not have gets no row, nor does an insertion or deletion that its letters cannot say.
    Letters that fit only as their complement are read so, with an issue. Where REF and ALT are each other's complement
    (A/T, C/G) the letters fit on both strands: they are read as written, with an issue, and are not called at all
    in a file that shows the minus strand anywhere. Other letters are not called.
    """
    issues = Issues(calls.file)
    found = _found(calls, sites, issues)
    reads = {i: _read(pair, sites.ref[i], sites.alts[i]) for i, pair in found.items()}
    minus = sum(read.doubt == "strand_flipped" for read in reads.values())
    rows, alleles = list[int](), list[tuple[int, int]]()
    for i, read in reads.items():
        place = f"{sites.chrom[i]}:{sites.pos[i]} {sites.ref[i]}>{','.join(sites.alts[i]) or '.'}"
        untrusted = read.doubt == "ambiguous_strand" and minus > 0
        if read.doubt:
            issues.add(read.doubt, 0, "genotype", "".join(found[i]), _reason(read.doubt, place, minus))
        if read.doubt != "not_comparable":
            rows.append(i)
            alleles.append(_not_called(found[i]) if untrusted else read.alleles)
    shape = (len(rows), 1)
    at = np.array(rows, dtype=np.intp)
    return Genotypes(
        (calls.sample,),
        Sites(sites.chrom[at], sites.pos[at], tuple(sites.ref[i] for i in rows), tuple(sites.alts[i] for i in rows)),
        np.array(alleles, dtype=np.int8).reshape(*shape, 2),
        np.zeros(shape, np.bool_),
        np.zeros(shape, np.int32),
        np.zeros(shape, np.bool_),
        calls.file,
        issues.frame(),
        frozenset({calls.sample}),
    )


def _found(calls: ArrayCalls, sites: Sites, issues: Issues) -> dict[int, Pair]:
    """The letters of each site that the array has, by the site's number; probes that disagree are not called."""
    places = dict[tuple[str, int], list[Pair]]()
    names = [chromosome(str(name)) for name in sites.chrom]
    for i in np.flatnonzero(np.isin(calls.pos, sites.pos)).tolist():
        first, second = calls.letters[i].tolist()
        places.setdefault((str(calls.chrom[i]), int(calls.pos[i])), []).append((first, second))
    found = dict[int, Pair]()
    for i, key in enumerate(zip(names, sites.pos.tolist(), strict=True)):
        if key in places:
            found[i] = _agreed(places[key], f"{key[0]}:{key[1]}", issues)
    return found


def _agreed(pairs: Sequence[Pair], place: str, issues: Issues) -> Pair:
    called = {tuple(sorted(pair)): pair for pair in reversed(pairs) if NONE not in pair}
    if len(called) == 1:
        return next(iter(called.values()))
    if called:
        words = ", ".join("".join(pair) for pair in called.values())
        reason = f"the probes of {place} disagree; it is read as not called."
        issues.add("conflicting_record", 0, "genotype", words, reason)
        return NONE, NONE
    return pairs[0]


def _read(pair: Pair, ref: str, alts: tuple[str, ...]) -> _Read:
    letters = {letter for letter in pair if letter not in (NONE, "")}
    if not letters:
        return _Read(_not_called(pair))
    alleles = [ref, *alts]
    if not BASES.issuperset(alleles):
        return _indel(pair, letters, alleles)
    if letters & {INSERTION, DELETION}:
        return _Read(_not_called(pair), "not_comparable")
    turned = [allele.translate(COMPLEMENT) for allele in alleles]
    as_written, complemented = letters.issubset(alleles), letters.issubset(turned)
    if as_written:
        return _Read(_numbered(pair, alleles), "ambiguous_strand" if complemented else "")
    if complemented:
        return _Read(_numbered(pair, turned), "strand_flipped")
    return _Read(_not_called(pair), "other_letters")


def _indel(pair: Pair, letters: set[str], alleles: Sequence[str]) -> _Read:
    """I is the longer of two alleles, D the shorter; more than two have no letters."""
    if len(alleles) != 2 or len(alleles[0]) == len(alleles[1]) or not letters.issubset({INSERTION, DELETION}):
        return _Read(_not_called(pair), "not_comparable")
    longer_first = len(alleles[0]) > len(alleles[1])
    return _Read(_numbered(pair, [INSERTION, DELETION] if longer_first else [DELETION, INSERTION]))


def _numbered(pair: Pair, alleles: Sequence[str]) -> tuple[int, int]:
    first, second = (
        HAPLOID if letter == "" else NO_CALL if letter == NONE else alleles.index(letter) for letter in pair
    )
    return first, second


def _not_called(pair: Pair) -> tuple[int, int]:
    return NO_CALL, HAPLOID if pair[1] == "" else NO_CALL


def _reason(code: str, place: str, minus: int) -> str:
    if code == "strand_flipped":
        return f"the letters are the complement of the alleles of {place}; they were read as on the minus strand."
    if code == "ambiguous_strand":
        if minus:
            return (
                f"both strands of {place} have these letters, and {minus:,} others are on the minus strand: not called."
            )
        return f"both strands of {place} have these letters; they were read as on the plus strand, as the others are."
    if code == "not_comparable":
        return f"the letters do not say the alleles of {place}; it is as if not tested."
    return f"the letters are none of the alleles of {place}; it is read as not called."
