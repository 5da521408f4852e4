"""How the medicines in use and smoking shift what genotypes predict of an enzyme: the clinical phenotype.

CYP2D6 has a published method (CPIC's guideline on opioids of 2021, doi:10.1002/cpt.2149): the activity score times 0
with a strong inhibitor and times 0.5 with a moderate one. For the other enzymes there is no consensus; their shift is
labelled so. Only the strongest inhibitor counts, and an inhibitor and an inducer of one enzyme are not combined.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from precision.pgx.drugnames import drugs, names
from precision.pgx.medicines import Taken
from precision.pgx.modulators import (
    ENZYMES,
    INHIBITOR,
    MULTIPLY,
    SMOKING,
    STEP,
    Modulator,
    citations,
    modulators,
    sentence,
)
from precision.result import Citation

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Cause:
    """A medicine, or smoking, that acts on an enzyme; decisive : the shift rests on it; stopped : it acts still."""

    name: str
    effect: str
    strength: str
    decisive: bool
    stopped: bool
    verified: bool
    source: Citation


@dataclass(frozen=True, slots=True)
class PatientShift:
    """The shift of one enzyme in one patient; fields as in ``Shift``, evidence in sentences."""

    enzyme: str
    multiplier: float
    steps: int
    direction: int
    conflicting: bool
    verified: bool
    causes: tuple[Cause, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """What acts on one enzyme of N patients; nothing of the genotype is in it.

    multiplier : (N,) of the activity score; 1 for every enzyme but CYP2D6
    steps : (N,) categories down or up; -2 = to Poor
    direction : (N,) -1 the enzyme works less, 1 more, 0 neither; also where no rule moves the category
    conflicting : (N,) an inhibitor and an inducer act at once: nothing is shifted
    verified : (N,) strength and rule were read in a source; True where nothing acts
    inhibitor, inducer : (N,) the strongest with an effect, index into ``modulators(enzyme)``; -1 = none
    smoking_not_known : (N,) smoking would act on the enzyme and is not recorded
    patient, modulator, stopped : (C,) everything that acts or could, weak ones too
    """

    enzyme: str
    multiplier: Array
    steps: NDArray[np.int8]
    direction: NDArray[np.int8]
    conflicting: Mask
    verified: Mask
    inhibitor: Ints
    inducer: Ints
    smoking_not_known: Mask
    patient: Ints
    modulator: Ints
    stopped: Mask

    def without(self, name: str) -> Shift:
        """The shift if this medicine (a combination with its ingredients) or 'tobacco smoking' were not there.

        Advice for a medicine by genotype already holds its own effect on the enzyme, so it is not its own inhibitor.
        """
        gone = [name, *(drugs()[name].parts if name in drugs() else ())]
        numbers = [_index(self.enzyme)[one] for one in gone if one in _index(self.enzyme)]
        if not (numbers and np.isin(self.modulator, numbers).any()):
            return self
        others = ~np.isin(self.modulator, numbers)
        causes = (self.patient[others], self.modulator[others], self.stopped[others])
        return _settled(self.enzyme, causes, self.smoking_not_known)

    def of(self, patient: int) -> PatientShift:
        """One patient's shift with its causes, the strongest first, and what it rests on."""
        mine = np.flatnonzero(self.patient == patient)
        mine = mine[np.argsort(self.modulator[mine], kind="stable")]
        known = modulators(self.enzyme)
        strongest = (int(self.inhibitor[patient]), int(self.inducer[patient]))
        deciding = {(known[one].effect, known[one].strength) for one in strongest if one >= 0}
        causes = tuple(_cause(known[int(self.modulator[row])], deciding, bool(self.stopped[row])) for row in mine)
        return PatientShift(
            enzyme=self.enzyme,
            multiplier=float(self.multiplier[patient]),
            steps=int(self.steps[patient]),
            direction=int(self.direction[patient]),
            conflicting=bool(self.conflicting[patient]),
            verified=bool(self.verified[patient]),
            causes=causes,
            evidence=self._evidence(patient, causes),
        )

    def _evidence(self, patient: int, causes: tuple[Cause, ...]) -> tuple[str, ...]:
        deciding = max(int(self.inhibitor[patient]), int(self.inducer[patient]))
        if self.conflicting[patient]:
            code = "conflicting"
        elif deciding >= 0:
            code = modulators(self.enzyme)[deciding].rule.evidence
        else:
            code = "weak_no_change" if causes else "no_change"
        later = [sentence("still_acting", self.enzyme, cause=one.name) for one in causes if one.stopped]
        return (sentence(code, self.enzyme), *later)


