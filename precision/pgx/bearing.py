"""How a row of advice bears on one person: whether it is meant for that person, and what of it does not suit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from precision.pgx.advice import NOT_TOGETHER, Advice, by_drug
from precision.pgx.populations import AFTER_SMOKING, needs

INDICATIONS = ("acs_pci", "pci", "neurovascular", "cardiovascular_other")
"""Populations that are reasons to give one and the same drug: its advice follows the one that is on record."""
COVERS = {"pci": ("acs_pci",)}  # an acute coronary syndrome may well have been treated by an intervention
DAYS = 7  # of a week
ONLY_IF, MET, EITHER, ONLY = "If: ", "For: ", "Either way: ", "For: "
PROPER = ("African", "Helicobacter")  # begin a label with a capital that stays


@dataclass(frozen=True, slots=True)
class Dosing:
    """What is known of the dose of a medicine that is computed.

    weekly : mg by the equation, which counts all genes; None = not computed
    taken : recorded mg a day that is taken for long, where a body gives a range to compare it with; else None
    """

    equation: str
    weekly: float | None
    taken: float | None

    @property
    def text(self) -> str:
        """'1.5 mg/day (10.2 mg/week) by IWPC'; empty where nothing was computed."""
        return "" if self.weekly is None else f"{daily(self.weekly / DAYS)} by {self.equation}"


@dataclass(frozen=True, slots=True)
class Bearing:
    """What is known of one person beside the genes.

    open : nobody knows whether the person belongs to the row's population
    either : labels of all populations that the person may belong to, where a body says the same to each of them
    unsuitable : alternatives of the row that this person should not be given
    alone : the genes that it rests on, where others that are known ask for as much or more, and for something else
    beside : what the same body says by those: 'by CYP2C9: 65%'
    dosing : of a medicine whose dose is computed
    needed : results that some body waits for, where no result decides
    """

    open: bool = False
    either: tuple[str, ...] = ()
    unsuitable: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    dosing: Dosing | None = None
    needed: tuple[str, ...] = ()

    @property
    def conditional(self) -> bool:
        """Whether the row holds only under a condition that nobody knows to be met."""
        return self.open and not self.either

    def instead(self, row: Advice) -> tuple[str, ...]:
        """The drugs and kinds of drugs that the row names and that suit."""
        return tuple(one for one in (*row.alternatives, *row.classes) if one not in self.unsuitable)

    def by_indication(self, row: Advice) -> bool:
        """Whether its alternatives belong to one reason to give the drug, and that reason is not on record."""
        return self.open and row.population in INDICATIONS and bool(row.alternatives)


SURELY = Bearing()
UNKNOWN = Bearing(open=True)


def daily(low: float, high: float | None = None) -> str:
    """'5 mg/day (35 mg/week)', '5 to 7 mg/day (35 to 49 mg/week)'."""
    amounts = (low,) if high is None or high == low else (low, high)
    day, week = (" to ".join(f"{round(times * one, 1):g}" for one in amounts) for times in (1, DAYS))
    return f"{day} mg/day ({week} mg/week)"


@cache
def told_alike(row: Advice) -> frozenset[str]:
    """The populations to which the row's body says exactly the same of the same result."""
    others = (one for one in by_drug()[row.drug] if one.body == row.body and one.when == row.when)
    return frozenset(one.population for one in others if _says(one) == _says(row))


def _says(row: Advice) -> tuple[object, ...]:
    return row.action, row.dose, row.alternatives, row.classes, row.mechanism, row.notes


def condition(row: Advice, bearing: Bearing = UNKNOWN) -> str:
    """'If: with a CYP3A4 inhibitor', 'For: children (on record)', 'Either way: children; adults'; '' = for everyone."""
    if not row.population:
        return ""
    if bearing.either:
        labels = [_inside(one) for one in bearing.either]
        return f"{EITHER if len(labels) > 1 else ONLY}{'; '.join(labels)}"
    if row.population == AFTER_SMOKING:  # what smoke does is told beside it
        return ""
    if row.population in needs() and not bearing.open:
        said = row.action == NOT_TOGETHER  # in its title
        return "" if said else f"{row.population_label[:1].upper()}{row.population_label[1:]}"
    label = _inside(row.population_label)
    return f"{ONLY_IF}{label}" if bearing.open else f"{MET}{label} (on record)"


def _inside(label: str) -> str:
    return label if label.startswith(PROPER) else label[:1].lower() + label[1:]


def ranged(row: Advice) -> bool:
    """Whether a row gives a range of maintenance doses in mg a day."""
    return row.dose is not None and row.dose.kind == "maintenance" and row.dose.unit == "mg/day"


def starts(row: Advice) -> bool:
    """Whether a row is about the beginning: a starting dose, or a dose to be computed."""
    return not ranged(row) and (row.action == "calculate_dose" or (row.dose is not None and row.dose.starts))
