"""Populations of advice that depend on what else is taken: what each needs, and who meets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precision.errors import KnowledgeError
from precision.pgx.advice import Advice, by_drug
from precision.pgx.conditions import FALSE, TRUE, UNKNOWN
from precision.pgx.drugnames import names, numbers
from precision.pgx.drugs import Resolved
from precision.pgx.medicines import Taken, taken
from precision.pgx.modulators import EFFECTS, ENZYMES, FOLDER, STRENGTHS, modulators
from precision.pgx.phenoconversion import Shift, phrase, shifts
from precision.pgx.tables import rows as rows_of

LEVELS = ("none", *reversed(STRENGTHS))
"""How strongly something acts on an enzyme, from nothing to strong."""
DECIDES = ("both", "met", "unmet")
STRONGEST = len(LEVELS) - 1
AFTER_SMOKING = "after_smoking_stops"
"""A population to which somebody belongs only if one asks what would be."""

Mask = NDArray[np.bool_]
Truths = NDArray[np.int8]  # FALSE, UNKNOWN or TRUE


@dataclass(frozen=True, slots=True)
class Need:
    """What a population needs: the strongest that acts on an enzyme lies between two levels, or a medicine is taken.

    least, most : index into LEVELS; both 'none' = nothing of this effect
    decides : 'met' = it is enough, and others could do as well; 'unmet' = it is needed, and not enough; else 'both'
    """

    enzyme: str
    effect: str
    least: int
    most: int
    medicines: tuple[str, ...]
    decides: str


@cache
def needs() -> Mapping[str, tuple[Need, ...]]:
    """Population -> what it needs, all of it.

    Raises
    ------
    KnowledgeError : an enzyme, an effect, a level or a medicine is not known
    """
    columns = ("population", "enzyme", "effect", "least", "most", "medicines", "decides")
    found: dict[str, tuple[Need, ...]] = {}
    for row in rows_of("populations.csv", columns, columns[:4], FOLDER):
        taken = tuple(filter(None, row["medicines"].split(";")))
        by_enzyme = row["enzyme"] in ENZYMES and row["effect"] in EFFECTS and {row["least"], row["most"]} <= {*LEVELS}
        by_name = not row["enzyme"] and taken and set(taken) <= set(numbers())
        if not (by_enzyme or by_name) or row["decides"] not in DECIDES:
            raise KnowledgeError(f"interactions/populations.csv: {row['population']} is unclear")
        low, high = (LEVELS.index(row[name]) if by_enzyme else STRONGEST for name in ("least", "most"))
        need = Need(row["enzyme"], row["effect"], low, high, taken, row["decides"])
        found[row["population"]] = (*found.get(row["population"], ()), need)
    return MappingProxyType(found)


@cache
def own_enzymes(drug: str) -> frozenset[str]:
    """Enzymes whose inhibitors or inducers the rows of a drug speak of: nothing else is made of their effect on it."""
    populations = {row.population for row in by_drug().get(drug, ())}
    return frozenset(need.enzyme for one in populations for need in needs().get(one, ()) if need.enzyme)


def uncounted(row: Advice, shifts: Mapping[str, Shift], person: int) -> tuple[str, ...]:
    """What acts on a gene of a row by genotype and counts in none of its body's rows, as another body's speak of it."""
    acting = [gene for gene in row.genes if gene in shifts and gene in own_enzymes(row.drug)]
    if not acting or _speaks_of_others(row):
        return ()
    causes = ((gene, shifts[gene].without(row.drug).of(person).causes) for gene in acting)
    return tuple(phrase(one, gene) for gene, several in causes for one in several if one.decisive)


@cache
def _speaks_of_others(row: Advice) -> bool:
    """Whether the row's body says of the same result, or of any, what other medicines do."""
    rows = [one for one in by_drug()[row.drug] if one.body == row.body and one.population in needs()]
    return any(not one.when or one.when == row.when for one in rows)


