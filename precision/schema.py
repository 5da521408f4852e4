"""The variable dictionary: what each quantity is called, measured in, and allowed to be."""

import csv
import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.errors import KnowledgeError
from precision.units import analytes, fold, header_key, known_units, unit_from_header

DOMAINS = (
    "demographic",
    "clinical",
    "lifestyle",
    "environment",
    "genomic",
    "tumour",
    "family",
    "consent",
    "medication",
)
KINDS = ("number", "integer", "boolean", "category", "text", "date")
COLUMNS = (
    "name", "label", "domain", "table", "kind", "unit", "levels", "loinc", "aliases",
    "plausible_low", "plausible_high", "hard_low", "hard_high", "analyte", "note",
)  # fmt: skip

BOOLEAN = MappingProxyType(
    {word: "yes" for word in ("1", "true", "yes", "y", "t", "present", "positive", "pos", "+", "active")}
    | {word: "no" for word in ("0", "false", "no", "n", "f", "absent", "negative", "neg", "never")}
    | {"2": "no"}
)
BOOLEAN_CONFIRM = frozenset({"2"})  # surveys write 1 = yes, 2 = no

# A pseudo-level of the levels column: its synonyms are read as missing.
MISSING = "missing"
PROPOSAL_CUTOFF = 0.5

