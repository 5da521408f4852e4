"""The table of variants as genotypes: what differs from the reference, or could not be called, at known positions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import positions
from precision.features.genotype_cells import is_lettered, lettered, numbered
from precision.genotypes import ABSENT, FILTERED, HAPLOID, NAMES, NO_CALL, Genotypes, Sites, chromosome
from precision.io.genotype_join import number_of, numbered_alts
from precision.knowledge.build import AGREES, DISAGREES
from precision.knowledge.positions import BUILDS, Known, known
from precision.pgx.states import REF_MISMATCH
from precision.schema import encode, variable

CLEAN = ("", ".", "pass")
INHERITED = ("", "germline")
CHROMOSOME = np.int64(1 << 32)
MOST_NUMBERED = 100  # alleles of a row that a genotype can name by number
Place = tuple[str, int, str]
Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """M rows of inherited variants whose REF covers a known position.

    patient : (M,) place among the identifiers; build : (M,) index into ``BUILDS``; spot : (M,) chromosome and position
    ref, alt : (M,) index into ``bases``; which : (M,) row of the table
    misnamed : (M,) it names the other build than that of its position and REF, which ``build`` is
    unsure : (N,) patients with a row of a misnamed build or of none: what has no row says nothing of them
    """

    patient: NDArray[np.int32]
    build: Numbers
    spot: Numbers
    ref: Numbers
    alt: Numbers
    bases: tuple[str, ...]
    which: NDArray[np.intp]
    misnamed: Mask
    unsure: Mask

    def take(self, chosen: Mask) -> Rows:
        """Some of the rows."""
        return replace(
            self,
            patient=self.patient[chosen],
            build=self.build[chosen],
            spot=self.spot[chosen],
            ref=self.ref[chosen],
            alt=self.alt[chosen],
            which=self.which[chosen],
            misnamed=self.misnamed[chosen],
        )


def rows_of(table: pd.DataFrame, ids: pd.Index) -> Rows:
    """The rows that say something of a pharmacogene; a build that is not named is not guessed.

    A row may begin before a known position, or inside an insertion or deletion of the definitions.
    """
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
    (ref, refs), (alt, alts) = _coded(table, "ref"), _coded(table, "alt")
    last = spot + np.array([max(len(text), 1) - 1 for text in refs], np.int64)[ref]
    covers = np.stack([_covers(spot, last, index) for index in range(len(BUILDS))])
    counts = inherited & covers.any(axis=0) & (patient >= 0) & (chrom >= 0)
    unnamed = np.zeros(len(ids), np.bool_)
    unnamed[patient[counts & (build < 0)]] = True
    which = np.flatnonzero(counts & (build >= 0))
    rows = Rows(
        patient[which],
        build[which],
        spot[which],
        ref[which],
        len(refs) + alt[which],
        tuple(text.upper() for text in (*refs, *alts)),
        which,
        np.zeros(len(which), np.bool_),
        unnamed,
    )
    return _named_rightly(rows, covers[build[which], which])


def _named_rightly(rows: Rows, here: Mask) -> Rows:
    """The rows at a place of their build, ``here``, and those of people whose rows lie at places of the other build.

    By the position and the first base of REF, for each person and build that is named: where the other build has as
    many, none of the rows count; where it has some, nothing is certain of what has no row.
    """
    first = np.array([text[:1] for text in rows.bases])[rows.ref]
    agrees, other = (_agrees(rows.spot, first, build) for build in (rows.build, 1 - rows.build))
    group = rows.patient * len(BUILDS) + rows.build
    size = len(rows.unsure) * len(BUILDS)
    mine, theirs = (np.bincount(group[one], minlength=size) for one in (agrees, other))
    share = np.divide(mine, mine + theirs, out=np.ones(size), where=mine + theirs > 0)
    misnamed = other & (share[group] < AGREES)
    unsure = rows.unsure | (share < AGREES).reshape(-1, len(BUILDS)).any(axis=1)
    found = replace(rows, build=np.where(misnamed, 1 - rows.build, rows.build), misnamed=misnamed, unsure=unsure)
    return found.take(misnamed | (here & (share[group] > DISAGREES)))


def genotypes_of(table: pd.DataFrame, rows: Rows, ids: pd.Index, build: str, name: str) -> Genotypes:
    """Rows of the table as a matrix of all patients in one build; what has no row is absent.

    A row of the other build stands at the same variant's place in this one. One of a misnamed build, or with another
    REF than the build that it names, is discarded there.
    """
    found, pair = _distinct(rows)
    sites, numbers, disagrees = _sites(found, rows.bases, build)
    site, table_of = numbers
    first, second, phased = _alleles(table, rows)
    discarded = rows.misnamed | disagrees[pair]
    first[discarded], second[discarded] = REF_MISMATCH, REF_MISMATCH
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
def _spots(index: int) -> tuple[Numbers, tuple[Known, ...]]:
    """Chromosome and position of every base that known positions cover in a build, sorted, and which covers it.

    The rest of the repeat that an insertion or deletion stands in counts where no position has it for itself.
    """
    found: dict[int, Known] = {}
    for bases in (_own, Known.touched):
        for one in known():
            begin = NAMES.index(one.chromosome) * CHROMOSOME + one.position[index]
            for offset in range(len(bases(one, index))):
                found.setdefault(int(begin) + offset, one)
    spots = sorted(found)
    return np.array(spots, np.int64), tuple(found[spot] for spot in spots)


def _own(one: Known, index: int) -> str:
    return one.reference[index]


def _covers(first: Numbers, last: Numbers, index: int) -> Mask:
    """(M,) some base from first to last is of a known position in a build."""
    spots, _ = _spots(index)
    return np.searchsorted(spots, first) < np.searchsorted(spots, last, side="right")


@cache
def _first_bases(index: int) -> tuple[Numbers, NDArray[np.str_]]:
    """Chromosome and position of everything known in a build, sorted, and the first base of REF there."""
    found = {NAMES.index(one.chromosome) * int(CHROMOSOME) + one.position[index]: one for one in known()}
    spots = sorted(found)
    return np.array(spots, np.int64), np.array([found[spot].reference[index][0] for spot in spots])


def _agrees(spot: Numbers, first: NDArray[np.str_], build: Numbers) -> Mask:
    """(M,) a position is known in a build, each row's own, and REF begins with its base."""
    found = np.zeros(len(spot), np.bool_)
    for index in range(len(BUILDS)):
        spots, bases = _first_bases(index)
        at = np.minimum(np.searchsorted(spots, spot), len(spots) - 1)
        found |= (build == index) & (spots[at] == spot) & (bases[at] == first)
    return found


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
) -> tuple[Sites, tuple[NDArray[np.intp], NDArray[np.int8]], Mask]:
    """The places of distinct rows in one build; (D,) the site of each, (D, A) its alleles' numbers there.

    Last (D,) whether a row's REF is another than that of its own build.
    """
    alts_at: dict[Place, tuple[str, ...]] = {}
    moved: list[tuple[Place, tuple[str, ...]]] = []
    disagrees = np.zeros(len(found), np.bool_)
    for row, (origin, spot, ref, alt) in enumerate(found.tolist()):
        written = (bases[ref], *(text for text in bases[alt].split(",") if text not in ("", ".")))
        place, disagrees[row] = _moved(spot, written[0], int(origin), BUILDS.index(build))
        others = (base for base in written if base != place[2])
        alts_at[place] = tuple(dict.fromkeys((*alts_at.get(place, ()), *others)))
        moved.append((place, written))
    alts_at = {place: numbered_alts(alts) for place, alts in alts_at.items()}
    numbers = {place: i for i, place in enumerate(alts_at)}
    table = np.full((len(moved), max([MOST_NUMBERED, *(len(written) for _, written in moved)])), NO_CALL, np.int8)
    for row, (place, written) in enumerate(moved):
        here = alts_at[place]
        table[row, : len(written)] = [0 if base == place[2] else number_of(base, here) for base in written]
    site = np.array([numbers[place] for place, _ in moved], dtype=np.intp)
    chroms, positions_, refs = (list(column) for column in zip(*alts_at, strict=True)) if alts_at else ([], [], [])
    sites = Sites(
        np.array(chroms, dtype=np.str_), np.array(positions_, dtype=np.int32), tuple(refs), tuple(alts_at.values())
    )
    return sites, (site, table), disagrees


