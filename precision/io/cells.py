"""Cells of text as the values of a variable: numbers in its unit, codes of its levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precision.errors import InputError
from precision.io.arrow import Mask, Texts
from precision.io.issues import Ledger
from precision.io.text import Cells
from precision.schema import PROBLEMS, Encoded, Variable, read_column
from precision.units import Conversion, conversion, facts, normalise_unit
from precision.wording import number, unit_text

Array = NDArray[np.float64]
COMMA = PROBLEMS.index("mixed_decimal_comma")
COMMA_NUMBER = r"^[+-]?[0-9]+,[0-9]+$"
PLAIN = {"number": r"^-?[0-9]{1,15}(\.[0-9]{0,15})?$", "integer": r"^-?[0-9]{1,15}$"}
MANY = 20_000  # distinct texts from which the plain numbers among them are read apart


@dataclass(frozen=True, slots=True)
class Reading:
    """What the D distinct texts of some cells mean; NaN where they give no value.

    comparator : (D,) index in COMPARATORS
    unconfirmed : the coding is ambiguous and was not confirmed, so nothing was read
    doubtful : many values fit another unit better than the one that is stated
    """

    values: Array
    comparator: NDArray[np.int8]
    unconfirmed: bool = False
    doubtful: bool = False


def read_cells(ledger: Ledger, cells: Cells, variable: Variable, unit: str, confirmed: bool = False) -> Reading:
    """Read cells as a variable in the dictionary's unit, and report what is wrong with them.

    Parameters
    ----------
    unit : UCUM unit of every cell beside which none is stated
    confirmed : the person who loads the file has confirmed an ambiguous coding such as 1 and 2
    """
    texts = cells.column.stripped()
    seen = _encoded(variable, texts)
    seen = _with_comma(ledger, cells, variable, texts, seen)
    _report_unreadable(ledger, cells, variable, texts, seen)
    if seen.confirm.any() and not confirmed:
        _report_unconfirmed(ledger, cells, variable, texts, seen.confirm)
        return Reading(np.full(len(texts), np.nan), seen.comparator, unconfirmed=True)
    if variable.kind not in ("number", "integer"):
        return Reading(seen.values, seen.comparator)
    values = _converted(ledger, cells, variable, seen.values, unit)
    doubtful = _report_ranges(ledger, cells, variable, values, seen.values, unit)
    limits = (seen.comparator > 0) & ~np.isnan(values)
    ledger.cells("comparator", cells, limits, lambda text: f"{text} is a limit, not a measured value.")
    return Reading(values, seen.comparator, doubtful=doubtful)


def _encoded(variable: Variable, texts: Texts) -> Encoded:
    """Every distinct text as read by the dictionary; where there are very many, plain numbers take a shorter way."""
    if len(texts) < MANY or variable.kind not in PLAIN or variable.synonyms:
        return read_column(variable, texts.series())
    plain = texts.matches(PLAIN[variable.kind])
    values = np.full(len(texts), np.nan)
    values[plain] = texts.where(plain).numbers()
    other = read_column(variable, texts.where(~plain).series())
    values[~plain] = other.values
    problem, comparator = np.zeros(len(texts), dtype=np.int8), np.zeros(len(texts), dtype=np.int8)
    missing, confirm = np.zeros(len(texts), dtype=np.bool_), np.zeros(len(texts), dtype=np.bool_)
    problem[~plain], comparator[~plain] = other.problem, other.comparator
    missing[~plain], confirm[~plain] = other.missing, other.confirm
    return Encoded(values, missing, problem, comparator, confirm)


def _with_comma(ledger: Ledger, cells: Cells, variable: Variable, texts: Texts, seen: Encoded) -> Encoded:
    """Decimal commas, read where the file cannot mean anything else: semicolons between cells and no decimal point."""
    comma = seen.problem == COMMA
    if not comma.any() or ledger.table.separator not in (";", "\t"):
        return seen
    whole = texts.matches(COMMA_NUMBER)
    point = texts.contains(".")
    if point.any() or not whole[comma].all():
        return seen
    again = _encoded(variable, texts.replaced(",", "."))
    reason = f"its numbers are written with a decimal comma ({_examples(texts, comma)}) and are read so."
    ledger.column("decimal_comma", cells.column.header, "", reason)
    return again


def _report_unreadable(ledger: Ledger, cells: Cells, variable: Variable, texts: Texts, seen: Encoded) -> None:
    formula = (seen.problem > 0) & texts.matches("^=")
    ledger.cells("formula_cell", cells, formula, "the cell holds a formula, not a value.")
    allowed = ", ".join(variable.levels) or "a number"
    reasons = {
        "not_a_number": f"is not a number; {variable.label} needs one.",
        "mixed_decimal_comma": "has a comma; whether it marks decimals or thousands cannot be told.",
        "not_an_integer": f"is not a whole number; {variable.label} needs one.",
        "unknown_code": f"is not a known word for {variable.label}; allowed: {allowed}.",
    }
    for index, code in enumerate(PROBLEMS):
        if index:
            ledger.cells(code, cells, (seen.problem == index) & ~formula, lambda text, c=code: f"'{text}' {reasons[c]}")


def _report_unconfirmed(ledger: Ledger, cells: Cells, variable: Variable, texts: Texts, confirm: Mask) -> None:
    coding = coding_text(variable, texts, confirm)
    reason = f"the coding {coding} is usual but not certain; the column is not used until it is confirmed."
    ledger.column("unconfirmed_coding", cells.column.header, _examples(texts, confirm), reason)


def coding_text(variable: Variable, texts: Texts, confirm: Mask) -> str:
    """An ambiguous coding in words: 1 = male, 2 = female."""
    found = read_column(variable, texts.where(confirm).series()).values
    pairs = zip(texts.where(confirm).list(), found, strict=True)
    words = {text: "missing" if np.isnan(code) else variable.levels[int(code)] for text, code in pairs}
    return ", ".join(f"{text} = {words[text].replace('_', ' ')}" for text in sorted(words)[:12])


def _examples(texts: Texts, chosen: Mask) -> str:
    return ", ".join(sorted(set(texts.where(chosen).list()))[:3])


def _converted(ledger: Ledger, cells: Cells, variable: Variable, values: Array, unit: str) -> Array:
    """Values in the dictionary's unit, each by the unit that is stated for it."""
    if cells.units is None:
        return _conversion(variable, unit).apply(values)
    stated, which = np.unique(np.array(cells.units, dtype=object), return_inverse=True)
    factor, offset = np.full(len(stated), np.nan), np.zeros(len(stated))
    reasons: dict[str, dict[int, str]] = {"unknown_unit": {}, "unit_mismatch": {}}
    for i, text in enumerate(map(str, stated)):
        known = unit if not text.strip() else normalise_unit(text)
        if variable.unit and known is None:
            reasons["unknown_unit"][i] = f"the unit '{text}' is not known."
            continue
        try:
            step = _conversion(variable, known or variable.unit) if variable.unit else Conversion(1.0)
        except InputError as error:
            reasons["unit_mismatch"][i] = f"{error}."
            continue
        factor[i], offset[i] = step.factor, step.offset
    for code, found in reasons.items():
        for i, reason in found.items():
            ledger.cells(code, cells, (which == i) & ~np.isnan(values), reason)
    return values * factor[which] + offset[which]


