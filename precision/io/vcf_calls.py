"""The calls of VCF lines as arrays: alleles, phase and filters of all samples at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from precision.genotypes import FILTERED, NO_CALL
from precision.io.vcf_genotypes import check_alleles, genotypes, phase_sets
from precision.io.vcf_header import Header
from precision.io.vcf_issues import Issues
from precision.io.vcf_matrix import Alleles, Calls, set_state, stacked
from precision.io.vcf_records import BROKEN, Form, Record
from precision.io.vcf_scan import TAB, Bytes, Index, Mask
from precision.io.vcf_subfields import Cells, numbers, passes

# A call such as 0/1 and the tab after it are four bytes, looked at as one little-endian number.
FRAME = np.uint32(0xFF00FF00)  # separator and tab
UNPHASED, PHASED = np.uint32(0x09002F00), np.uint32(0x09007C00)
LAST = np.uint32((9 ^ 10) << 24)  # turns the newline after a line's last call into a tab
DOT = ord(".")
ZERO = re.compile(rb"[:\t]0[:\t\n]")  # a subfield that is 0


@dataclass(frozen=True, slots=True)
class Rules:
    """Which calls count: those of filtered records too or not, and how good a reference block must be."""

    keep_filtered: bool
    block_quality: int


def read_calls(
    text: bytes, data: Bytes, records: Sequence[Record], header: Header, rules: Rules, issues: Issues
) -> Calls:
    """The calls of the records; none of a line that is broken, or has not as many columns as the header.

    FT and the quality of blocks are seen to; FILTER, which is of the whole line, is not.

    text, data : the same bytes, in which the records' offsets count
    """
    plain = [i for i, record in enumerate(records) if _looks_plain(record, header)]
    calls = _plain([records[i] for i in plain], text, header)
    parts, kept = ([], list[int]()) if calls is None else ([calls], plain)
    groups = dict[Form, list[int]]()
    for i in sorted(set(range(len(records))).difference(kept)):
        groups.setdefault(records[i].form, []).append(i)
    lost = groups.pop(BROKEN, [])
    for group in groups.values():
        used, cells = _cells(text, data, [records[i] for i in group], header, issues)
        at = [group[i] for i in used]
        parts.append(_calls(cells, [records[i] for i in at], header, rules, issues))
        lost += sorted({*group}.difference(at))
        kept = kept + at
    if lost:
        parts.append(Calls(np.full((len(lost), len(header.samples), 2), NO_CALL, np.int8)))
    calls = parts[0] if len(parts) == 1 else stacked(parts, len(header.samples)).rows(np.argsort([*kept, *lost]))
    check_alleles(calls.alleles, records, header, issues)
    return calls


def _looks_plain(record: Record, header: Header) -> bool:
    return record.form.only_genotype and record.stop + 1 - record.cells == 4 * header.width


def _plain(records: Sequence[Record], text: bytes, header: Header) -> Calls | None:
    """Lines of which every call has three characters; None if one has not after all."""
    words = np.empty((len(records), header.width), dtype="<u4")
    for i, record in enumerate(records):
        words[i] = np.frombuffer(text, "<u4", header.width, record.cells)
    words[:, -1] ^= LAST
    if header.columns is not None:
        words = words.take(header.columns, axis=1)
    frame = words & FRAME
    unphased, phased = frame == UNPHASED, None
    if not unphased.all():
        phased = frame == PHASED
        if not (phased | unphased).all():
            return None
    words &= ~FRAME
    words |= words >> np.uint32(8)
    letters = words.astype("<u2").view(np.uint8).reshape(*words.shape, 2)
    letters -= np.uint8(DOT)  # '.' 0, '/' 1, '0' 2 ... '9' 11
    if letters.max(initial=0) > 11 or (letters == 1).any():
        return None
    alleles = letters.view(np.int8)
    alleles -= 2
    np.maximum(alleles, NO_CALL, out=alleles)
    return Calls(alleles, phased)


def _cells(
    text: bytes, data: Bytes, records: Sequence[Record], header: Header, issues: Issues
) -> tuple[list[int], Cells]:
    """Where the calls of the lines are, and which lines have the right number of them."""
    used, bounds = list[int](), np.empty((len(records), header.width + 1), np.int64)
    for i, record in enumerate(records):
        tabs = np.flatnonzero(data[record.cells : record.stop] == TAB)
        if len(tabs) + 1 == header.width:
            bounds[len(used), 0], bounds[len(used), -1] = record.cells, record.stop + 1
            bounds[len(used), 1:-1] = tabs + (record.cells + 1)
            used.append(i)
            continue
        reason = (
            f"{record.chrom}:{record.pos} has calls of {len(tabs) + 1} samples, the header names {header.width}; "
            "it is read as not called."
        )
        value = text[record.cells : record.stop].decode("utf-8", "replace")
        issues.add("ragged_row", record.row, "", value, reason)
    starts, stops = bounds[: len(used), :-1], bounds[: len(used), 1:] - 1
    if header.columns is not None:
        starts, stops = starts[:, header.columns], stops[:, header.columns]
    return used, Cells(text, data, starts, stops)


def _calls(cells: Cells, records: Sequence[Record], header: Header, rules: Rules, issues: Issues) -> Calls:
    """Calls of lines of one FORMAT, whatever they look like."""
    shape = cells.starts.shape
    if not records or records[0].form.genotype < 0:
        for record in records:
            issues.add("no_genotype", record.row, "FORMAT", "", f"{record.chrom}:{record.pos} has no GT.")
        return Calls(np.full((*shape, 2), NO_CALL, np.int8))
    form = records[0].form
    alleles, phased = genotypes(cells.subfield(form.genotype), records, header, issues)
    calls = Calls(alleles)
    if phased.any():
        if form.phase_set >= 0:
            calls.phase_set = phase_sets(cells.subfield(form.phase_set), phased, records, header, issues)
        calls.phased = phased
    if not rules.keep_filtered:
        if form.filtered >= 0:
            set_state(alleles, ~passes(cells.subfield(form.filtered)), FILTERED)
        _weaken(alleles, cells, records, rules.block_quality, issues)
    return calls


def _weaken(alleles: Alleles, cells: Cells, records: Sequence[Record], least: int, issues: Issues) -> None:
    """Calls without a read, of no quality, or with reads against them do not pass; a block needs some quality."""
    form, weak = records[0].form, np.zeros(cells.starts.shape, dtype=np.bool_)
    blocks = np.array([record.end > 0 for record in records], dtype=np.bool_)
    some = [blocks[i] or bool(ZERO.search(cells.text, one.cells - 1, one.stop + 1)) for i, one in enumerate(records)]
    if any(some):
        if form.quality >= 0:
            weak |= _is_below(cells.subfield(form.quality), np.where(blocks, least, 1)[:, None])
        if form.depth >= 0:
            weak |= _is_below(cells.subfield(form.depth), np.ones((len(records), 1), np.int64))
        weak &= alleles[..., 0] >= 0
        for i in np.flatnonzero(weak.any(axis=1)).tolist():
            _report_weak(records[i], int(weak[i].sum()), least, issues)
    if form.allele_depth >= 0:
        weak |= _unread(alleles, cells, records, issues)
    set_state(alleles, weak, FILTERED)


def _report_weak(record: Record, count: int, least: int, issues: Issues) -> None:
    if record.end:
        reason = f"the block {record.chrom}:{record.pos}-{record.end} has a GQ below {least}, or no reads."
        issues.add("weak_block", record.row, "", "", reason)
    else:
        reason = f"{count:,} calls at {record.chrom}:{record.pos} have no reads or a GQ of 0."
        issues.add("weak_call", record.row, "", "", reason)


def _is_below(cells: Cells, limit: Index) -> Mask:
    """Which numbers are below the limit, (n, 1); one that is not given is not, nor a part of one where that is 1."""
    value, _ = numbers(cells, decimals=bool((limit > 1).any()))
    return (value >= 0) & (value < limit)


def _unread(alleles: Alleles, cells: Cells, records: Sequence[Record], issues: Issues) -> Mask:
    """(n, S) heterozygous calls of whose two alleles one has reads and the other none, as AD lists them.

    The lines of a split record are left alone: each has reads of one of its ALTs.
    """
    at, text, found = records[0].form.allele_depth, cells.text, np.zeros(cells.starts.shape, np.bool_)
    times = Counter((record.chrom, record.pos) for record in records)
    mixed = (alleles[..., 0] >= 0) & (alleles[..., 1] >= 0) & (alleles[..., 0] != alleles[..., 1])
    for i, j in np.argwhere(mixed).tolist():
        parts = text[cells.starts[i, j] : cells.stops[i, j]].split(b":", at + 1)
        reads = parts[at].split(b",") if at < len(parts) else []
        if times[records[i].chrom, records[i].pos] == 1 and b"0" in reads and alleles[i, j].max() < len(reads):
            one, two = (reads[k] for k in alleles[i, j].tolist())
            found[i, j] = {one, two} != {b"0"} and b"0" in (one, two) and (one + two).isdigit()
    for i in np.flatnonzero(found.any(axis=1)).tolist():
        place = f"{records[i].chrom}:{records[i].pos}"
        reason = f"{int(found[i].sum()):,} heterozygous calls at {place} have reads (AD) of one allele only."
        issues.add("unread_allele", records[i].row, "", "", reason)
    return found
