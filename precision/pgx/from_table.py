"""The table of variants as genotypes: what differs from the reference, or could not be called, at known positions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import positions
from precision.genotypes import ABSENT, FILTERED, HAPLOID, NAMES, NO_CALL, Genotypes, Sites, chromosome
from precision.knowledge.positions import BUILDS, Known, known, places
from precision.schema import encode, variable

GENOTYPE = re.compile(r"(\d{1,2}|\.)(?:([/|])(\d{1,2}|\.))?")
ZYGOSITY = {"het": (0, 1), "hom": (1, 1), "hemi": (1, HAPLOID), "ref": (0, 0), "nocall": (NO_CALL, NO_CALL)}
NOT_WRITTEN = (1, NO_CALL)  # the row says that the variant was found, and not in how many copies
CLEAN = ("", ".", "pass")
INHERITED = ("", "germline")
CHROMOSOME = np.int64(1 << 32)
MOST_ALLELES = 100
Place = tuple[str, int, str]
Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """M rows of inherited variants at known positions.

    patient : (M,) place among the identifiers; build : (M,) index into ``BUILDS``; spot : (M,) chromosome and position
    ref, alt : (M,) index into ``bases``; which : (M,) row of the table
    """

    patient: NDArray[np.int32]
    build: Numbers
    spot: Numbers
    ref: Numbers
    alt: Numbers
    bases: tuple[str, ...]
    which: NDArray[np.intp]

    def take(self, chosen: Mask) -> Rows:
        """Some of the rows."""
        return Rows(
            self.patient[chosen],
            self.build[chosen],
            self.spot[chosen],
            self.ref[chosen],
            self.alt[chosen],
            self.bases,
            self.which[chosen],
        )


def rows_of(table: pd.DataFrame, ids: pd.Index) -> Rows:
    """The rows that say something of a pharmacogene; a build that is not named is not guessed."""
    inherited = _of_each(table, "origin", lambda text: text.casefold() in INHERITED)
    codes, texts = _coded(table, "assembly")
    levels = variable("assembly").levels
    named, _, _ = encode(variable("assembly"), pd.Series(texts, dtype="str"))
    build = np.array([-1 if np.isnan(code) else BUILDS.index(levels[int(code)]) for code in named], np.int64)[codes]
    codes, texts = _coded(table, "chrom")
    names = [chromosome(text) for text in texts]
    chrom = np.array([NAMES.index(name) if name in NAMES else -1 for name in names], np.int64)[codes]
    pos = pd.to_numeric(table["pos"], errors="coerce").to_numpy(dtype=np.float64, na_value=0)
    spot = chrom * CHROMOSOME + pos.astype(np.int64)
    patient = positions(table["patient_id"], ids)
    near = np.zeros(len(table), np.bool_)
    for index in range(len(BUILDS)):
        near |= (build == index) & np.isin(spot, _spots(index))
    which = np.flatnonzero(inherited & near & (patient >= 0) & (chrom >= 0))
    (ref, refs), (alt, alts) = _coded(table, "ref"), _coded(table, "alt")
    bases = tuple(text.upper() for text in (*refs, *alts))
    return Rows(patient[which], build[which], spot[which], ref[which], len(refs) + alt[which], bases, which)


def genotypes_of(table: pd.DataFrame, rows: Rows, ids: pd.Index, build: str, name: str) -> Genotypes:
    """Rows of the table as a matrix of all patients in one build; what has no row is absent.

    A row of the other build stands at the same variant's place in this one.
    """
    found, pair = _distinct(rows)
    sites, numbers = _sites(found, rows.bases, build)
    site, table_of = numbers
    first, second, phased = _alleles(table, rows.which)
    one = _numbered(table_of, pair, first)
    two = _numbered(table_of, pair, second)
    calls = pd.DataFrame(
        {
            "place": site[pair].astype(np.int64) * len(ids) + rows.patient,
            "pair": pair,
            "one": one,
            "two": two,
            "phased": phased,
            "phase_set": _phase_sets(table)[rows.which],
        }
    )
    shape = (len(sites), len(ids))
    alleles = np.full((len(sites) * len(ids), 2), ABSENT, np.int8)
    strands, sets = np.zeros(len(alleles), np.bool_), np.zeros(len(alleles), np.int32)
    repeated = calls.duplicated("place", keep=False).to_numpy()
    for part in (calls[~repeated], _together(calls[repeated])):
        at = part["place"].to_numpy()
        alleles[at] = part[["one", "two"]].to_numpy(dtype=np.int8)
        strands[at], sets[at] = part["phased"].to_numpy(dtype=np.bool_), part["phase_set"].to_numpy(dtype=np.int32)
    return Genotypes(
        tuple(ids.tolist()),
        sites,
        alleles.reshape(*shape, 2),
        strands.reshape(shape),
        sets.reshape(shape),
        np.broadcast_to(np.False_, shape),
        name,
        pd.DataFrame(),
    )


@cache
def _spots(index: int) -> Numbers:
    """Chromosome and position of everything known in a build, as numbers."""
    return np.array([NAMES.index(one.chromosome) * CHROMOSOME + one.position[index] for one in known()], np.int64)


def _distinct(rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """(D, 4) distinct build, spot, REF and ALT, and (M,) which of them a row has."""
    spots, spot = np.unique(rows.spot, return_inverse=True)
    key = (spot * len(BUILDS) + rows.build) * len(rows.bases) + rows.ref
    codes, distinct = pd.factorize(key * len(rows.bases) + rows.alt)
    key, alt = np.divmod(distinct, len(rows.bases))
    key, ref = np.divmod(key, len(rows.bases))
    spot, build = np.divmod(key, len(BUILDS))
    return np.column_stack([build, spots[spot], ref, alt]), codes


def _sites(
    found: NDArray[np.int64], bases: tuple[str, ...], build: str
) -> tuple[Sites, tuple[NDArray[np.intp], NDArray[np.int8]]]:
    """The places of distinct rows in one build; (D,) the site of each, (D, MOST_ALLELES) its alleles' numbers there."""
    alts_at: dict[Place, tuple[str, ...]] = {}
    moved: list[tuple[Place, tuple[str, ...]]] = []
    for origin, spot, ref, alt in found.tolist():
        chrom, pos = NAMES[spot // CHROMOSOME], int(spot % CHROMOSOME)
        written = (bases[ref], *(text for text in bases[alt].split(",") if text not in ("", ".")))
        place, others = _moved(chrom, pos, written, BUILDS[origin], build)
        alts_at[place] = tuple(dict.fromkeys((*alts_at.get(place, ()), *others)))
        moved.append((place, written))
    numbers = {place: i for i, place in enumerate(alts_at)}
    table = np.full((len(moved), MOST_ALLELES), NO_CALL, np.int8)
    for row, (place, written) in enumerate(moved):
        there = (place[2], *alts_at[place])
        table[row, : len(written)] = [there.index(base) for base in written]
    site = np.array([numbers[place] for place, _ in moved], dtype=np.intp)
    chroms, positions_, refs = (list(column) for column in zip(*alts_at, strict=True)) if alts_at else ([], [], [])
    sites = Sites(
        np.array(chroms, dtype=np.str_), np.array(positions_, dtype=np.int32), tuple(refs), tuple(alts_at.values())
    )
    return sites, (site, table)


def _moved(chrom: str, pos: int, written: tuple[str, ...], origin: str, build: str) -> tuple[Place, tuple[str, ...]]:
    """Place and ALTs of a record in another build, whose reference base may be another."""
    if origin == build:
        return (chrom, pos, written[0]), written[1:]
    one: Known = places(origin)[chrom, pos]
    before, after = (one.reference[BUILDS.index(name)] for name in (origin, build))
    ref = after if written[0] == before else written[0]
    return (chrom, one.position[BUILDS.index(build)], ref), tuple(base for base in written if base != ref)


def _numbered(table: NDArray[np.int8], pair: NDArray[np.intp], allele: NDArray[np.int8]) -> NDArray[np.int8]:
    """(M,) alleles by the numbers of their site; states below 0 stay."""
    return np.where(allele >= 0, table[pair, np.maximum(allele, 0)], allele) if len(table) else allele


def _alleles(table: pd.DataFrame, which: NDArray[np.intp]) -> tuple[NDArray[np.int8], NDArray[np.int8], Mask]:
    """First and second allele of some rows as each numbers them, and whether the strand of each is told."""
    codes, texts = _coded(table, "genotype" if "genotype" in table else "zygosity")
    read = [_genotype(text) for text in texts]
    first, second, phased = (np.array([one[k] for one in read], np.int8)[codes[which]] for k in range(3))
    filtered = ~_of_each(table, "filter", lambda text: text.casefold() in CLEAN)[which]
    first[filtered], second[filtered & (second != HAPLOID)] = FILTERED, FILTERED
    return first, second, phased.astype(np.bool_)


@cache
def _genotype(text: str) -> tuple[int, int, bool]:
    """Alleles of '0/1', '1|0', '1', './.', 'het'; text that is none of these is not called."""
    if match := GENOTYPE.fullmatch(text):
        first, second = (NO_CALL if part == "." else int(part) for part in (match[1], match[3] or "."))
        return first, second if match[2] else HAPLOID, match[2] == "|"
    if not text:
        return *NOT_WRITTEN, False
    item = variable("zygosity")
    codes, _, _ = encode(item, pd.Series([text], dtype="str"))
    return (NO_CALL, NO_CALL, False) if np.isnan(codes[0]) else (*ZYGOSITY[item.levels[int(codes[0])]], False)


def _phase_sets(table: pd.DataFrame) -> NDArray[np.int32]:
    """(M,) a number for each name of a phase set, 0 where none is given."""
    codes, texts = _coded(table, "phase_set")
    return np.array([0 if text in ("", ".") else 1 + i for i, text in enumerate(texts)], np.int32)[codes]


def _together(calls: pd.DataFrame) -> pd.DataFrame:
    """One call where several rows speak of one patient and site; not called where they contradict each other.

    Lines of split alleles each name their own: 0/1 for one ALT and 0/1 for another are both ALTs, one on each strand.
    """
    both = np.sort(calls[["one", "two"]].to_numpy(), axis=1)
    calls = calls.assign(low=both[:, 0], high=both[:, 1]).drop_duplicates(["place", "pair", "low", "high"])
    long = pd.concat([calls[["place"]].assign(allele=calls[part]) for part in ("low", "high")])
    named = long[long["allele"] > 0].sort_values(["place", "allele"], kind="stable")
    named = named.assign(turn=named.groupby("place").cumcount())
    by_place = calls.groupby("place")
    one_copy = by_place["low"].max() == HAPLOID
    unknown = (by_place["high"].min() < 0) | ((by_place["low"].min() < 0) & ~one_copy)
    differ = calls.duplicated(["place", "pair"], keep=False).groupby(calls["place"]).any()
    places_ = unknown.index
    too_many = named.groupby("place").size().reindex(places_, fill_value=0) > np.where(one_copy, 1, 2)
    both = np.stack(
        [named[named["turn"] == turn].set_index("place")["allele"].reindex(places_, fill_value=0) for turn in (0, 1)]
    )
    both = np.where(one_copy, np.stack([both[0], np.full(len(places_), HAPLOID)]), np.sort(both, axis=0))
    both[:, unknown | differ | too_many] = NO_CALL
    found = pd.DataFrame({"place": places_, "one": both[0], "two": both[1]})
    return found.assign(phased=False, phase_set=0)


def _of_each(table: pd.DataFrame, column: str, holds: Callable[[str], bool]) -> Mask:
    """(M,) whether something holds of a cell's text."""
    codes, texts = _coded(table, column)
    return np.array([holds(text) for text in texts], dtype=np.bool_)[codes]


def _coded(table: pd.DataFrame, column: str) -> tuple[NDArray[np.intp], list[str]]:
    """(M,) code of each cell, and the text of each code; the last is empty, for a cell where nothing is written."""
    if column not in table:
        return np.zeros(len(table), np.intp), [""]
    codes, texts = table[column].factorize()
    return np.where(codes < 0, len(texts), codes), [*map(str, texts), ""]
