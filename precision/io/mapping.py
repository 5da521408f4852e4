"""What each column of a wide table becomes: a variable with its unit, a part of another table, or an extra column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from precision.errors import InputError
from precision.io.issues import Ledger
from precision.io.roles import INTERNAL, ORIGIN, identifier_header, identifiers
from precision.io.text import TextColumn, TextTable
from precision.schema import Variable, match_header, variable, variables
from precision.units import conversion, header_key, normalise_unit

# Cells by which a column gives itself away as a direct identifier, whatever its header says.
VALUE_PATTERNS = (
    ("social security number", r"^\d{3}-\d{2}-\d{4}$"),
    ("email address", r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"),
    ("telephone number", r"^\+?\(?\d{2,4}\)?[ \-/]\d{3,4}[ \-]\d{3,5}$"),
)
STAR_ALLELES = r"^\*[0-9A-Za-z.+]+(?:x[0-9N]+)?/\*[0-9A-Za-z.+]+(?:x[0-9N]+)?$"
GENE = r"^[A-Za-z][A-Za-z0-9-]{1,14}$"
RELATIONS = (
    ("mother", "father", "sister", "brother", "daughter", "son", "parent", "sibling", "child", "aunt", "uncle")
    + ("mat_grandmother", "mat_grandfather", "pat_grandmother", "pat_grandfather", "grandparent", "cousin")
)  # fmt: skip
SAMPLE = 1_000  # distinct cells that are looked at to tell what a column holds
SECOND = re.compile(r" \([0-9]+\)$")  # how the second column of one header is called


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person who loads the files has decided.

    mapping : header -> variable or column of a canonical table; "" leaves the column out
    units : header -> unit of its values
    confirm : headers or variables whose ambiguous coding (1 and 2) is right
    bare_units : variable -> unit of headers that name none, where it is not the dictionary's
    scope : model whose own headers are understood too
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    confirm: frozenset[str] = frozenset()
    row_numbers: bool = False
    today: date = date.max
    bare_units: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""

    def confirmed(self, header: str, item: Variable) -> bool:
        return bool(self.confirm & {header, item.name, "*"})


@dataclass(frozen=True, slots=True)
class Use:
    """What one column is used for.

    part : id, variable, unit, extra, identifier, internal, unused, or the table that its cells go to
    unit : UCUM unit of cells beside which none is stated; unit_source says who states it
    beside : the column of units that belongs to it
    detail : the code, gene, scope or identifier that the header names
    """

    column: TextColumn
    part: str
    variable: Variable | None = None
    unit: str = ""
    unit_source: str = ""
    beside: TextColumn | None = None
    detail: str = ""


def plan(ledger: Ledger, choices: Choices) -> tuple[Use, ...]:
    """The use of every column of a wide table; what is doubtful about a header is reported."""
    table = ledger.table
    identifier = _identifier(table, choices)
    taken: dict[str, str] = {}
    uses = [_use(ledger, column, choices, identifier) for column in table.columns]
    uses = [
        _once(ledger, use, taken, choices) for use in sorted(uses, key=lambda u: u.column.header not in choices.mapping)
    ]
    by_header = {use.column.header: use for use in uses}
    beside = _unit_columns(table, {u.variable.name for u in uses if u.variable})
    ordered = (by_header[column.header] for column in table.columns)
    return tuple(_with_units(use, beside) for use in ordered)


def _identifier(table: TextTable, choices: Choices) -> str | None:
    for header, becomes in choices.mapping.items():
        if becomes == "patient_id" and header in table.headers:
            return header
    return identifier_header(h for h in table.headers if h not in choices.mapping)


def _use(ledger: Ledger, column: TextColumn, choices: Choices, identifier: str | None) -> Use:
    header = column.header
    if header == identifier:
        return Use(column, "id", variable("patient_id"))
    if header in INTERNAL | ORIGIN:
        return Use(column, "internal")
    if header in choices.mapping:
        becomes = choices.mapping[header]
        if not becomes:
            return Use(column, "unused")
        if becomes in variables():
            return _variable(ledger, column, variable(becomes), None, choices)
    return _part(column) or _matched(ledger, column, choices) or _unmatched(ledger, column)


def _matched(ledger: Ledger, column: TextColumn, choices: Choices) -> Use | None:
    if column.header.strip().isdigit():
        return None
    match = match_header(column.header, choices.scope or None)
    if match is None or match.variable.name == "patient_id":
        return None
    if match.variable.name == "drug":
        return Use(column, "medications", match.variable)
    if header_key(column.header) in identifiers() and match.variable.kind == "text":
        return None
    return _variable(ledger, column, match.variable, match.unit, choices)


def _variable(ledger: Ledger, column: TextColumn, item: Variable, named: str | None, choices: Choices) -> Use:
    """A column of a variable, with the unit that is chosen, named by the header, or the dictionary's."""
    chosen = choices.units.get(column.header, "")
    if chosen and normalise_unit(chosen) is None:
        ledger.column("unknown_unit", column.header, chosen, f"the unit '{chosen}' that was chosen is not known.")
    bare = choices.bare_units.get(item.name, "")
    ways = (("chosen", normalise_unit(chosen) if chosen else ""), ("header", named), ("model", bare))
    source, unit = next(((source, unit) for source, unit in ways if unit), ("dictionary", item.unit))
    if item.kind not in ("number", "integer"):
        return Use(column, "variable", item)
    try:
        if item.unit and unit:
            conversion(item.analyte, unit, item.unit)
    except InputError as error:
        ledger.column("unit_mismatch", column.header, unit, f"{error}.")
        return Use(column, "extra")
    return Use(column, "variable", item, unit if item.unit else "", source if item.unit else "")