def _moved(spot: int, ref: str, origin: int, build: int) -> tuple[Place, bool]:
    """Place of a record in another build with REF there, and whether its REF is another than that of its own build.

    In the same build nothing is moved: whether REF is the right one is seen with the definitions of the alleles.
    """
    chrom, pos = NAMES[spot // CHROMOSOME], int(spot % CHROMOSOME)
    if origin == build:
        return (chrom, pos, ref), False
    spots, of_spot = _spots(origin)
    low, high = np.searchsorted(spots, spot), np.searchsorted(spots, spot + max(len(ref), 1) - 1, side="right")
    disagrees, here = False, pos + of_spot[low].position[build] - of_spot[low].position[origin]
    for one in dict.fromkeys(of_spot[low:high]):
        before, after = one.touched(origin), one.touched(build)
        begin = one.position[origin] - pos
        told = ref[max(begin, 0) : begin + len(before)]
        disagrees |= not before[max(-begin, 0) :].startswith(told)
        if before != after and told == before:
            ref = ref[:begin] + after + ref[begin + len(before) :]
    return (chrom, here, ref), disagrees


def _numbered(table: NDArray[np.int8], pair: NDArray[np.intp], allele: NDArray[np.int32]) -> NDArray[np.int32]:
    """(M,) alleles by the numbers of their site; states below 0 stay."""
    return np.where(allele >= 0, table[pair, np.maximum(allele, 0)], allele) if len(table) else allele


def _alleles(table: pd.DataFrame, rows: Rows) -> tuple[NDArray[np.int32], NDArray[np.int32], Mask]:
    """First and second allele of each row as it numbers them, and whether the strand of each is told."""
    codes, texts = _coded(table, "genotype" if "genotype" in table else "zygosity")
    codes = codes[rows.which]
    read = [numbered(text) for text in texts]
    first, second, phased = (np.array([one[k] for one in read], np.int32)[codes] for k in range(3))
    in_bases = np.flatnonzero(np.array([is_lettered(text) for text in texts])[codes])
    cells = np.column_stack([codes[in_bases], rows.ref[in_bases], rows.alt[in_bases]])
    distinct, which = np.unique(cells, axis=0, return_inverse=True)
    made = [
        lettered(texts[code], (rows.bases[ref], *rows.bases[alt].split(","))) for code, ref, alt in distinct.tolist()
    ]
    for part, k in ((first, 0), (second, 1), (phased, 2)):
        part[in_bases] = np.array([one[k] for one in made], np.int32)[which.reshape(-1)]
    filtered = ~_of_each(table, "filter", lambda text: text.casefold() in CLEAN)[rows.which]
    first[filtered], second[filtered & (second != HAPLOID)] = FILTERED, FILTERED
    return first, second, phased.astype(np.bool_)


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
