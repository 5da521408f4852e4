"""What a row of advice says to do, in one line of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from precision.pgx.advice import Advice
from precision.pgx.bearing import SURELY, Bearing, Dosing, daily, ranged, starts

LARGE = re.compile(r"(?<= )[a-z]$")  # a letter by itself at the end of a drug's name
USUAL: Mapping[str, str] = {
    "maximum": "the usual maximum",
    "start": "the usual starting dose",
    "lowest_start": "the lowest usual starting dose",
    "loading": "the usual loading dose",
}
KIND_OF_DOSE: Mapping[str, tuple[str, str]] = {
    "start": ("Start {drug} at", "start with"),
    "start_least": ("Start {drug} with", "start with"),
    "lowest_start": ("Start {drug} at", "start with"),
    "maintenance": ("Maintain {drug} at", "maintain at"),
    "maintenance_most": ("Maintain {drug} with", "maintain with"),
    "maximum": ("Give {drug} up to", "at most"),
    "loading": ("Load {drug} with", "load with"),
    "daily": ("Give {drug} at", "give"),
}


def title(row: Advice, bearing: Bearing = SURELY) -> str:
    """What a row says to do, in one line of ours."""
    told = _title(row, bearing)
    if bearing.dosing is not None and bearing.dosing.taken is not None and starts(row):
        told = f"Only when starting: {told[:1].lower()}{told[1:]}"
    if bearing.alone:
        told = "; ".join((f"{told}, by {listed(bearing.alone)} alone", *bearing.beside))
    return told


def _title(row: Advice, bearing: Bearing) -> str:
    instead = "" if bearing.by_indication(row) else listed([spelled(one) for one in bearing.instead(row)], "or")
    avoiding = "; another drug, by indication" if bearing.by_indication(row) else instead and f"; {instead} instead"
    other = "another drug, by indication" if bearing.by_indication(row) else instead or "another drug"
    dose = _dose(row)
    texts: Mapping[str, str] = {
        "contraindicated": f"Do not give {row.drug}{avoiding}",
        "avoid": f"Avoid {row.drug}{avoiding}",
        "alternative": f"Change {row.drug} to {other}" + (f", or {dose}" if dose else ""),
        "not_together": f"Do not give {row.drug} {row.population_label}",
        "reduce_dose": (_dosed(row) or f"Lower the dose of {row.drug}") + (f", or {instead}" if instead else ""),
        "increase_dose": (_dosed(row) or f"Raise the dose of {row.drug}") + (f", or {instead}" if instead else ""),
        "calculate_dose": _calculated(row, bearing.dosing),
        "monitor": f"Usual dose of {row.drug}, with closer monitoring",
        "standard": _calculated(row, bearing.dosing) if bearing.dosing and ranged(row) else f"Usual dose of {row.drug}",
        "test_first": f"Another test before the first dose of {row.drug}",
        "inform": f"Known effect on {row.drug}, without a dose or a choice",
        "no_recommendation": f"No recommendation on {row.drug} for this result",
    }
    return texts[row.action]


def _calculated(row: Advice, dosing: Dosing | None) -> str:
    """The dose by an equation, or the range that is to be expected, beside the one that is taken already."""
    if row.dose is None or not ranged(row):
        by = f": {dosing.text} with {listed(row.genes)}" if dosing and dosing.text and len(row.genes) > 1 else ""
        return f"Calculate the dose of {row.drug}{by}"
    expected = daily(row.dose.low, row.dose.high)
    if dosing is None or dosing.taken is None:
        return f"Maintain {row.drug} at {expected}"
    taken = daily(dosing.taken)
    if row.dose.low <= dosing.taken <= row.dose.high:
        return f"Keep {row.drug} at {taken}: within {expected} for these genes; the INR decides"
    return f"Expect {row.drug} at {expected} for these genes; {taken} is recorded, and the INR decides"


def spelled(drug: str) -> str:
    """A drug's name inside a sentence: 'amphotericin B' of 'amphotericin b'."""
    return LARGE.sub(lambda found: found[0].upper(), drug)


def undetermined_title(drug: str, missing: Sequence[str]) -> str:
    """What to do where the genes that decide are not known."""
    return f"{listed(missing)} result needed for {drug}"


def no_clear(genes: Sequence[str]) -> str:
    """'CYP2D6 gives no clear phenotype'."""
    return f"{listed(genes)} {'gives' if len(genes) == 1 else 'give'} no clear phenotype"


def _dosed(row: Advice) -> str:
    if row.dose is None:
        return ""
    head = KIND_OF_DOSE[row.dose.kind][0].format(drug=row.drug)
    return f"{head} {_amount(row)}"


def _dose(row: Advice) -> str:
    return "" if row.dose is None else f"{KIND_OF_DOSE[row.dose.kind][1]} {_amount(row)}"


def _amount(row: Advice) -> str:
    dose = row.dose
    if dose is None:
        return ""
    if not dose.relative:
        return dose.text
    share, _, when = dose.text.partition("%")
    return f"{share}% of {USUAL.get(dose.kind, 'the usual dose')}{when}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """'A', 'A and B', 'A, B and C'."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
