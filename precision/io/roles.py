"""Which table a file is, and which of its columns plays which part in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from precision.cohort import WIDE
from precision.io.shipped import rows
from precision.io.text import TextTable
from precision.schema import match_header, variable
from precision.units import header_key

QUARANTINE = "quarantine_"  # begins the name of a file of quarantined rows
INTERNAL = frozenset({"_row", "_issues", "_fix", "_more"})
ORIGIN = frozenset({"source_file", "source_row"})
OF_VARIANT = frozenset({"rsid", "rs_id", "dbsnp", "snp", "snp_id", "variant_id", "chrom", "chromosome", "chr", "pos"})
OF_LIST = frozenset({"dose", "start", "stop", "status", "code"})  # parts of which a list of medicines has one
NOT_OF_LIST = (
    "allerg",
    "reaction",
    "gene",
    "recommend",
    "value",
    "result",
    "level",
)  # in headers: no list of medicines
SAMPLE_OF_MAF = "tumor_sample_barcode"  # a table of tumour variants names samples, not patients


@dataclass(frozen=True, slots=True)
class Role:
    """A column of a canonical table and the headers that it is known by, the most certain first.

    instead : columns of which one that says something is enough where a required column says nothing
    """

    table: str
    column: str
    kind: str
    required: bool
    headers: tuple[str, ...]
    instead: tuple[str, ...] = ()


@cache
def roles() -> Mapping[str, tuple[Role, ...]]:
    """The columns of every long table."""
    found: dict[str, tuple[Role, ...]] = {}
    for row in rows("roles.csv"):
        needed, _, instead = row["required"].partition(" ")
        role = Role(
            table=row["table"],
            column=row["column"],
            kind=row["kind"],
            required=needed in ("yes", "unless"),
            headers=tuple(row["headers"].split("|")),
            instead=tuple(instead.split("|")) if instead else (),
        )
        found[role.table] = (*found.get(role.table, ()), role)
    return found


@cache
def _names() -> Mapping[str, str]:
    return {name: row["table"] for row in rows("table_names.csv") for name in row["names"].split("|")}


@cache
def identifiers() -> Mapping[str, str]:
    """Header of a direct identifier -> what it is."""
    return {header: row["what"] for row in rows("identifiers.csv") for header in row["headers"].split("|")}


def identifier_header(headers: Iterable[str]) -> str | None:
    """The header that names the patient, the surest where several could."""
    keys = {header_key(header): header for header in headers}
    for alias in ("patient_id", *variable("patient_id").aliases):
        if alias in keys:
            return keys[alias]
    return None


def named_table(file: str) -> str:
    """The canonical table that a file's name, its sheet or its folder stands for; empty where none."""
    path = PurePosixPath(file.replace("\\", "/"))
    for part in (path.name.partition(".")[0], path.parent.name):
        key = header_key(part).removeprefix(QUARANTINE)
        if key in _names():
            return _names()[key]
        for word in reversed(re.split(r"[_0-9]+", key)):
            if word in _names():
                return _names()[word]
    return ""


def assigned(headers: Iterable[str], table: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """Column of a canonical table -> header of the file; what the person chose comes first."""
    keys: dict[str, str] = {}
    for header in headers:
        if header not in chosen:
            keys.setdefault(header_key(header), header)
    found = {part: header for header, part in chosen.items() if header in set(headers)}
    for role in roles().get(table, ()):
        if role.column in found:
            continue
        for alias in role.headers:
            if alias in keys and keys[alias] not in found.values():
                found[role.column] = keys[alias]
                break
    return found


def table_of(table: TextTable, chosen: Mapping[str, str]) -> str:
    """The canonical table that a text table holds; empty where it is none of them."""
    named = named_table(table.sheet) or named_table(table.file)
    if named and named not in WIDE and _holds(table, named, chosen):
        return named
    if identifier_header(table.headers) or "patient_id" in chosen.values():
        if _holds(table, "observations", chosen):
            return "observations"
        if _reports_genes(table, chosen):
            return "diplotypes"
        if _lists_medicines(table, chosen):
            return "medications"
        if named in ("lifestyle", "environment"):
            return named
    if any(header_key(header) == SAMPLE_OF_MAF for header in table.headers):
        return ""
    described = any(_describes(header) for header in table.headers) or bool(set(chosen.values()) - {""})
    return "patients" if described or named == "patients" else ""


def lacking_columns(table: TextTable) -> tuple[str, ...]:
    """The columns without which a table that its own name announces cannot be read; none where no name announces it.

    Expression comes as a matrix of genes and patients too, which is no long table.
    """
    named = named_table(table.sheet) or named_table(PurePosixPath(table.file.replace("\\", "/")).name)
    if named == "expression":
        return ()
    found = assigned(table.headers, named, {})
    return tuple(role.column for role in roles().get(named, ()) if _lacks(found, role))


def _holds(table: TextTable, named: str, chosen: Mapping[str, str]) -> bool:
    found = assigned(table.headers, named, chosen)
    return not any(_lacks(found, role) for role in roles()[named])


def _lacks(found: Mapping[str, str], role: Role) -> bool:
    return role.required and not any(column in found for column in (role.column, *role.instead))


def _reports_genes(table: TextTable, chosen: Mapping[str, str]) -> bool:
    """Whether a table is of laboratory results by its columns; one of variants may have gene and genotype too."""
    if not _holds(table, "diplotypes", chosen) or any(header_key(header) in OF_VARIANT for header in table.headers):
        return False
    return not _tells_more(table, assigned(table.headers, "diplotypes", chosen))


def _lists_medicines(table: TextTable, chosen: Mapping[str, str]) -> bool:
    """Whether a table is a list of medicines by its columns, one for each row; what was not tolerated is none."""
    parts = assigned(table.headers, "medications", chosen)
    match = match_header(parts.get("drug", ""))
    if match is None or match.variable.name != "drug" or not OF_LIST & parts.keys():
        return False
    if any(word in header_key(header) for header in table.headers for word in NOT_OF_LIST):
        return False
    return not _tells_more(table, parts)


def _tells_more(table: TextTable, parts: Mapping[str, str]) -> bool:
    """Whether columns that are no parts of the table say something of the patient."""
    return any(_describes(header) for header in table.headers if header not in parts.values())


def _describes(header: str) -> bool:
    """Whether a header says something of a patient, beyond who it is."""
    match = match_header(header)
    return match is not None and match.variable.kind != "text" and match.variable.name != "comparator"
