"""Lines of one position and REF made one record: split multi-allelics joined, duplicates set aside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from precision.genotypes import FILTERED, HAPLOID, NO_CALL, SPANNED
from precision.io.vcf_issues import Issues
from precision.io.vcf_matrix import Alleles, Calls, Table, set_state
from precision.io.vcf_records import MOST_ALTS
from precision.io.vcf_scan import Mask


def join(table: Table, calls: Calls, samples: Sequence[str], issues: Issues) -> NDArray[np.intp] | None:
    """Join in place; the rows that stay, None where all do."""
    repeated = _repeated(table)
    if not len(repeated):
        return None
    groups = dict[tuple[str, int], list[int]]()
    for i in repeated.tolist():
        groups.setdefault((table.chrom[i], table.pos[i]), []).append(i)
    stays = np.ones(len(table.pos), dtype=np.bool_)
    for group in groups.values():
        told = [i for i in group if not table.spanned[i]]
        for same in _by_reference(told, table, calls, stays, issues):
            stays[same] = False
            stays[_joined(same, table, calls, samples, issues)] = True
        if len(told) < len(group):
            _cover(group, told, table, calls, stays)
    return np.flatnonzero(stays)


def _repeated(table: Table) -> NDArray[np.intp]:
    """Rows whose position another row has too."""
    names = {name: i for i, name in enumerate(dict.fromkeys(table.chrom))}
    chrom = np.fromiter(map(names.__getitem__, table.chrom), np.int64, len(table.chrom))
    place = chrom << 32 | np.array(table.pos, dtype=np.int64)
    if (np.diff(place) > 0).all():
        return np.empty(0, np.intp)
    order = np.argsort(place, kind="stable")
    like_next = np.diff(place[order]) == 0
    shared = np.append(like_next, False) | np.insert(like_next, 0, False)
    return np.sort(order[shared])


def _by_reference(group: list[int], table: Table, calls: Calls, stays: Mask, issues: Issues) -> list[list[int]]:
    """The rows of a position by REF; a record of the position goes before any block that covers it."""
    records = [i for i in group if not table.in_block[i]]
    blocks = [i for i in group if table.in_block[i]]
    if blocks:
        stays[blocks] = False
        kept = records[0] if records else _first_valid(blocks, table, calls)
        stays[kept] = True
        for i in blocks:
            if i != kept and not (calls.alleles[i] == NO_CALL).all():
                words = "a reference block covers the record at" if records else "a second reference block covers"
                _duplicate(i, kept, table, issues, words)
    by_reference = dict[str, list[int]]()
    for i in records:
        by_reference.setdefault(table.ref[i], []).append(i)
    return [same for same in by_reference.values() if len(same) > 1]


def _joined(same: list[int], table: Table, calls: Calls, samples: Sequence[str], issues: Issues) -> int:
    """Make one row of several with one REF; the row where it now stands."""
    parts = list[int]()
    for alts in dict.fromkeys(table.alts[i] for i in same):
        alike = [i for i in same if table.alts[i] == alts]
        first = _first_valid(alike, table, calls)
        parts.append(first)
        for i in alike:
            if i != first:
                _duplicate(i, first, table, issues, "a second line has position, REF and ALT of")
                _contradict(i, first, table, calls, samples, issues)
    unlike, left = list[int](), list[int]()
    for i in parts:
        if any(set(table.alts[i]) & set(table.alts[k]) for k in unlike):
            _duplicate(i, unlike[0], table, issues, "another line has an ALT of")
            left.append(i)
        else:
            unlike.append(i)
    if sum(len(table.alts[i]) for i in unlike) > MOST_ALTS:
        place = f"{table.chrom[same[0]]}:{table.pos[same[0]]}"
        issues.add("too_many_alleles", table.rows[same[0]], "ALT", "", f"{len(unlike)} lines of {place} have too many.")
        calls.alleles[unlike[0]] = NO_CALL
    elif len(unlike) > 1:
        _merge(unlike, table, calls, samples, issues)
    for i in left:
        _deny(i, unlike[0], table, calls, samples, issues)
    return unlike[0]


def _cover(group: list[int], told: list[int], table: Table, calls: Calls, stays: Mask) -> None:
    """Who carries a variant that covers the position has no other call there."""
    covers = [i for i in group if table.spanned[i]]
    carried: Mask = (calls.alleles[covers] == SPANNED).any(axis=(0, 2))
    stays[covers] = False
    kept = [i for i in told if stays[i]] or covers[:1]
    stays[kept] = True
    for i in kept:
        set_state(calls.alleles[i], carried, SPANNED)
        if calls.block is not None:
            calls.block[i] &= ~carried


def _first_valid(rows: list[int], table: Table, calls: Calls) -> int:
    """The first row that passed and has a call, else the first with a call, else the first."""
    called = [i for i in rows if (calls.alleles[i, :, 0] >= 0).any()] or rows
    return next((i for i in called if table.passed[i]), called[0])


def _duplicate(i: int, kept: int, table: Table, issues: Issues, words: str) -> None:
    alleles = f"{table.ref[i]}>{','.join(table.alts[i]) or '.'}"
    reason = f"{words} {table.chrom[i]}:{table.pos[i]} (line {table.rows[kept]}); this one is not used."
    issues.add("duplicate_record", table.rows[i], "", alleles, reason)


def _contradict(i: int, kept: int, table: Table, calls: Calls, samples: Sequence[str], issues: Issues) -> None:
    """Where two lines of the same alleles give a sample two genotypes, it has none; one that failed does not count."""
    if table.passed[kept] and not table.passed[i]:
        return
    one, other = (np.sort(calls.alleles[row], axis=1) for row in (kept, i))
    called = [(call[:, 1] >= 0) & ((call[:, 0] >= 0) | (call[:, 0] == HAPLOID)) for call in (one, other)]
    wrong = called[0] & called[1] & (one != other).any(axis=1)
    calls.alleles[kept][wrong] = NO_CALL
    if wrong.any():
        _conflict(np.flatnonzero(wrong), (kept, i), table, samples, issues, "two different genotypes")


def _deny(i: int, kept: int, table: Table, calls: Calls, samples: Sequence[str], issues: Issues) -> None:
    """Who has in a line that is not used an allele that the row kept does not give has no call."""
    if table.passed[kept] and not table.passed[i]:
        return
    known = {alt: number for number, alt in enumerate(table.alts[kept], start=1)}
    numbers = np.array([0, *(known.get(alt, -1) for alt in table.alts[i])])
    carried = calls.alleles[i] > 0
    told = np.where(carried, numbers[np.where(carried, calls.alleles[i], 0)], 0)
    wrong = carried.any(axis=1) & (np.sort(told) != np.sort(np.maximum(calls.alleles[kept], 0))).any(axis=1)
    calls.alleles[kept][wrong] = NO_CALL
    if wrong.any():
        _conflict(np.flatnonzero(wrong), (kept, i), table, samples, issues, "other alleles than each other")


def _conflict(
    who: NDArray[np.intp], rows: Sequence[int], table: Table, samples: Sequence[str], issues: Issues, what: str
) -> None:
    others = f" and {len(who) - 1:,} more samples" if len(who) > 1 else ""
    sample, place = samples[int(who[0])], f"{table.chrom[rows[0]]}:{table.pos[rows[0]]}"
    reason = f"the lines of {place} give sample {sample}{others} {what}; it is read as not called."
    lines = ", ".join(str(table.rows[i]) for i in rows)
    issues.add("conflicting_record", table.rows[rows[0]], sample, f"lines {lines}", reason)


def _merge(rows: list[int], table: Table, calls: Calls, samples: Sequence[str], issues: Issues) -> None:
    """Write the joined record to the first of the rows."""
    into, parts = rows[0], calls.alleles[rows]
    shift = np.cumsum([0, *(len(table.alts[i]) for i in rows[:-1])]).astype(np.int8)
    parts = np.where(parts > 0, parts + shift[:, None, None], parts)
    phased = None if calls.phased is None else calls.phased[rows]
    passed = np.array([table.passed[i] for i in rows])
    if passed.any():
        table.passed[into] = True
        parts[~passed] = _doubtful(parts[~passed])
    found, wrong, keeps_phase = _union(parts, np.zeros(parts.shape[:2], np.bool_) if phased is None else phased)
    table.alts[into] = tuple(alt for i in rows for alt in table.alts[i])
    calls.alleles[into] = found
    if calls.phased is not None:
        calls.phased[into] = keeps_phase
    if calls.phase_set is not None:
        sets = calls.phase_set[rows]
        calls.phase_set[into] = np.where(keeps_phase, sets.max(axis=0), 0)
    if wrong.any():
        _conflict(np.flatnonzero(wrong), rows, table, samples, issues, "more alleles than two, or two on one strand")


def _doubtful(parts: Alleles) -> Alleles:
    """Of lines that did not pass, beside one that did: the allele that they claim is in doubt, no other."""
    return np.where(parts > 0, FILTERED, np.where(parts == HAPLOID, HAPLOID, 0)).astype(np.int8)


def _union(parts: Alleles, phased: Mask) -> tuple[Alleles, Mask, Mask]:
    """(S, 2) the call that k lines say together, (S,) where they contradict each other, (S,) where phase is known.

    parts : (k, S, 2) alleles numbered across the lines; each line says 0 or '.' of an allele that another line names
    """
    haploid = (parts[..., 1] == HAPLOID).all(axis=0)
    by_strand = phased.all(axis=0) & ~haploid
    times = (parts > 0).sum(axis=0)  # (S, 2) lines that name an allele at each place
    wrong = (times.sum(axis=1) > np.where(haploid, 1, 2)) | (by_strand & (times > 1).any(axis=1))
    found = np.where(by_strand[:, None], _by_strand(parts), _unordered(parts, times))
    found[wrong] = NO_CALL
    found[:, 1][haploid] = HAPLOID
    return found, wrong, by_strand & ~wrong


def _by_strand(parts: Alleles) -> Alleles:
    """(S, 2) each strand by itself: the allele named, else the doubt that any line has, else REF."""
    doubt = np.where((parts == FILTERED).any(axis=0), FILTERED, np.where((parts == NO_CALL).any(axis=0), NO_CALL, 0))
    named = parts.max(axis=0)
    return np.where(named > 0, named, doubt).astype(np.int8)


def _unordered(parts: Alleles, times: NDArray[np.int64]) -> Alleles:
    """(S, 2) the alleles named, then what no line says: a '.' may stand for an allele that another line names."""
    k, samples, _ = parts.shape
    named = parts > 0
    ranked = np.where(named, parts, np.int8(127)).transpose(1, 0, 2).reshape(samples, 2 * k)
    ranked = np.sort(ranked, axis=1)[:, :2]
    crowded: Mask = np.any(times > 1, axis=1)  # two lines name the same place: the lower allele goes first
    found = np.where(crowded[:, None], np.where(ranked == 127, 0, ranked), np.where(named, parts, 0).max(axis=0))
    unsaid = (parts == NO_CALL).sum(axis=2) - (times.sum(axis=1) - named.sum(axis=2))
    in_doubt = parts == FILTERED
    left = np.maximum(unsaid, in_doubt.sum(axis=2)).max(axis=0)
    state = np.where(in_doubt.any(axis=(0, 2)), FILTERED, NO_CALL)
    free = (found == 0) & (parts != HAPLOID).any(axis=0)
    place = np.cumsum(free[:, ::-1], axis=1)[:, ::-1]  # 1 for the last free place, 2 for the one before
    return np.where(free & (place <= left[:, None]), state[:, None], found).astype(np.int8)
