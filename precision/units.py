"""Units in UCUM: their spellings, the units hidden in headers, and conversion by analyte."""

import csv
import re
import unicodedata
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from precision.errors import InputError, KnowledgeError

TABLE = "units.csv"
SPELLINGS = "unit_spellings.csv"

# As a header's last word these are more often a word or a name than a unit.
NOT_IN_HEADERS = frozenset(
    {"a", "y", "d", "h", "g", "m", "s", "u", "1", "in_i", "day", "days", "min", "score", "points", "ratio", "inr"}
    | {"year", "fraction", "proportion", "week", "month", "hour", "stone", "agatston", "feet"}
    | {"au", "mo", "wk", "pack_years", "packyears", "packyear", "d_wk", "per_day", "per_week"}
)


@dataclass(frozen=True, slots=True)
class Conversion:
    """value in the new unit = factor * value + offset."""

    factor: float
    offset: float = 0.0

    def apply(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Convert values of any shape; NaN stays NaN."""
        return values * self.factor + self.offset

    def then(self, after: "Conversion") -> "Conversion":
        """This conversion followed by another."""
        return Conversion(after.factor * self.factor, after.factor * self.offset + after.offset)

    def inverse(self) -> "Conversion":
        """The way back."""
        return Conversion(1 / self.factor, -self.offset / self.factor)


@dataclass(frozen=True, slots=True)
class UnitFact:
    """One row of units.csv; `conversion` is None where the table says that none may be made."""

    analyte: str
    from_unit: str
    to_unit: str
    conversion: Conversion | None
    source: str


@cache
def facts() -> tuple[UnitFact, ...]:
    """Every row of the conversion table, in file order."""
    return tuple(_fact(row) for row in _rows(TABLE))


def _rows(table: str) -> list[dict[str, str]]:
    text = files("precision").joinpath(table).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _fact(row: Mapping[str, str]) -> UnitFact:
    try:
        conversion = Conversion(float(row["factor"]), float(row["offset"])) if row["factor"] else None
    except ValueError as error:
        raise KnowledgeError(f"{TABLE}: row {dict(row)} has a factor or offset that is no number") from error
    return UnitFact(row["analyte"], row["from_unit"], row["to_unit"], conversion, row["source"])


@cache
def analytes() -> frozenset[str]:
    """Names of the substances whose conversion needs more than a change of scale."""
    return frozenset(fact.analyte for fact in facts() if fact.analyte)


@cache
def known_units() -> frozenset[str]:
    """Every UCUM unit that can be read."""
    convertible = {unit for fact in facts() for unit in (fact.from_unit, fact.to_unit)}
    return frozenset(convertible | {row["unit"] for row in _rows(SPELLINGS)})


@cache
def conversion(analyte: str, from_unit: str, to_unit: str) -> Conversion:
    """How values of an analyte change from one UCUM unit to another.

    Parameters
    ----------
    analyte : name in units.csv, or "" when only the scale may change (g/L to mg/dL)
    from_unit, to_unit : UCUM, as `normalise_unit` gives them

    Raises
    ------
    InputError : no conversion exists, or the table forbids it (Lp(a); absolute against indexed filtration)
    """
    if from_unit == to_unit:
        return Conversion(1.0)
    reached = {from_unit: Conversion(1.0)}
    waiting = deque([from_unit])
    while waiting:
        unit = waiting.popleft()
        for following, step in _steps(analyte, unit):
            if following not in reached:
                reached[following] = reached[unit].then(step)
                waiting.append(following)
    if to_unit in reached:
        return reached[to_unit]
    raise InputError(_refusal(analyte, from_unit, to_unit))


def _steps(analyte: str, unit: str) -> Iterator[tuple[str, Conversion]]:
    for fact in facts():
        if fact.conversion is None or fact.analyte not in ("", analyte):
            continue
        if fact.from_unit == unit:
            yield fact.to_unit, fact.conversion
        elif fact.to_unit == unit:
            yield fact.from_unit, fact.conversion.inverse()


def _refusal(analyte: str, from_unit: str, to_unit: str) -> str:
    wanted = f"{analyte or 'a value'} in '{from_unit}' cannot be converted to '{to_unit}'"
    pair = {from_unit, to_unit}
    for fact in facts():
        if fact.conversion is None and fact.analyte == analyte and pair == {fact.from_unit, fact.to_unit}:
            return f"{wanted}: {fact.source}"
    possible = sorted(unit for unit in known_units() if _reaches(analyte, unit, to_unit))
    return f"{wanted}; units that can: {', '.join(possible) or to_unit}. Correct the unit in the file or its mapping"


def _reaches(analyte: str, from_unit: str, to_unit: str) -> bool:
    seen, waiting = {from_unit}, [from_unit]
    while waiting:
        for following, _ in _steps(analyte, waiting.pop()):
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return to_unit in seen


def fold(text: str) -> str:
    """Compatibility-folded lower case, with either sign for micro as u."""
    return unicodedata.normalize("NFKC", text).replace("\u03bc", "u").casefold().strip()


def _spelling(text: str) -> str:
    plain = re.sub(r"[\s\[\]{}()*^_\u00b7]", "", re.sub(r"\s+per\s+", "/", fold(text)))
    return re.sub(r"^x(?=10)", "", plain).removesuffix(".")


@cache
def _spellings() -> Mapping[str, str]:
    ucum = {_spelling(unit): unit for unit in known_units()}
    return ucum | {_spelling(row["spelling"]): row["unit"] for row in _rows(SPELLINGS)}


def normalise_unit(text: str) -> str | None:
    """The UCUM unit that a spelling means; None when it is unknown or could mean two units.

    `G/L` is refused: giga per litre and, in capitals, gram per litre are both in use.
    """
    if text.strip() in ("G/L", "G/l"):
        return None
    return text if text in known_units() else _spellings().get(_spelling(text))


def header_key(text: str) -> str:
    """A header in lower case with one underscore for whatever is neither letter nor digit; % becomes pct."""
    return re.sub(r"[\W_]+", "_", fold(text).replace("%", " pct ")).strip("_")


@cache
def _suffixes() -> Mapping[str, str]:
    spelled = {header_key(unit): unit for unit in sorted(known_units())}
    spelled |= {header_key(row["spelling"]): row["unit"] for row in _rows(SPELLINGS)}
    spelled |= {f"x{suffix}": unit for suffix, unit in spelled.items() if suffix.startswith("10_")}
    return {suffix: unit for suffix, unit in spelled.items() if suffix not in NOT_IN_HEADERS and suffix}


def unit_from_header(header: str) -> tuple[str, str | None]:
    """Split a header into its normalised name and the unit it ends with, if any.

    `ldl_mmol_l` and `LDL (mmol/L)` give ("ldl", "mmol/L"); `sbp` gives ("sbp", None).
    """
    words = header_key(header).split("_")
    for start in range(1, len(words)):
        unit = _suffixes().get("_".join(words[start:]))
        if unit is not None:
            return "_".join(words[:start]), unit
    return "_".join(words), None