def _conversion(variable: Variable, unit: str) -> Conversion:
    return conversion(variable.analyte, unit, variable.unit) if unit and variable.unit else Conversion(1.0)


def _report_ranges(ledger: Ledger, cells: Cells, variable: Variable, values: Array, written: Array, unit: str) -> bool:
    """Report impossible and doubtful values; say whether the unit of the whole column is in doubt.

    values, written : (D,) in the dictionary's unit, and as the number stands in the file
    """
    impossible = (values < variable.hard[0]) | (values > variable.hard[1])
    doubtful = ((values < variable.plausible[0]) | (values > variable.plausible[1])) & ~impossible
    if not (impossible | doubtful).any():
        return False
    counts = cells.column.counts()
    fits = _better_units(variable, written, impossible, doubtful, counts)
    suspect = np.logical_or.reduce([np.zeros_like(impossible), *fits.values()])
    name, stated = variable.label, _stated(variable, cells, unit)
    possible, usual = _span(variable, variable.hard, stated), _span(variable, variable.plausible, stated)
    hard, soft = f"is impossible; possible: {possible}.", f"is unusual; usual: {usual}."
    tenfold = impossible & ~suspect & _usual(variable, written / 10, stated)
    slipped = "A tenth of it would be usual: if a decimal point or digit slipped, correct it in the file."
    ledger.cells("out_of_range_hard", cells, tenfold, lambda text: f"{name} {text} {hard}", slipped)
    rest = impossible & ~suspect & ~tenfold
    ledger.cells("out_of_range_hard", cells, rest, lambda text: f"{name} {text} {hard}")
    ledger.cells("out_of_range_soft", cells, doubtful & ~suspect, lambda text: f"{name} {text} {soft}")
    here, all_held = unit_text(stated) or "the unit of the dictionary", int(counts[~np.isnan(values)].sum())
    for other, mask in fits.items():
        there = unit_text(other)
        fix = f"If it is {there}, say so in the header or a unit column; nothing was converted."
        ending = f"in {there} it would be usual."
        ledger.cells("out_of_range_hard", cells, mask & impossible, f"read in {here} it is impossible, {ending}", fix)
        ledger.cells("unit_suspect", cells, mask & doubtful, f"read in {here} it is unusual, {ending}", fix)
        held = int(counts[mask].sum())
        summary = f"{held:,} of {all_held:,} values fit {there} better than {here}."
        ledger.column("unit_suspect", cells.column.header, f"{held} of {all_held}", summary, fix)
    return bool(counts[suspect].sum() >= 0.5 * all_held)