def _part(column: TextColumn) -> Use | None:
    """Columns whose header says a fact of its own: dx_E11.9, fh_mother_C50, consent_pgx, rs4149056, CYP2C19."""
    key, header = header_key(column.header), column.header.strip()
    if key.startswith("dx_") and match_header(header) is None:
        inner = match_header(header[3:])
        if inner is not None and inner.variable.kind == "boolean":
            return Use(column, "variable", inner.variable)
        return Use(column, "conditions", detail=header[3:])
    if key in ("meds", "medications", "drugs", "current_medications"):
        return Use(column, "medications", variable("drug"))
    if key.startswith("consent_") and match_header(header) is None:
        return Use(column, "consent", detail=key.removeprefix("consent_"))
    if key.startswith("fh_") and match_header(header) is None:
        relation = next((name for name in RELATIONS if key.startswith(f"fh_{name}_")), "")
        return Use(column, "family_history", detail=f"{relation}:{header[4 + len(relation) :]}") if relation else None
    if re.fullmatch(GENE, header) and match_header(header) is None and _mostly(column, STAR_ALLELES):
        return Use(column, "diplotypes", detail=header.upper())
    return None


def _unmatched(ledger: Ledger, column: TextColumn) -> Use:
    """A direct identifier, or an extra column; the latter are kept and their meaning is asked for."""
    key = header_key(column.header)
    what = identifiers().get(key) or next((what for what, shape in VALUE_PATTERNS if _mostly(column, shape)), "")
    if what:
        reason = f"the column looks like a direct identifier ({what}); it is left out before anything is stored."
        ledger.column("phi_suspect", column.header, "", reason)
        return Use(column, "identifier", detail=what)
    return Use(column, "extra")


def _mostly(column: TextColumn, shape: str) -> bool:
    """Whether at least half of the cells that hold something have a shape; distinct cells are counted once."""
    texts = column.distinct.head(SAMPLE).stripped()
    held = len(texts) - int(texts.blank().sum())
    return held > 0 and int(texts.matches(shape).sum()) >= 0.5 * held


def repeated(header: str) -> str:
    """The header of an earlier column that this one repeats, as in 'sbp (2)'; empty where it repeats none we know."""
    stem = SECOND.sub("", header)
    return stem if stem != header and match_header(stem) is not None else ""


def _once(ledger: Ledger, use: Use, taken: dict[str, str], choices: Choices) -> Use:
    """Each variable is read from one column; a second one is kept as an extra column."""
    if use.part != "variable" or use.variable is None:
        return use
    first = taken.setdefault(use.variable.name, use.column.header)
    if first == use.column.header:
        return use
    reason = f"column '{first}' is read as {use.variable.label} already; this one is kept as it is."
    ledger.column("duplicate_column", use.column.header, "", reason)
    return Use(use.column, "extra")


def _unit_columns(table: TextTable, names: Iterable[str]) -> dict[str, TextColumn]:
    """Variable -> the column that holds its units: ldl_unit beside ldl."""
    wanted, found = set(names), dict[str, TextColumn]()
    for column in table.columns:
        stem = re.sub(r"_(units?|uom)$", "", header_key(column.header))
        match = match_header(stem) if stem != header_key(column.header) else None
        if match is not None and match.variable.name in wanted and match.variable.unit:
            found.setdefault(match.variable.name, column)
    return found


def _with_units(use: Use, beside: Mapping[str, TextColumn]) -> Use:
    if use.part == "extra" and any(use.column is column for column in beside.values()):
        return Use(use.column, "unit")
    if use.part == "variable" and use.variable is not None and use.variable.name in beside:
        return Use(use.column, "variable", use.variable, use.unit, "column", beside[use.variable.name])
    return use


def examples(column: TextColumn, count: int = 3) -> str:
    """A few different cells, the most frequent first."""
    if column.codes is None:
        column = TextColumn(column.header, column.distinct.head(SAMPLE))
    counts = np.where(column.blank(), 0, column.counts())
    best = np.argsort(-counts, kind="stable")[:count]
    texts = column.distinct.take(best[counts[best] > 0]).list()
    return ", ".join(text.strip()[:40] for text in texts)
