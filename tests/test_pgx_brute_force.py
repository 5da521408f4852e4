"""Star alleles by trying every order of strands and every pair of alleles: slow, and written apart from the caller.

The rules are those of PharmCAT's matcher: unknown positions are left out, an allele without a known position of its own
cannot be called, the pair with most named positions is told with all its ties.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import precision
from precision.genotypes import NO_CALL, Sites
from precision.pgx.calling import Settings, call
from precision.pgx.result import Call
from tests.pgx_genotypes import genotypes

KNOWLEDGE = Path(precision.__file__).parent / "knowledge" / "pgx"
LETTERS = {word[0]: tuple(word[1:]) for word in ("RAG", "YCT", "MAC", "KGT", "SCG", "WAT")}
GENES = ("CYP2B6", "CYP2C19", "CYP2C9", "CYP3A4", "CYP3A5", "CYP4F2", "NUDT15", "SLCO1B1", "TPMT", "UGT1A1")
PEOPLE = 60
MOST_HETEROZYGOUS = 8  # positions; each doubles the orders to try
Strand = Mapping[str, str]
Pair = tuple[str, str]


@cache
def table(name: str, gene: str) -> tuple[dict[str, str], ...]:
    with (KNOWLEDGE / name).open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        return tuple(row for row in csv.DictReader(lines) if row["gene"] == gene)


@cache
def positions(gene: str) -> dict[str, tuple[str, ...]]:
    """The bases of each position that defines an allele, the reference first."""
    rows = (row for row in table("variants.csv", gene) if row["use"] == "define")
    return {row["variant"]: tuple(dict.fromkeys([row["ref38"], *row["alts"].split("|")])) for row in rows}


@cache
def alleles(gene: str) -> dict[str, dict[str, str]]:
    """The bases that each allele names; the reference allele names all."""
    (row,) = table("genes.csv", gene)
    found: dict[str, dict[str, str]] = {
        row["reference_allele"]: {at: known[0] for at, known in positions(gene).items()}
    }
    for cell in table("alleles.csv", gene):
        if cell["variant"] in positions(gene):
            found.setdefault(cell["allele"], {})[cell["variant"]] = cell["base"]
    return found


def score(gene: str, named: Mapping[str, str], strand: Strand) -> int | None:
    """How many known positions an allele names, None where the strand is not this allele."""
    counted, defined = 0, False
    for at, base in strand.items():
        reference = positions(gene)[at][0]
        wanted = named.get(at, reference)
        if base not in LETTERS.get(wanted, (wanted,)):
            return None
        defined |= at in named
        counted += at in named and (wanted not in LETTERS or base != reference)
    return counted if defined else None


def orders(found: Mapping[str, tuple[str, str]], blocks: Mapping[str, int]) -> Iterator[tuple[Strand, Strand]]:
    """Every way in which the bases may lie on two strands; positions of a block stay together."""
    free = [at for at, (one, two) in found.items() if one != two and at not in blocks]
    groups = [[at] for at in free] + [[at for at in blocks if blocks[at] == n] for n in sorted(set(blocks.values()))]
    for turned in product((False, True), repeat=len(groups)):
        crossed = {at for group, turn in zip(groups, turned, strict=True) if turn for at in group}
        one = {at: pair[at in crossed] for at, pair in found.items()}
        yield one, {at: pair[at not in crossed] for at, pair in found.items()}


def best(gene: str, found: Mapping[str, tuple[str, str]], blocks: Mapping[str, int]) -> set[Pair]:
    """The pairs of alleles with the highest score."""
    scored: dict[Pair, int] = {}
    for one, two in orders(found, blocks):
        left, right = (
            [
                (name, value)
                for name, named in alleles(gene).items()
                if (value := score(gene, named, strand)) is not None
            ]
            for strand in (one, two)
        )
        for (first, this), (second, that) in product(left, right):
            pair = min(core(first), core(second)), max(core(first), core(second))
            scored[pair] = max(scored.get(pair, 0), this + that)
    return {pair for pair, value in scored.items() if value == max(scored.values())}


def core(name: str) -> str:
    """*45.001 and *45.002 are reported as *45."""
    return name.partition(".")[0] if name.startswith("*") else name


def somebody(gene: str, random: np.random.Generator) -> tuple[dict[str, tuple[str, str]], dict[str, int]]:
    """Two alleles, some bases changed at random, some positions unknown, the phase known here and there."""
    every = list(alleles(gene).values())
    strands = [dict[str, str](), dict[str, str]()]
    for strand in strands:
        named = every[random.integers(len(every))]
        for at, known in positions(gene).items():
            base = named.get(at, known[0])
            strand[at] = str(random.choice(LETTERS.get(base, (base,))))
    for at in random.choice(list(positions(gene)), random.integers(0, 3), replace=False):
        strands[0][str(at)] = str(random.choice(positions(gene)[str(at)]))
    unknown = random.random(len(positions(gene))) < random.choice([0, 0.05, 0.3])
    found = {
        at: (strands[0][at], strands[1][at]) if random.random() < 0.5 else (strands[1][at], strands[0][at])
        for at, missing in zip(positions(gene), unknown, strict=True)
        if not missing
    }
    several = random.choice([0, 1, 3])
    share = random.choice([0.5, 1.0])
    blocks = {
        at: int(random.integers(several))
        for at, (one, two) in found.items()
        if several and one != two and random.random() < share
    }
    return found, blocks


def called(gene: str, found: Mapping[str, tuple[str, str]], blocks: Mapping[str, int]) -> Call:
    """What the caller says of the same person."""
    rows = [row for row in table("variants.csv", gene) if row["variant"] in found]
    codes = np.full((len(rows), 1, 2), NO_CALL, np.int8)
    for i, row in enumerate(rows):
        codes[i, 0] = [positions(gene)[row["variant"]].index(base) for base in found[row["variant"]]]
    phased = np.array([[row["variant"] in blocks] for row in rows], np.bool_)
    sets = np.array([[blocks.get(row["variant"], -1) + 1] for row in rows], np.int32)
    known = [positions(gene)[row["variant"]] for row in rows]
    sites = Sites.at(
        [row["chromosome"] for row in rows],
        [int(row["pos38"]) for row in rows],
        [bases[0] for bases in known],
        [",".join(bases[1:]) for bases in known],
    )
    return call(genotypes(sites, codes, phased, sets), Settings("GRCh38"), {}, only=[gene]).of("P0", gene)


@pytest.mark.parametrize("gene", GENES)
def test_the_caller_finds_what_trying_every_order_finds(gene: str) -> None:
    random = np.random.default_rng(len(gene) + 7)
    named = 0
    for _ in range(PEOPLE):
        found, blocks = somebody(gene, random)
        if not found or sum(one != two for one, two in found.values()) > MOST_HETEROZYGOUS:
            continue
        expected, answer = best(gene, found, blocks), called(gene, found, blocks)
        if "untyped_position_decides_name" in answer.reasons:  # *1 is told where *1 and *38 of CYP2C19 fit
            continue
        told = {tuple(sorted(one.name.split("/"))) for one in answer.diplotypes}
        if "read_from_one_position" in answer.reasons:  # SLCO1B1 without a star allele
            assert not expected
        else:
            assert told == {tuple(sorted(pair)) for pair in expected}, (found, blocks)
        named += bool(expected)
    assert named > PEOPLE / 4


def activities() -> dict[str, tuple[str, float]]:
    """Base and CPIC activity of each variant of DPYD that alone makes an allele; HapB3 has rules of its own."""
    by_allele = {row["allele"]: row["activity"] for row in table("functions.csv", "DPYD") if row["source"] == "CPIC"}
    single = {
        next(iter(named)): (next(iter(named.values())), float(by_allele[name]))
        for name, named in alleles("DPYD").items()
        if len(named) == 1 and by_allele.get(name) and "HapB3" not in name and "1129-5923" not in name
    }
    assert len(single) > 60
    return single


@pytest.mark.parametrize("phased", [False, True])
def test_the_lowest_activity_of_dpyd_counts_on_each_strand_and_the_two_lowest_without_phase(phased: bool) -> None:
    random, every = np.random.default_rng(23), activities()
    weight = np.array([5.0 if value < 1 else 1.0 for _, value in every.values()])
    scores = set[float]()
    for _ in range(100):
        found = {at: (known[0], known[0]) for at, known in positions("DPYD").items()}
        strands: tuple[list[float], list[float]] = ([1.0], [1.0])
        for at in random.choice(list(every), random.integers(0, 5), replace=False, p=weight / weight.sum()).tolist():
            base, value = every[at]
            carried = [(True, False), (False, True), (True, True)][random.integers(3)]
            found[at] = (base if carried[0] else found[at][0], base if carried[1] else found[at][1])
            for strand, here in zip(strands, carried, strict=True):
                strand.extend([value] * here)
        blocks = {at: 0 for at, (one, two) in found.items() if phased and one != two}
        expected = sum(map(min, strands)) if phased else sum(sorted(strands[0] + strands[1])[:2])
        answer = called("DPYD", found, blocks)
        told = {i.activity_score for one in answer.diplotypes for i in one.interpretations if i.body == "CPIC"}
        assert told == {str(expected)}, found
        scores.add(expected)
    assert len(scores) >= 4
