"""Where in a BGZF file the records of given positions are: the indexes `.tbi` and `.csi`."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from precision.errors import InputError
from precision.genotypes import chromosome
from precision.io.vcf_scan import Asked
from precision.io.vcf_stream import Source, bgzf_block, pieces, whole_lines

Offsets = NDArray[np.uint64]
Whole = NDArray[np.int64]
SUFFIXES = (".tbi", ".csi")
TBI_SHIFT, TBI_DEPTH = 14, 5  # bins of 16,384 bases, five levels above them
ONE_CHUNK = 256  # bins looked at together while each has one chunk, as most have
PLACE = np.uint64(16)  # a virtual offset is the block's offset in the file, then 16 bits of place in its text


@dataclass(frozen=True, slots=True)
class Bins:
    """The chunks of one contig, sorted by bin.

    bins, starts, stops : (C,) virtual offsets of each chunk; windows : (W,) first record of each 16,384 bases (.tbi)
    """

    shift: int
    depth: int
    bins: Whole
    starts: Offsets
    stops: Offsets
    windows: Offsets

    def chunks(self, first: Whole, last: Whole) -> tuple[Offsets, Offsets]:
        """Chunks that may hold records overlapping the stretches first to last (1-based, both inside)."""
        which, floors = list[Whole](), list[Offsets]()
        floor = self._floor(first - 1)
        for level in range(self.depth + 1):
            offset = ((1 << (3 * level)) - 1) // 7
            shift = self.shift + 3 * (self.depth - level)
            low = np.searchsorted(self.bins, offset + ((first - 1) >> shift))
            high = np.searchsorted(self.bins, offset + ((last - 1) >> shift), side="right")
            count = high - low
            which.append(np.repeat(low - np.cumsum(count) + count, count) + np.arange(count.sum()))
            floors.append(np.repeat(floor, count))
        found, least = np.concatenate(which), np.concatenate(floors)
        useful = self.stops[found] > least
        return np.maximum(self.starts[found], least)[useful], self.stops[found][useful]

    def _floor(self, first: Whole) -> Offsets:
        """No record before this overlaps the window of the position."""
        if not len(self.windows):
            return np.zeros(len(first), np.uint64)
        return self.windows[np.minimum(first >> self.shift, len(self.windows) - 1)]


def index_of(source: Source) -> Path | None:
    """The index beside a file, if there is one."""
    if isinstance(source.where, bytes):
        return None
    beside = (source.where.with_name(source.where.name + suffix) for suffix in SUFFIXES)
    return next((path for path in beside if path.is_file()), None)


def is_stale(index: Path, source: Source) -> bool:
    """Whether the file was changed after its index was made."""
    return isinstance(source.where, Path) and index.stat().st_mtime < source.where.stat().st_mtime


def read_index(index: Path, asked: Asked) -> tuple[Offsets, Offsets]:
    """Stretches of the file (virtual offsets, sorted, apart) that hold all records overlapping what is asked.

    Raises
    ------
    InputError : it is no index of a VCF, or damaged
    """
    source = Source.of(index)
    with source.open() as stream:
        data = bytearray()
        for piece in pieces(stream, source.name):
            data += piece
    try:
        starts, stops = list[Offsets](), list[Offsets]()
        for name, bins in _contigs(data, source.name):
            if name in asked.stretches:
                found = bins.chunks(*asked.stretches[name])
                starts.append(found[0])
                stops.append(found[1])
    except (struct.error, ValueError, zlib.error) as error:
        raise InputError(f"{source.name} is damaged ({error}); make it again with `tabix -f`") from error
    if not starts:
        return np.empty(0, np.uint64), np.empty(0, np.uint64)
    return _apart(np.concatenate(starts), np.concatenate(stops))


def _apart(starts: Offsets, stops: Offsets) -> tuple[Offsets, Offsets]:
    """Chunks sorted and joined where they overlap or share a block."""
    order = np.argsort(starts, kind="stable")
    starts, reach = starts[order], np.maximum.accumulate(stops[order])
    fresh = np.ones(len(starts), dtype=np.bool_)
    fresh[1:] = starts[1:] >> PLACE > reach[:-1] >> PLACE
    last = np.append(np.flatnonzero(fresh)[1:] - 1, len(starts) - 1) if len(starts) else np.empty(0, np.int64)
    return starts[fresh], reach[last]


def _contigs(data: bytearray, name: str) -> Iterator[tuple[str, Bins]]:
    if data.startswith(b"TBI\1"):
        count, *_, length = struct.unpack_from("<8i", data, 4)
        names, at, shift, depth, is_csi = data[36 : 36 + length], 36 + length, TBI_SHIFT, TBI_DEPTH, False
    elif data.startswith(b"CSI\1"):
        shift, depth, extra = struct.unpack_from("<3i", data, 4)
        if extra < 28:
            raise InputError(f"{name} names no chromosomes, so it is no index of a VCF; make it with `bcftools index`")
        (length,) = struct.unpack_from("<i", data, 16 + 24)
        names, at, is_csi = data[44 : 44 + length], 16 + extra, True
        (count,) = struct.unpack_from("<i", data, at)
        at += 4
    else:
        raise InputError(f"{name} is no index (.tbi or .csi); make it again with `tabix -f`")
    listed = names.split(b"\0")[:count]
    if len(listed) < count or not 0 <= depth <= 9 or not 0 <= shift <= 31:
        raise InputError(f"{name} is damaged; make it again with `tabix -f`")
    for raw in listed:
        bins, chunks, at = _bins(data, at, is_csi)
        windows = np.empty(0, np.uint64)
        if not is_csi:
            (size,) = struct.unpack_from("<i", data, at)
            windows = np.frombuffer(data, "<u8", size, at + 4)
            at += 4 + 8 * size
        last = ((1 << (3 * (depth + 1))) - 1) // 7
        real = np.flatnonzero(bins < last)  # a bin beyond holds counts of records
        real = real[np.argsort(bins[real], kind="stable")]
        yield (
            chromosome(raw.decode("utf-8", "replace")),
            Bins(shift, depth, bins[real], chunks[real, 0], chunks[real, 1], windows),
        )


def _bins(data: bytearray, at: int, is_csi: bool) -> tuple[Whole, Offsets, int]:
    """The bin and both ends of every chunk of a contig, and where the contig's bins end."""
    (left,) = struct.unpack_from("<i", data, at)
    at += 4
    fields = [("bin", "<u4"), *([("first", "<u8")] if is_csi else []), ("count", "<i4"), ("ends", "<u8", (2,))]
    layout = np.dtype(fields)
    bins, chunks = [np.empty(0, np.int64)], [np.empty((0, 2), np.uint64)]
    while left > 0:
        size = min(left, ONE_CHUNK, (len(data) - at) // layout.itemsize)
        some = np.frombuffer(data, layout, size, at)
        several = np.flatnonzero(some["count"] != 1)
        some = some[: several[0]] if len(several) else some
        if len(some):
            bins.append(some["bin"].astype(np.int64))
            chunks.append(some["ends"])
            at += some.nbytes
            left -= len(some)
            continue
        (number,) = struct.unpack_from("<I", data, at)
        at += layout.itemsize - 20
        (count,) = struct.unpack_from("<i", data, at)
        chunks.append(np.frombuffer(data, "<u8", 2 * count, at + 4).reshape(-1, 2))
        bins.append(np.full(count, number, np.int64))
        at += 4 + 16 * count
        left -= 1
    return np.concatenate(bins), np.concatenate(chunks), at


def indexed_blocks(stream: BinaryIO, name: str, starts: Offsets, stops: Offsets) -> Iterator[bytes]:
    """The whole lines between the virtual offsets, about BLOCK bytes at a time.

    Raises
    ------
    InputError : the offsets do not fit the file
    """
    ranges = zip(starts.tolist(), stops.tolist(), strict=True)
    texts = (text for start, stop in ranges for text in _between(stream, name, start, stop))
    yield from whole_lines(texts, name)


def _between(stream: BinaryIO, name: str, start: int, stop: int) -> Iterator[bytes]:
    at, first, end, last = start >> 16, start & 0xFFFF, stop >> 16, stop & 0xFFFF
    stream.seek(at)
    before = b"\n"
    while at < end or (at == end and last):
        found = bgzf_block(stream, name)
        if found is None:
            raise InputError(
                f"{name} ends before its index says; fetch it again, or make the index again with `tabix -f`"
            )
        text, length = found
        text = text[:last] if at == end else text
        if first:
            before, text, first = text[first - 1 : first], text[first:], 0
            if before != b"\n":
                raise InputError(_misfit(name))
        if text:
            before = text[-1:]
            yield text
        at += length
    if before != b"\n":
        raise InputError(_misfit(name))


def _misfit(name: str) -> str:
    return f"{name}: its index does not fit the file; make it again with `tabix -f`"
