"""Whose level rises or falls: medicines that depend on an enzyme which other medicines or smoking act on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precision.pgx.drugnames import names, numbers
from precision.pgx.medicines import Taken
from precision.pgx.modulators import SMOKING, modulators, sentence, substrates
from precision.pgx.phenoconversion import Shift

Ints = NDArray[np.int32]
FALLS, RISES, OPPOSED = "exposure_falls", "exposure_rises", "exposure_opposed"
SMOKING_FALLS, SMOKING_STOPS, SMOKING_NOT_KNOWN = "smoking_falls", "smoking_stops", "smoking_not_known"
ACTIVATED, LESS_ACTIVE = frozenset({("tramadol", "CYP2D6")}), "exposure_activated"
"""Medicines whose enzyme makes their active form (United States label of Ultram, section 7): its level falls."""
CODES = (FALLS, RISES, OPPOSED, SMOKING_FALLS, SMOKING_STOPS, SMOKING_NOT_KNOWN)


@dataclass(frozen=True, slots=True)
class Exposure:
    """One medicine of one patient whose level changes.

    direction : 1 the level rises, -1 it falls, 0 not known
    verified : that it depends on the enzyme, and the strength of the cause, were read in a source
    """

    drug: str
    enzyme: str
    direction: int
    cause: str
    sentence: str
    verified: bool


@dataclass(frozen=True, slots=True, eq=False)
class Affected:
    """E medicines in use whose level changes, of a whole cohort.

    patient : (E,); ingredient : (E,) index into ``drugnames.names()``; enzyme : (E,) index into ``enzymes``
    direction : (E,) of the level; code : (E,) index into CODES
    cause : (E,) index into ``modulators(enzyme)``, -1 = none can be named; verified : (E,)
    """

    enzymes: tuple[str, ...]
    patient: Ints
    ingredient: Ints
    enzyme: Ints
    direction: NDArray[np.int8]
    code: Ints
    cause: Ints
    verified: NDArray[np.bool_]

    def of(self, patient: int) -> tuple[Exposure, ...]:
        """One patient's, each with its sentence."""
        return tuple(self._exposure(int(row)) for row in np.flatnonzero(self.patient == patient))

    def _exposure(self, row: int) -> Exposure:
        enzyme, drug = self.enzymes[int(self.enzyme[row])], names()[int(self.ingredient[row])]
        number = int(self.cause[row])
        cause = modulators(enzyme)[number].name if number >= 0 else ""
        code = CODES[int(self.code[row])]
        told = LESS_ACTIVE if code == RISES and (drug, enzyme) in ACTIVATED else code
        text = sentence(told, enzyme, cause=cause, drug=drug)
        return Exposure(drug, enzyme, int(self.direction[row]), cause, text, bool(self.verified[row]))


def affected(taken: Taken, shifts: Mapping[str, Shift]) -> Affected:
    """The medicines in use whose level others change; a medicine's effect on its own enzyme is left out."""
    rows = [
        row
        for shift in shifts.values()
        for name, patient in _users(taken, shift.enzyme)
        for row in _changes(name, patient, shift.without(name))
    ]
    return _gathered(tuple(shifts), rows)


def when_smoking_stops(taken: Taken, shifts: Mapping[str, Shift]) -> Affected:
    """The medicines in use whose level rises once a smoker stops: the enzyme is no longer induced."""
    rows: list[_Rows] = []
    for shift in shifts.values():
        for name, patient in _users(taken, shift.enzyme):
            now = shift.without(name)
            smokes = np.isin(patient, now.patient[now.modulator == _smoking(shift.enzyme)])
            slower = now.without(SMOKING).direction[patient] < now.direction[patient]
            chosen = patient[smokes & slower]
            rows.append(_rows(shift.enzyme, name, chosen, SMOKING_STOPS, np.full(len(chosen), _smoking(shift.enzyme))))
    return _gathered(tuple(shifts), rows)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Changes of one medicine with one sentence."""

    enzyme: str
    name: str
    patient: Ints
    code: str
    cause: Ints


def _users(taken: Taken, enzyme: str) -> Iterator[tuple[str, Ints]]:
    """Each medicine that depends on the enzyme, and the patients that use it."""
    for name in substrates(enzyme):
        chosen = taken.in_use & (taken.ingredient == numbers()[name])
        if chosen.any():
            yield name, np.unique(taken.patient[chosen])


def _changes(name: str, patient: Ints, shift: Shift) -> Iterator[_Rows]:
    """By sentence: slowed down, speeded up by a medicine or by smoke, opposed, smoking not known."""
    direction, conflicting = shift.direction[patient], shift.conflicting[patient]
    inhibitor, inducer = shift.inhibitor[patient], shift.inducer[patient]
    smoke = inducer == _smoking(shift.enzyme)
    idle = (direction == 0) & ~conflicting
    for code, chosen, cause in (
        (RISES, direction < 0, inhibitor),
        (FALLS, (direction > 0) & ~smoke, inducer),
        (SMOKING_FALLS, (direction > 0) & smoke, inducer),
        (OPPOSED, conflicting, np.full(len(patient), -1)),
        (SMOKING_NOT_KNOWN, idle & shift.smoking_not_known[patient], np.full(len(patient), -1)),
    ):
        if chosen.any():
            yield _rows(shift.enzyme, name, patient[chosen], code, cause[chosen])


def _smoking(enzyme: str) -> int:
    """The place of smoking in ``modulators(enzyme)``; -2 where it does not act (-1 stands for no modulator)."""
    return next((number for number, one in enumerate(modulators(enzyme)) if one.name == SMOKING), -2)


def _rows(enzyme: str, name: str, patient: Ints, code: str, cause: NDArray[np.integer]) -> _Rows:
    return _Rows(enzyme, name, patient, code, cause.astype(np.int32))


def _gathered(enzymes: tuple[str, ...], rows: list[_Rows]) -> Affected:
    """All rows, by patient; the order of the medicines does not matter."""
    direction = {FALLS: -1, SMOKING_FALLS: -1, RISES: 1, SMOKING_STOPS: 1}
    sizes = [len(one.patient) for one in rows]
    none = np.zeros(0, dtype=np.int32)
    patient = np.concatenate([none, *(one.patient for one in rows)])
    ingredient = np.repeat(np.array([numbers()[one.name] for one in rows], dtype=np.int32), sizes)
    enzyme = np.repeat(np.array([enzymes.index(one.enzyme) for one in rows], dtype=np.int32), sizes)
    code = np.repeat(np.array([CODES.index(one.code) for one in rows], dtype=np.int32), sizes)
    towards = np.repeat(np.array([direction.get(one.code, 0) for one in rows], dtype=np.int8), sizes)
    cause = np.concatenate([none, *(one.cause for one in rows)])
    verified = np.concatenate([none.astype(bool), *(_verified(one) for one in rows)])
    order = np.lexsort((enzyme, ingredient, patient))
    return Affected(
        enzymes,
        patient[order],
        ingredient[order],
        enzyme[order],
        towards[order],
        code[order],
        cause[order],
        verified[order],
    )


def _verified(one: _Rows) -> NDArray[np.bool_]:
    known = np.array([modulator.verified for modulator in modulators(one.enzyme)] + [True])
    return known[one.cause] & substrates(one.enzyme)[one.name]