@dataclass(frozen=True, eq=False)
class Beside:
    """What N people take beside a medicine.

    now, then : enzyme -> what acts on it, and what may as well: planned, or applied where it acts
    taken, listed : the same as medicines
    complete : (N,) everything that is taken is known, so that what is not listed is not taken
    recorded : (N,) there is a list, so that a medicine that is not on it by its name is not taken
    """

    now: Mapping[str, Shift]
    then: Mapping[str, Shift]
    taken: Taken
    listed: Taken
    complete: Mask
    recorded: Mask
    person: NDArray[np.intp] | None = None
    _truths: dict[tuple[str, str], Truths] = field(default_factory=dict)

    def take(self, person: NDArray[np.intp]) -> Beside:
        """The same for some of the people, in this order."""
        parts = (self.now, self.then, self.taken, self.listed, self.complete, self.recorded)
        return Beside(*parts, person, self._truths)

    def truth(self, population: str, drug: str) -> Truths:
        """(N,) who belongs to a population as far as others than the drug itself decide it."""
        key = (population, drug)
        if key not in self._truths:
            self._truths[key] = np.min([self._of(need, drug) for need in needs()[population]], axis=0)
        return self._truths[key] if self.person is None else self._truths[key][self.person]

    def causes(self, population: str, drug: str, person: int) -> tuple[str, ...]:
        """What makes one person belong to a population: 'paroxetine, strong inhibitor of CYP2D6', 'omeprazole'."""
        if population not in needs() or self.truth(population, drug)[person] != TRUE:
            return ()
        whom = person if self.person is None else int(self.person[person])
        return tuple(dict.fromkeys(one for need in needs()[population] for one in self._causes(need, drug, whom)))

    def _causes(self, need: Need, drug: str, person: int) -> Iterator[str]:
        if need.medicines:
            mine = self.taken.ingredient[(self.taken.patient == person) & self.taken.in_use]
            listed = {names()[number] for number in mine.tolist()} - {drug}
            yield from (name for name in need.medicines if name in listed)
            return
        for one in self.now[need.enzyme].without(drug).of(person).causes:
            if one.effect == need.effect and need.least <= _level(one.strength) <= need.most:
                yield phrase(one, need.enzyme)

    def _of(self, need: Need, drug: str) -> Truths:
        if need.medicines:
            now, later = (_takes(one, need.medicines, drug) for one in (self.taken, self.listed))
            truth = np.where(now, TRUE, np.where(later | ~self.recorded, UNKNOWN, FALSE))
        else:
            now, later = (_levels(one[need.enzyme].without(drug), need.effect) for one in (self.now, self.then))
            later = np.maximum(now, later)
            met, may = ((need.least <= one) & (one <= need.most) for one in (now, later))
            may |= ~self.complete & (now <= need.most)  # what is not listed only adds to it
            sure = met & ((need.most > 0) | (self.complete & (later == 0)))
            truth = np.where(sure, TRUE, np.where(met | may, UNKNOWN, FALSE))
        if need.decides == "met":
            truth = np.maximum(truth, UNKNOWN)
        if need.decides == "unmet":
            truth = np.minimum(truth, UNKNOWN)
        return truth.astype(np.int8)


def beside(
    found: Resolved,
    person: NDArray[np.integer],
    states: tuple[NDArray[np.float64], Mask],
    smoking: NDArray[np.float64],
    complete: Mask,
) -> Beside:
    """What is taken beside each medicine, by a list of M rows.

    A list with a row that is not wholly understood cannot show that something is not taken.

    Parameters
    ----------
    found : the rows; person : (M,) place of the patient, -1 = the row does not count
    states : (M,) days since the last dose as `taken` has them, and (M,) what may act as well: planned, end not known
    smoking : (N,) as `shifts` has it; complete : (N,) whose list is whole even where it is empty
    """
    days, maybe = states
    people, here = len(complete), (person >= 0) & (maybe | (days == 0))
    row = np.flatnonzero(here[found.row])
    whom = person[found.row[row]].astype(np.int32)
    listed = Taken(people, whom, found.ingredient[row].astype(np.int32), np.zeros(len(row)))
    recorded = complete.copy()
    recorded[person[here]] = True
    known = recorded.copy()
    known[person[here & (found.reason > 0)]] = False
    now = taken(found, person.astype(np.int32), days, people)
    return Beside(shifts(now, smoking), shifts(listed, smoking), now, listed, known, recorded)


def _takes(taken: Taken, medicines: tuple[str, ...], drug: str) -> Mask:
    """(N,) who takes one of the medicines beside the drug."""
    wanted = [numbers()[name] for name in medicines if name != drug]
    found = np.zeros(taken.patients, np.bool_)
    found[taken.patient[taken.in_use & np.isin(taken.ingredient, wanted)]] = True
    return found


def _levels(acting: Shift, effect: str) -> NDArray[np.int8]:
    """(N,) index into LEVELS of the strongest with this effect on an enzyme."""
    strength = np.array([_level(one.strength) if one.effect == effect else 0 for one in modulators(acting.enzyme)])
    found = np.zeros(len(acting.direction), np.int8)
    np.maximum.at(found, acting.patient, strength.astype(np.int8)[acting.modulator])
    return found


def _level(strength: str) -> int:
    return LEVELS.index(strength)
