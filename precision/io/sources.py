"""What is to be read: files, folders, uploads and archives, opened within limits and told apart by content."""

from __future__ import annotations

import gzip
import io
import tomllib
import zipfile
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from precision.cohort import GENOTYPES, TABLES
from precision.errors import InputError
from precision.io import sniff
from precision.io.delimited import read_delimited
from precision.io.roles import named_table
from precision.io.text import LIMITS, Limits, TextTable
from precision.io.workbook import read_parquet, read_xlsx

File = Path | str | tuple[str, bytes]
SETTINGS = "cohort.toml"
PIECE = 1 << 20
VARIANT_FILES = (".vcf", ".vcf.gz", ".vcf.bgz")
VARIANT_FOLDER = "vcf"
GENOTYPE_KINDS = ("all_variants", "unknown")  # the file has every variant of its samples; nothing is known of that


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: its name for people, and where its bytes are. `optional` files may turn out to be no table."""

    name: str
    where: Path | bytes
    optional: bool = False

    @contextmanager
    def open(self) -> Generator[BinaryIO]:
        """The bytes from the beginning."""
        if isinstance(self.where, bytes):
            yield io.BytesIO(self.where)
        else:
            with self.where.open("rb") as stream:
                yield stream

    def size(self) -> int:
        return len(self.where) if isinstance(self.where, bytes) else self.where.stat().st_size


@dataclass(frozen=True, slots=True)
class Settings:
    """What a folder's cohort.toml declares; None where it says nothing."""

    name: str | None = None
    synthetic: bool = False
    index_date: date | None = None
    complete: frozenset[str] = field(default_factory=frozenset)
    problem: str = ""


def gather(files: Iterable[File]) -> tuple[list[Source], Settings]:
    """Every file to read, folders opened, and the settings that were found among them.

    Raises
    ------
    InputError : a path that does not exist
    """
    sources, settings = list[Source](), Settings()
    for file in files:
        if isinstance(file, tuple):
            found = [Source(file[0], file[1])]
        else:
            path = Path(file)
            if not path.exists():
                raise InputError(f"{path} does not exist; give a file or a folder of tables")
            found = list(_folder(path)) if path.is_dir() else [Source(path.name, path)]
        for source in found:
            if PurePosixPath(source.name).name == SETTINGS:
                settings = _settings(source)
            else:
                sources.append(source)
    return _unlike_names(sources), settings


def _folder(folder: Path) -> Iterator[Source]:
    """The tables and variant files of a folder, and those of its sub-folders named after tables or "vcf".

    All else is read only where no cohort is declared.
    """
    declared = (folder / SETTINGS).is_file()
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name in (*TABLES, VARIANT_FOLDER):
            yield from (Source(f"{path.name}/{part.name}", part) for part in sorted(path.iterdir()) if part.is_file())
        elif path.is_file() and not path.name.startswith("."):
            table = path.name.partition(".")[0] in TABLES or path.name.lower().endswith(VARIANT_FILES)
            if path.name == SETTINGS or table or not declared:
                yield Source(path.name, path, optional=not named_table(path.name))


