"""Which lines of a block of VCF text are asked for, found without taking the others apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precision.errors import InputError
from precision.genotypes import Region, Sites, chromosome

Bytes = NDArray[np.uint8]
Index = NDArray[np.int64]
Mask = NDArray[np.bool_]
TAB, NEWLINE, HASH, ZERO, SEMICOLON = 9, 10, 35, 48, 59
LONGEST_POSITION = 10  # digits
LAST_POSITION = np.iinfo(np.int32).max
REACH = 100  # bases of REF; lines with a longer one are looked for by themselves
END, LENGTH = b"END=", b"SVLEN="
LENGTHS, DIGITS = re.compile(rb"[-\d.,]+"), re.compile(rb"\d+")
WORD = 48  # bytes
LETTER = np.uint64(0x4040404040404040)


@dataclass(frozen=True, slots=True)
class Asked:
    """The stretches that are asked for, sorted and apart, by chromosome; both ends inside.

    reach : how many bases before them a record of usual length may begin whose REF covers one; 0: none counts
    """

    stretches: Mapping[str, tuple[Index, Index]]
    reach: int = 0

    @classmethod
    def of(cls, wanted: Sites | Sequence[Region]) -> Asked:
        """Each position of sites is a stretch of its own; regions that overlap become one."""
        found: dict[str, tuple[Index, Index]] = {}
        if isinstance(wanted, Sites):
            for name in np.unique(wanted.chrom):
                here = np.flatnonzero(wanted.chrom == name).tolist()
                at = np.unique([wanted.pos[i] + k for i in here for k in range(len(wanted.ref[i]))]).astype(np.int64)
                found[chromosome(str(name))] = (at, at)
            return cls(found, REACH)
        by_name: dict[str, list[tuple[int, int]]] = {}
        for name, start, end in wanted:
            if start < 1 or end < start:
                raise InputError(f"region {name}:{start}-{end} is none; start is at least 1 and end not before start")
            by_name.setdefault(chromosome(name), []).append((start, end))
        return cls({name: _apart(sorted(pairs)) for name, pairs in by_name.items()})

    def overlaps(self, chrom: str, first: Index, last: Index) -> Mask:
        """(n,) whether any position from first to last is asked for."""
        stretches = self.stretches.get(chrom)
        if stretches is None:
            return np.zeros(len(first), dtype=np.bool_)
        starts, ends = stretches
        return np.searchsorted(ends, first) < np.searchsorted(starts, last, side="right")

    def within(self, chrom: str, first: int, last: int) -> list[int]:
        """The first asked position of each stretch that lies in first to last."""
        starts, ends = self.stretches.get(chrom, (np.empty(0, np.int64),) * 2)
        some = starts[np.searchsorted(ends, first) : np.searchsorted(starts, last, side="right")]
        return np.maximum(some, first).tolist()


def _apart(pairs: list[tuple[int, int]]) -> tuple[Index, Index]:
    merged: list[list[int]] = []
    for start, end in pairs:
        if merged and start <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    both = np.array(merged, dtype=np.int64)
    return both[:, 0].copy(), both[:, 1].copy()


@dataclass(frozen=True, slots=True)
class Lines:
    """The n lines of a block that are asked for.

    starts, stops : offsets of the first byte and of the line's end; rows : line in the file, 0 where not known;
    chrom, pos : where the record begins
    """

    starts: list[int]
    stops: list[int]
    rows: list[int]
    chrom: list[str]
    pos: list[int]


def select(text: bytes, data: Bytes, asked: Asked | None, row: int, file: str) -> tuple[Lines, int]:
    """The lines asked for, all of them where nothing is said, and how many lines the block has.

    Lines shortly before what is asked for are among them: how far their REF reaches is not looked at.

    text, data : the same bytes, whole lines; row : line in the file of the first, 0 where not known

    Raises
    ------
    InputError : a line without a position
    """
    stops = np.flatnonzero(data == NEWLINE)
    starts = np.concatenate([np.zeros(1, np.int64), stops[:-1] + 1])
    rows = np.arange(row, row + len(stops)) if row else np.zeros(len(stops), np.int64)
    first = data[starts]
    records = np.flatnonzero((first != HASH) & (first != NEWLINE))
    reach = None if asked is None else _reaches(text, data, starts, stops, asked.reach)
    chosen, chrom, pos = list[Index](), list[str](), np.zeros(len(stops), np.int64)
    names = np.zeros(len(stops), np.int64)
    for name, width, of_name in _chromosomes(text, data, starts, stops, records, file, rows):
        if asked is not None and name not in asked.stretches:
            continue
        at = _positions(data, starts[of_name] + width)
        if (at < 0).any():
            wrong = of_name[np.argmax(at < 0)]
            raise InputError(_no_position(text[starts[wrong] : stops[wrong]], file, int(rows[wrong])))
        pos[of_name], names[of_name] = at, len(chrom)
        if asked is not None:
            last = at + asked.reach if reach is None else np.maximum(at + reach[0][of_name], reach[1][of_name])
            wanted = asked.overlaps(name, at, last)
            if reach is not None:
                wanted |= (reach[1][of_name] >= 0) & (reach[1][of_name] < at)  # END that is none: how far is not known
            of_name = of_name[wanted]
        chrom.append(name)
        chosen.append(of_name)
    here = np.sort(np.concatenate([np.empty(0, np.int64), *chosen]))
    which = names[here].tolist()
    return (
        Lines(
            starts[here].tolist(),
            stops[here].tolist(),
            rows[here].tolist(),
            [chrom[i] for i in which],
            pos[here].tolist(),
        ),
        len(stops),
    )


def _chromosomes(
    text: bytes, data: Bytes, starts: Index, stops: Index, records: Index, file: str, rows: Index
) -> Iterator[tuple[str, int, Index]]:
    """Each chromosome of the records: its name, the width of its column with the tab, and its lines."""
    while len(records):
        start, stop = int(starts[records[0]]), int(stops[records[0]])
        tab = text.find(b"\t", start, stop)
        if tab < 0:
            raise InputError(_no_position(text[start:stop], file, int(rows[records[0]])))
        if text[start:tab].split() != [text[start:tab]]:
            raise InputError(_no_chromosome(text[start:tab], file, int(rows[records[0]])))
        same = np.ones(len(records), dtype=np.bool_)
        at = starts[records]
        for offset, byte in enumerate(text[start : tab + 1]):
            same &= data.take(at + offset, mode="clip") == byte
        yield chromosome(text[start:tab].decode("utf-8", "replace")), tab + 1 - start, records[same]
        records = records[~same]


def _positions(data: Bytes, at: Index) -> Index:
    """(n,) the whole number that begins at each offset and ends with a tab; -1 where there is none."""
    value, reading = np.zeros(len(at), dtype=np.int64), np.ones(len(at), dtype=np.bool_)
    good = np.zeros(len(at), dtype=np.bool_)
    for offset in range(LONGEST_POSITION + 1):
        byte = data.take(at + offset, mode="clip")
        digit = byte - np.uint8(ZERO)
        if offset:
            good |= reading & (byte == TAB)
        reading &= digit <= 9
        if not reading.any():
            break
        value = np.where(reading, value * 10 + digit, value)
    return np.where(good & (value <= LAST_POSITION), value, -1)


def _no_position(line: bytes, file: str, row: int) -> str:
    cells = line[:200].decode("utf-8", "replace").split("\t")
    shown = cells[1] if len(cells) > 1 else line[:40].decode("utf-8", "replace")
    where = f"line {row}" if row else "a line found by the index"
    return (
        f"{file}, {where}, column POS: {shown!r} is no position; a record has tab-separated columns, "
        "the second a whole number up to 2,147,483,647. Write the file again, or remove the line"
    )


def _no_chromosome(name: bytes, file: str, row: int) -> str:
    where = f"line {row}" if row else "a line found by the index"
    return (
        f"{file}, {where}, column CHROM: {name.decode('utf-8', 'replace')!r} is no name of a chromosome; "
        "it has no spaces and is not empty. Write the file again, or remove the line"
    )


def _reaches(text: bytes, data: Bytes, starts: Index, stops: Index, usual: int) -> tuple[Index, Index] | None:
    """(n,) how many bases after its first a line may reach, and (n,) END of its INFO, -1 where it has none.

    None where no line reaches further than usual.
    """
    ends, lengths = _keys(text, data, END), _keys(text, data, LENGTH)
    long = _long_words(data) if usual else np.empty(0, np.int64)
    if not (len(ends) or len(lengths) or len(long)):
        return None
    reach, end = np.full(len(stops), usual, np.int64), np.full(len(stops), -1, np.int64)
    np.maximum.at(end, np.searchsorted(stops, ends), _numbers(data, ends + len(END)))
    longest = [_longest(text, at + len(LENGTH)) for at in lengths.tolist()]
    np.maximum.at(reach, np.searchsorted(stops, lengths), np.array(longest, np.int64))
    for line in np.unique(np.searchsorted(stops, long)).tolist():
        columns = text[starts[line] : stops[line]].split(b"\t", 4)
        reach[line] = max(int(reach[line]), len(columns[3]) if len(columns) > 4 else 0)
    return reach, end


def _long_words(data: Bytes) -> Index:
    """Where a word of many letters stands; one of at least 2 * WORD - 1 letters is always found.

    Of the bytes of a line just letters, '_' and a few signs have the bit LETTER, and all bases have it.
    """
    rows = data[: len(data) // WORD * WORD].view(np.uint64).reshape(-1, WORD // 8)
    every = rows[:, 0].copy()
    for column in range(1, WORD // 8):
        every &= rows[:, column]
    return np.flatnonzero(every & LETTER == LETTER) * WORD


def _keys(text: bytes, data: Bytes, key: bytes) -> Index:
    """Where a key of INFO stands."""
    if key not in text:
        return np.empty(0, np.int64)
    width = len(key)
    at = np.flatnonzero((data[: 1 - width] == key[0]) & (data[width - 1 :] == key[-1]))
    for offset in range(1, width - 1):
        at = at[data[at + offset] == key[offset]]
    before = data[np.maximum(at - 1, 0)]
    return at[(before == TAB) | (before == SEMICOLON)]


def _numbers(data: Bytes, at: Index) -> Index:
    """The whole number at each place, 0 where there is none."""
    value, reading = np.zeros(len(at), dtype=np.int64), np.ones(len(at), dtype=np.bool_)
    for offset in range(LONGEST_POSITION):
        digit = data.take(at + offset, mode="clip") - np.uint8(ZERO)
        reading &= digit <= 9
        value = np.where(reading, value * 10 + digit, value)
    return value


def _longest(text: bytes, at: int) -> int:
    """The largest of the numbers that begin there, one for each ALT, without their signs."""
    found = LENGTHS.match(text, at)
    return max((min(int(one), LAST_POSITION) for one in DIGITS.findall(found[0])), default=0) if found else 0
