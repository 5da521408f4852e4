"""Genotypes from VCF and gVCF: only the positions and samples that are asked for, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from precision.errors import InputError
from precision.genotypes import ABSENT, FILTERED, HAPLOID, NO_CALL, SPANNED, UNKNOWN_BASE, Genotypes, Region, Sites
from precision.io.vcf_calls import Rules, read_calls
from precision.io.vcf_header import Header, read_header
from precision.io.vcf_index import index_of, indexed_blocks, is_stale, read_index
from precision.io.vcf_issues import Issues
from precision.io.vcf_join import join
from precision.io.vcf_matrix import Alleles, Calls, Table, set_state, stacked
from precision.io.vcf_records import Record, records
from precision.io.vcf_scan import Asked, Mask, select
from precision.io.vcf_stream import BGZF_HEAD, File, Source, ends_whole, is_bgzf, lines_from

Value = TypeVar("Value", bound=np.generic)
BLOCK_QUALITY = 20  # an error in a hundred


def read_vcf(
    file: File,
    sites: Sites | Sequence[Region] | None,
    samples: Sequence[str] | None = None,
    *,
    keep_filtered: bool = False,
    block_quality: int = BLOCK_QUALITY,
) -> Genotypes:
    """Read genotypes at some positions, or all of them.

    Plain text, gzip and BGZF are told apart by content; an index beside the file (`.tbi`, `.csi`) is used if it is not
    older than the file and knows how far records reach. A record counts where its POS is asked for, and where its REF
    reaches an asked position. A reference block of a gVCF gives one row for each asked position that it covers (its
    first position where everything is asked for) unless a record stands there. Inside a larger variant that a person
    carries (its END or SVLEN says how far it reaches) no other call of that person stands: the asked positions are
    SPANNED.

    Parameters
    ----------
    file : a path, or a name and the content
    sites : positions, and those of every base of their REF; their REF and ALT are not compared. Or regions, in which a
        record must begin. None: every record
    samples : names of those to read, in this order; None: all
    keep_filtered : read calls that did not pass FILTER or FT, and weak blocks, as if they had
    block_quality : least GQ of a call in a reference block, where it gives one; below it the call is FILTERED

    Returns
    -------
    One row per position and REF, in the order of the file. What was not used is among its issues.

    Raises
    ------
    InputError : no VCF, no samples, cut short or damaged, a line without position or with a REF that is no bases
    """
    source = Source.of(file)
    issues = Issues(source.name)
    asked = None if sites is None else Asked.of(sites)
    with source.open() as stream:
        blocks = lines_from(source, stream)
        header, rest = read_header(blocks, source.name, samples)
        offsets = None if asked is None or header.by_length else _offsets(source, asked, issues)
        reader = _Reader(asked, header, Rules(keep_filtered, block_quality), issues)
        if offsets is None:
            _warn_if_cut(source, issues)
            reader.take(chain([rest] if rest else [], blocks), header.rows + 1)
        else:
            del blocks, rest  # they hold text that is not needed
            reader.take(indexed_blocks(stream, source.name, *offsets), 0)
    return reader.genotypes()


def _offsets(source: Source, asked: Asked, issues: Issues) -> tuple[NDArray[np.uint64], NDArray[np.uint64]] | None:
    """Where an index says that the records asked for are; None where there is none to be used."""
    index = index_of(source)
    if index is None:
        return None
    with source.open() as stream:
        if not is_bgzf(stream.read(BGZF_HEAD)):
            return None
    if is_stale(index, source):
        issues.add("stale_index", 0, "", index.name, f"{index.name} is older than {source.name}.")
        return None
    try:
        return read_index(index, asked)
    except InputError as error:
        issues.add("bad_index", 0, "", index.name, str(error))
        return None


def _warn_if_cut(source: Source, issues: Issues) -> None:
    if not ends_whole(source):
        issues.add(
            "no_end_mark", 0, "", "", "the file may have been cut: every record in it was read, more may be missing."
        )


class _Reader:
    """The rows and calls read so far."""

    def __init__(self, asked: Asked | None, header: Header, rules: Rules, issues: Issues) -> None:
        self.asked, self.header, self.rules, self.issues = asked, header, rules, issues
        self.table = Table()
        self.parts: list[Calls] = []

    def take(self, blocks: Iterable[bytes], row: int) -> None:
        """Read what is asked for of blocks of whole lines; row is the first one's line in the file, 0 = not known."""
        for text in blocks:
            data = np.frombuffer(text, np.uint8)
            lines, count = select(text, data, self.asked, row, self.header.file)
            row += count if row else 0
            if lines.rows:
                found = [one for one in records(text, lines, self.header.file, self.issues) if self._covers_asked(one)]
                self._add(found, read_calls(text, data, found, self.header, self.rules, self.issues))

    def _covers_asked(self, record: Record) -> bool:
        last = max(record.end, record.spans, self._reaches(record))
        return self.asked is None or bool(self.asked.within(record.chrom, record.pos, last))

    def _reaches(self, record: Record) -> int:
        """The last base of REF where positions are asked for, else the first."""
        return record.pos + (len(record.ref) - 1 if self.asked and self.asked.reach else 0)

    def _add(self, found: Sequence[Record], calls: Calls) -> None:
        which, beyond, in_block = list[int](), list[bool](), list[bool]()
        carried = calls.alleles  # of the records, before they become rows
        for i, record in enumerate(found):
            for pos in self._positions(i, record, calls):
                first = pos == record.pos
                self.table.add(record, pos, record.ref if first else UNKNOWN_BASE, record.alts if first else ())
                which.append(i)
                beyond.append(not first)
                in_block.append(record.end > 0)
        if len(which) < len(found) or True in beyond:
            calls = calls.rows(which)
        self._cover(calls)
        if True in in_block:
            self._tell_blocks(found, carried)
            _mark_blocks(calls, np.array(in_block), np.array(beyond))
        self.parts.append(calls)

    def _tell_blocks(self, found: Sequence[Record], alleles: Alleles) -> None:
        """Reference blocks that say anything but the reference."""
        for record, call in zip(found, alleles, strict=True):
            if record.end and (call > 0).any():
                reason = f"the block {record.chrom}:{record.pos}-{record.end} is not called 0/0; it is not used."
                self.issues.add("block_not_reference", record.row, "", ",".join(record.alts), reason)

    def _cover(self, calls: Calls) -> None:
        """Say who has the larger variant at the positions that it covers; of the others it says nothing."""
        here = np.flatnonzero(self.table.spanned[len(self.table.spanned) - len(calls.alleles) :])
        if len(here):
            carried = (calls.alleles[here] > 0).any(axis=2)
            calls.alleles[here] = np.where(carried, SPANNED, ABSENT)[..., None]

    def _positions(self, i: int, record: Record, calls: Calls) -> list[int]:
        """The positions of a record's rows: its own, those asked for that its block or larger variant covers."""
        if self.asked is None:
            return [record.pos]
        if record.end:
            return self.asked.within(record.chrom, record.pos, record.end)
        reach = self._reaches(record)
        own = [record.pos] if self.asked.within(record.chrom, record.pos, reach) else []
        covered = self.asked.within(record.chrom, reach + 1, record.spans)
        if not covered or not (record.passed or self.rules.keep_filtered) or not (calls.alleles[i] > 0).any():
            return own
        alts, some = ",".join(record.alts), ", ".join(map(str, covered[:5]))
        place = f"{record.chrom}:{record.pos}-{record.spans}"
        reason = f"{alts} at {place} covers {some}; who carries it has no other call there."
        self.issues.add("spanning_variant", record.row, "ALT", alts, reason)
        return own + covered if self.asked.reach else own

    def genotypes(self) -> Genotypes:
        """Everything read, lines of one record joined."""
        shape = (len(self.table.pos), len(self.header.samples))
        calls = stacked(self.parts, shape[1])
        self.parts.clear()
        if self.rules.keep_filtered:
            self.table.passed = [True] * len(self.table.passed)
        stays = join(self.table, calls, self.header.samples, self.issues)
        failed = [i for i, passed in enumerate(self.table.passed) if not passed]
        if failed:
            where = np.zeros(shape, np.bool_)
            where[failed] = True
            set_state(calls.alleles, where, FILTERED)
            if calls.block is not None:
                calls.block[failed] = False
        if stays is not None:
            calls, shape = calls.rows(stays), (len(stays), shape[1])
        return Genotypes(
            self.header.samples,
            self.table.sites(stays),
            calls.alleles,
            _filled(calls.phased, np.bool_, shape),
            _filled(calls.phase_set, np.int32, shape),
            _filled(calls.block, np.bool_, shape),
            self.header.file,
            self.issues.frame(),
        )


def _mark_blocks(calls: Calls, in_block: Mask, beyond: Mask) -> None:
    """Say which calls a reference block makes; beyond its first position no allele but the reference has a name."""
    nameless = (calls.alleles > 0).any(axis=-1) & beyond[:, None]
    set_state(calls.alleles, nameless, NO_CALL)
    reference = (calls.alleles[..., 0] == 0) & np.isin(calls.alleles[..., 1], (0, HAPLOID))
    calls.block = in_block[:, None] & reference


def _filled(part: NDArray[Value] | None, kind: type[Value], shape: tuple[int, int]) -> NDArray[Value]:
    """The array, or a view of a single 0 where there is none."""
    return np.broadcast_to(np.zeros((), kind), shape) if part is None else part