def _settings(source: Source) -> Settings:
    with source.open() as stream:
        try:
            read = tomllib.loads(stream.read(PIECE).decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            return Settings(problem=f"it is not valid TOML: {error}")
    name, day, complete = read.get("name"), read.get("index_date"), read.get("complete", [])
    if not isinstance(name, str | None) or not isinstance(day, date | None) or not isinstance(complete, list):
        return Settings(problem="name must be text, index_date a date, complete a list of tables")
    if unknown := [str(table) for table in complete if table not in (*TABLES, GENOTYPES)]:
        return Settings(problem=f"complete names {', '.join(unknown)}; tables are {', '.join(TABLES)}")
    kind = read.get(GENOTYPES, GENOTYPE_KINDS[1])
    if kind not in GENOTYPE_KINDS:
        return Settings(problem=f"genotypes is '{kind}'; allowed: {', '.join(GENOTYPE_KINDS)}")
    everything = [GENOTYPES] if kind == GENOTYPE_KINDS[0] else []
    return Settings(name, read.get("synthetic") is True, day, frozenset(map(str, [*complete, *everything])))


def _unlike_names(sources: list[Source]) -> list[Source]:
    """The same files, the second of a name marked, so that issues and quarantine can tell them apart."""
    seen: dict[str, int] = {}
    named: list[Source] = []
    for source in sources:
        seen[source.name] = seen.get(source.name, 0) + 1
        count = seen[source.name]
        name = source.name if count == 1 else f"{source.name} ({count})"
        named.append(Source(name, source.where, source.optional))
    return named


def read_source(source: Source, limits: Limits = LIMITS) -> list[TextTable]:
    """Every table of a file as text.

    Raises
    ------
    InputError : it is no table, damaged, or larger than the limits; the message says which
    """
    try:
        size = source.size()
        if size > limits.file_bytes:
            raise InputError(f"it has {size:,} bytes; at most {limits.file_bytes:,} are read")
        if size == 0:
            raise InputError("the file is empty")
        with source.open() as stream:
            return _tables(source.name, stream, limits)
    except OSError as error:
        raise InputError(f"it cannot be opened: {error.strerror or error}") from error


def _tables(name: str, stream: BinaryIO, limits: Limits, depth: int = 0) -> list[TextTable]:
    head = stream.read(sniff.HEAD)
    stream.seek(0)
    kind = sniff.container(head)
    if kind == "parquet":
        return [read_parquet(stream, name, limits)]
    if kind == "text":
        return [read_delimited(stream, name, sniff.dialect(head), limits)]
    if kind == "gzip" and depth == 0:
        return _tables(name, _unpacked(stream, limits), limits, depth + 1)
    if kind == "zip" and depth == 0:
        return list(_archive(name, stream, limits))
    raise InputError("it is an archive inside an archive")


def _unpacked(stream: BinaryIO, limits: Limits) -> BinaryIO:
    """The content of a gzip file, read no further than the limits allow."""
    packed = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    most = min(limits.expanded_bytes, max(limits.expansion_from, limits.expansion * packed))
    content = io.BytesIO()
    try:
        with gzip.open(stream) as unpacked:
            while piece := unpacked.read(PIECE):
                if content.tell() == 0:
                    sniff.container(piece)
                content.write(piece)
                if content.tell() > most:
                    raise InputError(f"it unpacks to more than {most:,} bytes")
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"the gzip file is damaged: {error}") from error
    if content.tell() == 0:
        raise InputError("the file is empty")
    content.seek(0)
    return content


def _archive(name: str, stream: BinaryIO, limits: Limits) -> Iterator[TextTable]:
    """A workbook, or the tables in a zip archive."""
    try:
        with zipfile.ZipFile(stream) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check_archive(members, limits)
            if any(member.filename == "xl/workbook.xml" for member in members):
                stream.seek(0)
                yield from read_xlsx(stream.read(), name)
                return
            if any(
                member.filename in ("word/document.xml", "ppt/presentation.xml", "content.xml") for member in members
            ):
                raise InputError("it is a document, not a table")
            for member in members:
                content = io.BytesIO(archive.read(member))
                if content.getbuffer().nbytes:
                    yield from _tables(f"{name}/{PurePosixPath(member.filename).name}", content, limits, 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error) as error:
        raise InputError(f"the archive is damaged or locked: {error}") from error


def _check_archive(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    packed = sum(member.compress_size for member in members)
    expanded = sum(member.file_size for member in members)
    if len(members) > limits.members:
        raise InputError(f"it holds {len(members):,} files; at most {limits.members:,} are unpacked")
    if expanded > limits.expanded_bytes or (
        expanded > limits.expansion_from and expanded > limits.expansion * max(1, packed)
    ):
        raise InputError(f"its {packed:,} bytes unpack to {expanded:,}, more than a table would")
