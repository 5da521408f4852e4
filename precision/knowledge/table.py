"""Knowledge tables: read with their manifest, checked against it, or refused."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import StringIO

import pandas as pd

from precision.errors import KnowledgeError

MANIFEST = "manifest.toml"
FIELDS = ("name", "version", "retrieved", "licence", "url", "sha256")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a folder of tables comes from; `tables` are its file names, `folder` its place in the package."""

    name: str
    version: str
    retrieved: date
    licence: str
    url: str
    folder: str
    tables: tuple[str, ...]


@cache
def sources() -> tuple[Source, ...]:
    """Every knowledge source, by folder name, each table checked against its sum.

    Raises
    ------
    KnowledgeError : a manifest lacks a field, or a table is absent or changed
    """
    root = files("precision.knowledge")
    folders = sorted(entry.name for entry in root.iterdir() if entry.is_dir() and (entry / MANIFEST).is_file())
    return tuple(source_of(root / folder) for folder in folders)


def source_of(folder: Traversable) -> Source:
    """The manifest of a folder, its tables checked.

    Raises
    ------
    KnowledgeError : the manifest lacks a field, a table is absent, changed, or not listed
    """
    manifest = _manifest(folder)
    for table, expected in manifest.sums.items():
        found = _sum(folder, table)
        if found != expected:
            raise KnowledgeError(
                f"{folder.name}/{table}: its SHA-256 is {found}, the manifest says {expected}; "
                "if the change is meant, raise the version and write the new sum"
            )
    present = {entry.name for entry in folder.iterdir() if entry.name.endswith(".csv")}
    if unlisted := present - set(manifest.sums):
        raise KnowledgeError(f"{folder.name}: {', '.join(sorted(unlisted))} is not in {MANIFEST}; add its SHA-256")
    return manifest.source


def read(folder: str, table: str, columns: Collection[str], key: Collection[str]) -> pd.DataFrame:
    """A table of a knowledge folder as text, empty = unknown; '#' starts a comment line.

    Parameters
    ----------
    columns : names that the table must have, in this order
    key : columns whose combination must be unique

    Raises
    ------
    KnowledgeError : columns differ, a row has more or fewer cells, a key stands twice, or the manifest does not vouch
        for the file
    """
    return read_table(files("precision.knowledge") / folder, table, columns, key)


def read_table(folder: Traversable, table: str, columns: Collection[str], key: Collection[str]) -> pd.DataFrame:
    """As `read`, for a folder anywhere."""
    source_of(folder)
    text = (folder / table).read_text(encoding="utf-8")
    rows = [row for row in csv.reader(line for line in StringIO(text) if not line.startswith("#")) if row]
    found = rows.pop(0) if rows else []
    if found != list(columns):
        raise KnowledgeError(f"{folder.name}/{table}: columns are {', '.join(found)}; expected {', '.join(columns)}")
    if odd := next((row for row in rows if len(row) != len(found)), None):
        raise KnowledgeError(f"{folder.name}/{table}: row {odd[0]} has {len(odd)} cells; expected {len(found)}")
    frame = pd.DataFrame(rows, columns=found, dtype="str")
    doubled = frame[frame.duplicated(list(key))]
    if len(doubled):
        first = " ".join(str(doubled[name].iloc[0]) for name in key)
        raise KnowledgeError(f"{folder.name}/{table}: {first} stands twice")
    return frame


@dataclass(frozen=True, slots=True)
class _Manifest:
    source: Source
    sums: dict[str, str]


def _manifest(folder: Traversable) -> _Manifest:
    with (folder / MANIFEST).open("rb") as stream:
        facts = tomllib.load(stream)
    if absent := [field for field in FIELDS if field not in facts]:
        raise KnowledgeError(f"{folder.name}/{MANIFEST}: {', '.join(absent)} is absent")
    sums = {str(table): str(value) for table, value in facts["sha256"].items()}
    retrieved = facts["retrieved"]
    if not isinstance(retrieved, date):
        raise KnowledgeError(
            f"{folder.name}/{MANIFEST}: retrieved is '{retrieved}'; expected a date such as 2026-11-22"
        )
    source = Source(
        name=str(facts["name"]),
        version=str(facts["version"]),
        retrieved=retrieved,
        licence=str(facts["licence"]),
        url=str(facts["url"]),
        folder=folder.name,
        tables=tuple(sums),
    )
    return _Manifest(source, sums)


def _sum(folder: Traversable, table: str) -> str:
    """SHA-256 of a table with Unix line ends, as the repository stores it."""
    path = folder / table
    if not path.is_file():
        raise KnowledgeError(f"{folder.name}/{table} is in {MANIFEST} but not in the folder")
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
