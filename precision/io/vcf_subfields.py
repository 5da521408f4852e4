"""Subfields of VCF calls, such as GT and PS, found in all cells at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from precision.io.vcf_scan import Bytes, Index, Mask

TAB, NEWLINE, COLON, ZERO, DOT = b"\t\n:0."
LONGEST_NUMBER = 10  # digits
PASS = b"PASS"


@dataclass(frozen=True, slots=True)
class Cells:
    """Pieces of a text: (n, S) offsets of their first bytes and of the bytes after them."""

    text: bytes
    data: Bytes
    starts: Index
    stops: Index

    def byte(self, k: int) -> Bytes:
        """(n, S) byte k of each piece; beyond a piece's end it belongs to what follows."""
        return self.data.take(self.starts + k, mode="clip")

    def subfield(self, k: int) -> Cells:
        """The k-th of the parts that colons separate; empty where a cell has fewer."""
        if not self.starts.size:
            return self
        if k == 0:
            return self._first()
        return self._searched(k)

    def _first(self) -> Cells:
        """The first parts: most have one or three characters, which needs no search."""
        ends = [_ends(self.byte(k)) for k in range(4)]
        width = np.select([ends[0], ends[1], ends[3] & ~ends[2]], [0, 1, 3], -1)
        stops = self.starts + width
        rest = width < 0
        if rest.any():
            stops[rest] = Cells(self.text, self.data, self.starts[rest], self.stops[rest])._searched(0).stops  # noqa: SLF001
        return Cells(self.text, self.data, self.starts, stops)

    def _searched(self, k: int) -> Cells:
        first, last = int(self.starts.min()), int(self.stops.max())
        colons = np.append(np.flatnonzero(self.data[first:last] == COLON) + first, [len(self.data)] * (k + 1))
        before = np.searchsorted(colons, self.starts)
        starts = self.starts if k == 0 else np.minimum(colons[before + k - 1] + 1, self.stops)
        stops = np.minimum(colons[before + k], self.stops)
        return Cells(self.text, self.data, starts, np.maximum(stops, starts))


def _ends(byte: Bytes) -> Mask:
    return (byte == COLON) | (byte == TAB) | (byte == NEWLINE)


def numbers(cells: Cells, *, decimals: bool = False) -> tuple[Index, Mask]:
    """(n, S) the whole number of each piece, -1 where it is empty or '.'; and which are neither.

    With ``decimals`` a number with decimal places counts as what stands before the point.
    """
    width = cells.stops - cells.starts
    missing = (width == 0) | ((width == 1) & (cells.byte(0) == DOT))
    if decimals:
        for offset in range(1, int(min(width.max(initial=0), LONGEST_NUMBER))):
            width = np.where((width > offset) & (cells.byte(offset) == DOT), offset, width)
    value, reading = np.zeros(cells.starts.shape, dtype=np.int64), ~missing
    for offset in range(int(min(width.max(initial=0), LONGEST_NUMBER))):
        byte = cells.byte(offset)
        digit = byte - np.uint8(ZERO)
        reading &= (digit <= 9) | (offset >= width)
        here = reading & (offset < width)
        value = np.where(here, value * 10 + digit, value)
    bad = ~missing & (~reading | (width > LONGEST_NUMBER) | (value > np.iinfo(np.int32).max))
    return np.where(missing | bad, -1, value), bad


def passes(cells: Cells) -> Mask:
    """(n, S) whether an FT says that the call passed, or nothing."""
    width = cells.stops - cells.starts
    word = np.ones(width.shape, dtype=np.bool_)
    for offset, byte in enumerate(PASS):
        word &= cells.byte(offset) == byte
    return (width == 0) | ((width == 1) & (cells.byte(0) == DOT)) | ((width == len(PASS)) & word)
