"""The text of a VCF in blocks of whole lines, whether plain, gzip or BGZF, told by content."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from precision.errors import InputError

File = Path | str | tuple[str, bytes]
BLOCK = 1 << 19  # bytes of text looked at together, so few that they stay in the processor's cache
MOST_BYTES = 1 << 21  # the same for long lines: FEW_LINES of them in a block are too few to be worth the calls
FEW_LINES = 200
LONGEST_LINE = 1 << 28
GZIP = b"\x1f\x8b"
BGZF_HEAD = 18  # bytes before the compressed data of a BGZF block
BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")  # the empty block after the last
REFUSED = (
    (b"BCF", "BCF, the binary form; convert it with `bcftools view -Oz`"),
    (b"BAM", "a BAM file of reads; call its variants first"),
    (b"CRAM", "a CRAM file of reads; call its variants first"),
    (b"PK\x03\x04", "a zip archive or a workbook; unpack it first"),
    (b"BZh", "a bzip2 archive; unpack it and compress it with bgzip"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive; unpack it and compress it with bgzip"),
    (GZIP, "compressed twice; unpack it once"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: its name for people, and where its bytes are."""

    name: str
    where: Path | bytes

    @classmethod
    def of(cls, file: File) -> Source:
        if isinstance(file, tuple):
            return cls(file[0], file[1])
        return cls(Path(file).name, Path(file))

    @contextmanager
    def open(self) -> Generator[BinaryIO]:
        """The bytes from the beginning.

        Raises
        ------
        InputError : the file cannot be opened or read
        """
        try:
            with io.BytesIO(self.where) if isinstance(self.where, bytes) else self.where.open("rb") as stream:
                yield stream
        except OSError as error:
            raise InputError(f"{self.name} cannot be read: {error.strerror or error}; check path and rights") from error


def is_bgzf(head: bytes) -> bool:
    """Whether a block of BGZF begins here: gzip with the length of the block in its extra field."""
    return head[:4] == b"\x1f\x8b\x08\x04" and head[10:16] == b"\x06\x00BC\x02\x00"


def pieces(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """The content from the beginning, unpacked where it is packed, at most BLOCK bytes at a time.

    Raises
    ------
    InputError : the packed data are damaged or end too early
    """
    head = stream.read(BGZF_HEAD)
    stream.seek(0)
    if is_bgzf(head):
        yield from _bgzf(stream, name)
    elif head.startswith(GZIP):
        yield from _gzip(stream, name)
    else:
        while piece := stream.read(BLOCK):
            yield piece


def _bgzf(stream: BinaryIO, name: str) -> Iterator[bytes]:
    while found := bgzf_block(stream, name):
        if found[0]:  # the last block holds nothing
            yield found[0]


def bgzf_block(stream: BinaryIO, name: str) -> tuple[bytes, int] | None:
    """The text of the BGZF block that begins here, and its packed length; None at the end of the file.

    Raises
    ------
    InputError : no block begins here, or it is cut short or damaged
    """
    head = stream.read(BGZF_HEAD)
    if not head:
        return None
    if len(head) < BGZF_HEAD:
        raise InputError(_cut_short(name))
    if not is_bgzf(head):
        raise InputError(f"{name}: no block of BGZF begins at byte {stream.tell() - BGZF_HEAD:,}; compress it again")
    length = struct.unpack_from("<H", head, 16)[0] + 1
    packed = head + stream.read(length - BGZF_HEAD)
    if len(packed) < length:
        raise InputError(_cut_short(name))
    try:
        return zlib.decompress(packed, 31, 1 << 16), length
    except zlib.error as error:
        at = stream.tell() - length
        raise InputError(f"{name}: the packed data are damaged at byte {at:,} ({error}); fetch it again") from error


def _gzip(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """One gzip member after the other; what follows the last one must be a member or zeros."""
    rest = stream.read(BLOCK)
    while rest.strip(b"\0"):
        engine = zlib.decompressobj(31)
        while not engine.eof:
            text = _next_text(engine, rest, stream, name)
            if not text and not rest and not engine.eof:
                raise InputError(_cut_short(name))
            if text:
                yield text
            rest = engine.unconsumed_tail or (b"" if engine.eof else stream.read(BLOCK))
        rest = engine.unused_data or stream.read(BLOCK)


def _next_text(engine: zlib._Decompress, packed: bytes, stream: BinaryIO, name: str) -> bytes:
    try:
        return engine.decompress(packed, BLOCK)
    except zlib.error as error:
        near = f"before byte {stream.tell():,}"
        raise InputError(f"{name}: the packed data are damaged {near} ({error}); fetch it again") from error


def _cut_short(name: str) -> str:
    return f"{name}: the packed file ends too early; it was not copied whole: fetch it again"


def ends_whole(source: Source) -> bool:
    """False for a BGZF file without the empty block that every complete one ends with."""
    with source.open() as stream:
        if not is_bgzf(stream.read(BGZF_HEAD)):
            return True
        stream.seek(-min(len(BGZF_END), stream.seek(0, io.SEEK_END)), io.SEEK_END)
        return stream.read() == BGZF_END


def whole_lines(parts: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The same bytes, BLOCK to MOST_BYTES of them at a time, cut after a line's end.

    The last line gets an end if it has none; CRLF becomes LF.

    Raises
    ------
    InputError : a line is longer than any VCF has
    """
    held, size, block = list[bytes](), 0, BLOCK
    for part in parts:
        size += len(part)
        cut = part.rfind(b"\n") + 1 if size >= block else 0
        if cut:
            held.append(part[:cut])
            text = _unix(b"".join(held))
            held, size = [], len(part) - cut
            if block < MOST_BYTES and text.count(b"\n") < FEW_LINES:
                block *= 2
            yield text
        if cut < len(part):
            held.append(part[cut:])
        if size > LONGEST_LINE:
            raise InputError(f"{name}: a line has more than {LONGEST_LINE:,} bytes; it is no VCF")
    if size:
        last = b"".join(held)
        yield _unix(last if last.endswith(b"\n") else last + b"\n")


def _unix(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n") if b"\r" in text else text


def lines_from(source: Source, stream: BinaryIO) -> Iterator[bytes]:
    """The blocks of whole lines of a VCF; what is no VCF is refused by its first bytes.

    Raises
    ------
    InputError : the file is empty, or of another kind; the message says which
    """
    blocks = whole_lines(pieces(stream, source.name), source.name)
    first = next(blocks, b"")
    if not first.strip():
        raise InputError(f"{source.name} is empty; choose a VCF with its header and genotypes")
    first = first.removeprefix(b"\xef\xbb\xbf")
    for magic, words in REFUSED:
        if first.startswith(magic):
            raise InputError(f"{source.name} is {words}")
    if not first.startswith((b"##fileformat=VCF", b"#CHROM\t")):
        shown = first[:40].decode("ascii", "replace").splitlines()[0] if first else ""
        raise InputError(f"{source.name} is no VCF: line 1 is {shown!r}; a VCF begins with '##fileformat=VCFv4'")
    yield first
    yield from blocks