def shifts(taken: Taken, smoking: Array) -> Mapping[str, Shift]:
    """The shift of each of the six enzymes.

    Parameters
    ----------
    smoking : (N,) 1 smokes tobacco, 0 does not, NaN not known; nicotine replacement and vaping do not count
    """
    return {enzyme: shift(enzyme, taken, smoking) for enzyme in ENZYMES}


def shift(enzyme: str, taken: Taken, smoking: Array) -> Shift:
    """What acts on one enzyme; see ``shifts``."""
    known, index = modulators(enzyme), _index(enzyme)
    modulator = _of_ingredient(enzyme)[taken.ingredient]
    lasting = np.array([one.lasting_days for one in known])
    acts = (modulator >= 0) & (taken.days_stopped <= np.where(modulator >= 0, lasting[modulator], 0.0))
    patient, modulator, stopped = taken.patient[acts], modulator[acts], ~taken.in_use[acts]
    unknown = np.zeros(taken.patients, dtype=bool)
    if SMOKING in index:
        smokers = np.flatnonzero(smoking == 1).astype(np.int32)
        patient = np.concatenate([patient, smokers])
        modulator = np.concatenate([modulator, np.full(len(smokers), index[SMOKING], dtype=np.int32)])
        stopped = np.concatenate([stopped, np.zeros(len(smokers), dtype=bool)])
        unknown = np.isnan(smoking)
    return _settled(enzyme, _once(patient, modulator, stopped), unknown)


def _once(patient: Ints, modulator: Ints, stopped: Mask) -> tuple[Ints, Ints, Mask]:
    """Each modulator of a patient once; in use where one of its rows is."""
    order = np.lexsort((stopped, modulator, patient))
    patient, modulator, stopped = patient[order], modulator[order], stopped[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (patient[1:] != patient[:-1]) | (modulator[1:] != modulator[:-1])
    return patient[first], modulator[first], stopped[first]


def _settled(enzyme: str, causes: tuple[Ints, Ints, Mask], smoking_not_known: Mask) -> Shift:
    """The strongest inhibitor and inducer of each patient, and what they make of the result."""
    known = modulators(enzyme)
    patient, modulator, stopped = causes
    effective = np.array([one.rule.direction != 0 for one in known])
    inhibits = np.array([one.effect == INHIBITOR for one in known])
    inhibitor, inducer = (
        _strongest(patient, modulator, effective & kind, len(smoking_not_known)) for kind in (inhibits, ~inhibits)
    )
    conflicting = (inhibitor >= 0) & (inducer >= 0)
    alone = np.where(conflicting, -1, np.maximum(inhibitor, inducer))  # -1 takes the last entry, which is 'nothing'
    multiplier = np.array([one.rule.value if one.rule.operation == MULTIPLY else 1.0 for one in known] + [1.0])
    steps = np.array([one.rule.value if one.rule.operation == STEP else 0 for one in known] + [0], dtype=np.int8)
    direction = np.array([one.rule.direction for one in known] + [0], dtype=np.int8)
    certain = np.array([one.certain for one in known] + [True])
    return Shift(
        enzyme=enzyme,
        multiplier=multiplier[alone],
        steps=steps[alone],
        direction=direction[alone],
        conflicting=conflicting,
        verified=certain[inhibitor] & certain[inducer],
        inhibitor=inhibitor,
        inducer=inducer,
        smoking_not_known=smoking_not_known,
        patient=patient,
        modulator=modulator,
        stopped=stopped,
    )


def _strongest(patient: Ints, modulator: Ints, counts: Mask, patients: int) -> Ints:
    """(N,) the first of ``modulators(enzyme)`` that a patient takes and that counts; -1 = none."""
    none = len(counts)
    first = np.full(patients, none, dtype=np.int32)
    chosen = counts[modulator]
    np.minimum.at(first, patient[chosen], modulator[chosen])
    return np.where(first == none, -1, first).astype(np.int32)


@cache
def _index(enzyme: str) -> Mapping[str, int]:
    return {one.name: number for number, one in enumerate(modulators(enzyme))}


@cache
def _of_ingredient(enzyme: str) -> Ints:
    """(D,) for each of ``drugnames.names()`` its place in ``modulators(enzyme)``; -1 = it does not act."""
    return np.array([_index(enzyme).get(name, -1) for name in names()], dtype=np.int32)


def phrase(one: Cause, enzyme: str) -> str:
    """'paroxetine, strong inhibitor of CYP2D6'; what was stopped or only recalled says so."""
    told = (", stopped but still acting" if one.stopped else "") + ("" if one.verified else ", not verified")
    return f"{one.name}, {one.strength} {one.effect} of {enzyme}{told}"


def _cause(one: Modulator, deciding: Collection[tuple[str, str]], stopped: bool) -> Cause:
    decisive = (one.effect, one.strength) in deciding
    return Cause(one.name, one.effect, one.strength, decisive, stopped, one.verified, citations()[one.source])