MISSING_WORDS = frozenset(
    {"", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "unknown", "unk", "not known", "missing", ".", "-", "?"}
    | {"not recorded", "not asked", "not done", "not available"}
)
COMPARATORS = ("", "<", "<=", ">", ">=")
PROBLEMS = ("", "not_a_number", "mixed_decimal_comma", "not_an_integer", "unknown_code")
NUMBER = re.compile(r"(<=|>=|<|>)?\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
DECIMAL_COMMA = re.compile(r"(?:<=|>=|<|>)?\s*[+-]?[0-9.]*[0-9],[0-9][0-9.,]*")


@dataclass(frozen=True, slots=True)
class Variable:
    """One row of the dictionary; the index of a level is its code in arrays.

    plausible : outside it a value is doubtful (warn); hard : outside it a value is impossible (refuse);
    infinite where open. loinc_units : the unit of a code that is defined in another one (14647-2: mmol/L).
    synonyms : accepted text, as `category_key` gives it, to level; those in `confirm`
    are read only when the user confirms the coding.
    """

    name: str
    label: str
    domain: str
    table: str
    kind: str
    unit: str
    levels: tuple[str, ...]
    synonyms: Mapping[str, str]
    confirm: frozenset[str]
    loinc: tuple[str, ...]
    loinc_units: Mapping[str, str]
    aliases: tuple[str, ...]
    plausible: tuple[float, float]
    hard: tuple[float, float]
    analyte: str
    note: str

    def code(self, level: str) -> float:
        """The number that stands for a level in arrays.

        Raises
        ------
        KnowledgeError : the variable has no such level
        """
        if level not in self.levels:
            raise KnowledgeError(f"variable '{self.name}' has no level '{level}'; it has: {', '.join(self.levels)}")
        return float(self.levels.index(level))


@dataclass(frozen=True, slots=True)
class Match:
    """A header understood as a variable; `unit` is the one that the header names, `similarity` 1 when exact."""

    variable: Variable
    unit: str | None
    similarity: float = 1.0


@dataclass(frozen=True, slots=True)
class Encoded:
    """A column of text read as a variable; every array is (N,).

    values : float64, in the unit of the text; the code of a level; NaN where missing or unreadable
    missing : nothing was stated; problem : index in PROBLEMS, 0 where there is none
    comparator : index in COMPARATORS (`<5` is 5 with `<`); confirm : read only if the coding is confirmed
    """

    values: NDArray[np.float64]
    missing: NDArray[np.bool_]
    problem: NDArray[np.int8]
    comparator: NDArray[np.int8]
    confirm: NDArray[np.bool_]

    @property
    def unreadable(self) -> NDArray[np.bool_]:
        return self.problem > 0


@cache
def variables() -> Mapping[str, Variable]:
    """Every variable by name, read-only, in file order."""
    with as_file(files("precision").joinpath("variables.csv")) as path:
        return read_variables(path)


def variable(name: str) -> Variable:
    """The variable of this name.

    Raises
    ------
    KnowledgeError : there is none; the message names the nearest
    """
    try:
        return variables()[name]
    except KeyError:
        near = ", ".join(difflib.get_close_matches(name, variables(), n=3)) or "none"
        raise KnowledgeError(f"no variable is called '{name}'; nearest: {near}") from None


@cache
def by_loinc() -> Mapping[str, Variable]:
    """The variable of each LOINC code."""
    return MappingProxyType({code: item for item in variables().values() for code in item.loinc})


def category_key(text: str) -> str:
    """Text of a category without case, spacing or punctuation; `2.0` is the code `2`, and `+` stays `+`."""
    folded = re.sub(r"^([0-9]+)\.0+$", r"\1", fold(text))
    return re.sub(r"[\s_\-/,;:.()]+", "_", folded).strip("_") or folded


def match_header(header: str, scope: str | None = None) -> Match | None:
    """The variable that a header names, by name, alias or LOINC code, with or without a unit at its end.

    scope : a model or a canonical table. Some headers mean something only there (`region`, `T1`, `status`);
        the scope `score2` holds for `score2_diabetes` too.
    """
    key = header_key(header)
    code = key.removeprefix("loinc_").replace("_", "-")
    if code in by_loinc():
        return Match(by_loinc()[code], by_loinc()[code].loinc_units.get(code))
    stem, unit = unit_from_header(key)
    for candidate, named in ((key, None), (stem, unit)):
        found = _scoped(candidate, scope) or _headers().get(candidate)
        if found is not None:
            return Match(variables()[found], named)
    return None


def _scoped(key: str, scope: str | None) -> str | None:
    while scope:
        found = _headers().get(f"{scope}:{key}")
        if found is not None:
            return found
        scope = scope.rpartition("_")[0]
    return None


@cache
def propose(header: str, n: int = 3) -> tuple[Match, ...]:
    """Up to n variables that an unknown header may mean, the most similar first."""
    stem, unit = unit_from_header(header)
    best: dict[str, float] = {}
    letters = difflib.SequenceMatcher(None, b=stem)  # made once: it prepares its second text
    for key, name in _headers().items():
        alike = _similarity(letters, stem, key.rpartition(":")[2])
        if alike >= PROPOSAL_CUTOFF:
            best[name] = max(alike, best.get(name, 0.0))
    ranked = sorted(best, key=lambda name: -best[name])[:n]
    return tuple(Match(variables()[name], unit, best[name]) for name in ranked)


def _similarity(letters: difflib.SequenceMatcher[str], one: str, other: str) -> float:
    """The larger of shared letters in order and shared words, in [0, 1]."""
    words, others = set(one.split("_")), set(other.split("_"))
    shared = 2 * len(words & others) / (len(words) + len(others))
    letters.set_seq1(other)
    near = letters.real_quick_ratio() >= PROPOSAL_CUTOFF and letters.quick_ratio() >= PROPOSAL_CUTOFF
    return max(shared, letters.ratio() if near else 0.0)


@cache
def _headers() -> Mapping[str, str]:
    return headers(variables().values())


def headers(items: Iterable[Variable]) -> dict[str, str]:
    """Every normalised header (`scope:header` where scoped) and the name of its one variable.

    Raises
    ------
    KnowledgeError : two variables claim the same header
    """
    owners: dict[str, str] = {}
    for item in items:
        for header in {item.name, *item.aliases}:
            if owners.setdefault(header, item.name) != item.name:
                raise KnowledgeError(f"header '{header}' belongs to both '{owners[header]}' and '{item.name}'")
    return owners


def read_variables(path: Path) -> Mapping[str, Variable]:
    """Read and check a dictionary.

    Raises
    ------
    KnowledgeError : a name, header, LOINC code or level occurs twice; a unit, analyte, domain or kind is
        unknown; a range is not in order
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise KnowledgeError(f"{path.name}: columns are {reader.fieldnames}; expected {', '.join(COLUMNS)}")
        items = [_variable(row, f"{path.name}, line {reader.line_num}") for row in reader]
    for field in ("name", "loinc"):
        entries = [entry for item in items for entry in ([item.name] if field == "name" else item.loinc)]
        if twice := {entry for entry in entries if entries.count(entry) > 1}:
            raise KnowledgeError(f"{path.name}: {field} {', '.join(sorted(twice))} occurs more than once")
    headers(items)
    return MappingProxyType({item.name: item for item in items})


def _variable(row: Mapping[str, str], where: str) -> Variable:
    if None in row or None in row.values():
        raise KnowledgeError(f"{where}: the row has not {len(COLUMNS)} cells")
    levels, synonyms, confirm = _levels(row["levels"], row["kind"], where)
    item = Variable(
        name=row["name"],
        label=row["label"],
        domain=row["domain"],
        table=row["table"],
        kind=row["kind"],
        unit=row["unit"],
        levels=levels,
        synonyms=MappingProxyType(synonyms),
        confirm=confirm,
        loinc=tuple(code.partition("=")[0] for code in row["loinc"].split()),
        loinc_units=MappingProxyType(dict(code.split("=") for code in row["loinc"].split() if "=" in code)),
        aliases=tuple(alias for alias in row["aliases"].split("|") if alias),
        plausible=_range(row, "plausible", where),
        hard=_range(row, "hard", where),
        analyte=row["analyte"],
        note=row["note"],
    )
    if problem := _problem(item):
        raise KnowledgeError(f"{where}: variable '{item.name}': {problem}")
    return item


def _levels(text: str, kind: str, where: str) -> tuple[tuple[str, ...], dict[str, str], frozenset[str]]:
    """Levels, synonyms and the ambiguous ones among them, from `female:f|woman|?2;male:m|man|?1`."""
    yes_no = kind == "boolean"
    levels = ["no", "yes"] if yes_no else list[str]()
    synonyms = dict(BOOLEAN if yes_no else {})
    confirm = set(BOOLEAN_CONFIRM if yes_no else ())
    for part in filter(None, text.split(";")):
        level, _, listed = part.partition(":")
        if level != MISSING and not (yes_no and level in ("no", "yes")):
            levels.append(level)
        for word in [level, *filter(None, listed.split("|"))]:
            key = category_key(word.removeprefix("?"))
            if synonyms.setdefault(key, level) != level:
                raise KnowledgeError(f"{where}: '{key}' stands for both level '{synonyms[key]}' and level '{level}'")
            if word.startswith("?"):
                confirm.add(key)
    if len(set(levels)) < len(levels):
        raise KnowledgeError(f"{where}: a level occurs twice in '{text}'")
    return tuple(levels), synonyms, frozenset(confirm)


def _range(row: Mapping[str, str], which: str, where: str) -> tuple[float, float]:
    low, high = row[f"{which}_low"], row[f"{which}_high"]
    try:
        return float(low or -math.inf), float(high or math.inf)
    except ValueError as error:
        raise KnowledgeError(f"{where}: the {which} range '{low}' to '{high}' holds no number") from error


def _problem(item: Variable) -> str | None:
    """What breaks the rules of the dictionary, or None."""
    (low, high), (floor, ceiling) = item.plausible, item.hard
    bare = [alias.rpartition(":")[2] for alias in item.aliases]
    rules = (
        (item.domain in DOMAINS, f"domain '{item.domain}' is not one of {', '.join(DOMAINS)}"),
        (item.kind in KINDS, f"kind '{item.kind}' is not one of {', '.join(KINDS)}"),
        (not item.unit or item.unit in known_units(), f"unit '{item.unit}' is not in units.csv"),
        (not item.analyte or item.analyte in analytes(), f"analyte '{item.analyte}' is not in units.csv"),
        (floor <= low <= high <= ceiling, f"ranges {item.hard} and {item.plausible} are not in order"),
        (item.kind != "category" or len(item.levels) > 1, "a category needs two levels or more"),
        (bool(re.fullmatch("[a-z][a-z0-9_]*", item.name)), "the name is not in lower_case"),
        (all(header_key(alias) == alias for alias in bare), "an alias is not as header_key writes it"),
        (known_units() >= set(item.loinc_units.values()), "the unit of a LOINC code is not in units.csv"),
    )  # fmt: skip
    return next((message for kept, message in rules if not kept), None)


Cell = tuple[float, int, int, bool]  # value, problem, comparator, to be confirmed
NOT_A_NUMBER, COMMA, NOT_AN_INTEGER, UNKNOWN_CODE = range(1, len(PROBLEMS))


def read_column(item: Variable, values: "pd.Series[str]") -> Encoded:
    """Read a column of text as numbers or level codes; each distinct text is read once.

    A decimal comma is a problem of its own, never read as a point or as a separator of thousands.

    Raises
    ------
    KnowledgeError : text and dates have no code
    """
    if item.kind in ("text", "date"):
        raise KnowledgeError(f"variable '{item.name}' holds a {item.kind}: it has no numbers to encode")
    read = _number if item.kind in ("number", "integer") else _level
    codes, distinct = pd.factorize(values)
    cells = [read(item, str(text)) for text in distinct]
    cells.append((math.nan, 0, 0, False))  # code -1: the cell was null
    numbers, problems, comparators, confirms = zip(*cells, strict=True)
    value = np.array(numbers, dtype=np.float64)[codes]
    problem = np.array(problems, dtype=np.int8)[codes]
    return Encoded(
        values=value,
        missing=np.isnan(value) & (problem == 0),
        problem=problem,
        comparator=np.array(comparators, dtype=np.int8)[codes],
        confirm=np.array(confirms, dtype=np.bool_)[codes],
    )


def encode(
    item: Variable, values: "pd.Series[str]"
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Values or level codes, what could not be read, and what is read only if confirmed; each (N,)."""
    column = read_column(item, values)
    return column.values, column.unreadable, column.confirm


def parse_boolean(text: str) -> bool | None:
    """Yes, no, or None when the text says neither or could say either."""
    key = category_key(text)
    return None if key in BOOLEAN_CONFIRM or key not in BOOLEAN else BOOLEAN[key] == "yes"


def _number(item: Variable, text: str) -> Cell:
    found = NUMBER.fullmatch(text)
    if found is None or (item.synonyms and _is_missing(item, text)):
        return _not_a_number(item, text)
    value = float(found[2])
    if not math.isfinite(value):
        return math.nan, NOT_A_NUMBER, 0, False
    if item.kind == "integer" and not value.is_integer():
        return math.nan, NOT_AN_INTEGER, 0, False
    return value, 0, COMPARATORS.index(found[1] or ""), False


def _not_a_number(item: Variable, text: str) -> Cell:
    plain = text.strip().replace("\u2212", "-").replace("\u2264", "<=").replace("\u2265", ">=")
    if _is_missing(item, plain):
        return math.nan, 0, 0, category_key(plain) in item.confirm
    if plain != text:
        return _number(item, plain)
    return math.nan, COMMA if DECIMAL_COMMA.fullmatch(plain) else NOT_A_NUMBER, 0, False


def _level(item: Variable, text: str) -> Cell:
    key = category_key(text)
    level = item.synonyms.get(key, MISSING)
    if level == MISSING:
        return math.nan, 0 if _is_missing(item, text) else UNKNOWN_CODE, 0, key in item.confirm
    return float(item.levels.index(level)), 0, 0, key in item.confirm


def _is_missing(item: Variable, text: str) -> bool:
    return fold(text) in MISSING_WORDS or item.synonyms.get(category_key(text)) == MISSING