def _stated(variable: Variable, cells: Cells, unit: str) -> str:
    """The one unit in which the cells are written; the dictionary's where each row states its own."""
    return variable.unit if cells.units is not None or not unit else unit


def _span(variable: Variable, limits: tuple[float, float], unit: str) -> str:
    """A range as people write it, in the unit of the file."""
    step = _conversion(variable, unit).inverse()
    low, high = sorted(float(step.apply(np.array(limit))) for limit in limits)
    if np.isinf(low) or np.isinf(high):
        return (
            f"{'up to' if np.isinf(low) else 'from'} {number(high if np.isinf(low) else low)} {unit_text(unit)}".strip()
        )
    return f"{number(low)} to {number(high)} {unit_text(unit)}".strip()


def _better_units(
    variable: Variable, written: Array, impossible: Mask, doubtful: Mask, counts: NDArray[np.int64]
) -> dict[str, Mask]:
    """Units in which values outside the usual range would be usual: of the analyte, or one step of scale away.

    A step of scale (cm and inch) fits many an odd value, so it counts for impossible values or a tenth of the column.
    """
    units = [fact for fact in facts() if fact.conversion]
    own = [fact for fact in units if variable.analyte and fact.analyte == variable.analyte]
    scale = [fact for fact in units if not fact.analyte and variable.unit in (fact.from_unit, fact.to_unit)]
    ranked = [(u, fact in own) for fact in (*own, *scale) for u in (fact.from_unit, fact.to_unit)]
    many = 0.1 * counts[~np.isnan(written)].sum()
    found: dict[str, Mask] = {}
    left = impossible | doubtful
    for other, of_analyte in dict.fromkeys(ranked):
        if other in found or (not of_analyte and other in ("%", "1")):
            continue
        mask = left & _usual(variable, written, other)
        if not of_analyte and counts[mask].sum() < many:
            mask &= impossible
        if mask.any():
            found[other] = mask
            left &= ~mask
    return found


def _usual(variable: Variable, written: Array, unit: str) -> Mask:
    """Where the number as written is a usual value if it is in this unit."""
    try:
        meant = _conversion(variable, unit).apply(written)
    except InputError:
        return np.zeros(len(written), dtype=np.bool_)
    return (meant >= variable.plausible[0]) & (meant <= variable.plausible[1])
