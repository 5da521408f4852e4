"""What the other medicines and smoking do to a medicine that is asked about: now, and once what is planned is begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from precision.pgx.answers import Answer
from precision.pgx.conditions import said_by
from precision.pgx.drugnames import numbers
from precision.pgx.exposure import affected
from precision.pgx.functions import CPIC
from precision.pgx.medicines import Taken
from precision.pgx.modulators import ENZYMES, substrates
from precision.pgx.phenoconversion import Shift, phrase
from precision.pgx.populations import Beside, own_enzymes
from precision.pgx.profiles import Profiles
from precision.pgx.review import Genetics

POOR = "Poor Metabolizer"
BEGUN = "Once begun: "
Told = Mapping[tuple[int, str], tuple[str, ...]]  # place of the sample, drug -> sentences


class Interactions:
    """What acts on the medicines that are asked about, of each sample.

    asked : of each sample, the ingredients
    now, then : enzyme -> what the medicines in use and smoking do to it, and with those that are planned; the same
        object where nothing is planned
    beside : what is taken now, and with what is planned, for populations that depend on it; None = not known
    """

    def __init__(
        self,
        profiles: Profiles,
        asked: Sequence[Sequence[str]],
        now: Mapping[str, Shift],
        then: Mapping[str, Shift],
        beside: tuple[Beside | None, Beside | None] = (None, None),
    ) -> None:
        self.asked, self.now, self.then = asked, now, then
        self._beside_then = beside[1]
        self.genetics = Genetics(profiles, now, len(asked), beside=beside[0])
        self._without: dict[tuple[bool, str, str], Shift] = {}
        self._words: dict[str, tuple[NDArray[np.str_], NDArray[np.str_]]] = {}

    def causes(self, index: int, drug: str, answer: Answer | None = None) -> list[str]:
        """Everything that acts on an enzyme of the drug, in words: 'paroxetine, strong inhibitor of CYP2D6'.

        'no shift' stands where the answer does not count it: it is weak, less than another, or the answer is that of
        the genotype.
        """
        found = [] if answer is None else list(answer.taken)
        busy = self._busy.get(index, frozenset())
        if not busy:
            return found
        own = [] if answer is None else [one.gene for one in answer.genes if one.gene in busy]
        for enzyme in dict.fromkeys([*own, *(one for one in _enzymes_of(drug) if one in busy)]):
            now = self._alone(self.now, enzyme, drug).of(index).causes
            for one in now:
                counts = one.decisive and (enzyme not in own or (answer is not None and answer.clinical))
                if phrase(one, enzyme) not in found:
                    found.append(f"{phrase(one, enzyme)}{'' if counts else ', no shift'}")
            if self.then is not self.now:
                known = {one.name for one in now}
                for one in self._alone(self.then, enzyme, drug).of(index).causes:
                    if one.name not in known:
                        acts = enzyme in own_enzymes(drug) or (enzyme in own and one.decisive)
                        effect = self._effect(index, drug) if acts else ""
                        found.append(f"{phrase(one, enzyme)}, planned{effect}")
        return found

    def exposure(self, index: int, drug: str) -> list[str]:
        """Whether the level of the drug rises or falls, in sentences; without those that nothing is left to act on."""
        now = self._exposure_now.get((index, drug), ())
        later = self._exposure_then.get((index, drug), ()) if self.then is not self.now else ()
        return [*now, *(f"{BEGUN}{sentence}" for sentence in later if sentence not in now)]

    @cached_property
    def _exposure_now(self) -> Told:
        return self._exposures(self.now)

    @cached_property
    def _exposure_then(self) -> Told:
        return self._exposures(self.then)

    @cached_property
    def _busy(self) -> Mapping[int, frozenset[str]]:
        """Place of a sample -> the enzymes that something acts on, or will."""
        found: dict[int, set[str]] = {}
        for enzyme, shift in self.then.items():
            for index in np.unique(shift.patient).tolist():
                found.setdefault(index, set()).add(enzyme)
        return {index: frozenset(enzymes) for index, enzymes in found.items()}

    def _alone(self, shifts: Mapping[str, Shift], enzyme: str, drug: str) -> Shift:
        """What acts on an enzyme beside the drug itself."""
        key = (shifts is self.now, enzyme, drug)
        if key not in self._without:
            self._without[key] = shifts[enzyme].without(drug)
        return self._without[key]

    def _effect(self, index: int, drug: str) -> str:
        """What becomes of the severity of a drug once everything planned is begun."""
        if drug not in self._words:
            everybody, name = np.arange(len(self.asked)), np.full(len(self.asked), drug)
            then = Genetics(self.genetics.profiles, self.then, len(self.asked), beside=self._beside_then)
            self._words[drug] = (self.genetics.review(everybody, name).word, then.review(everybody, name).word)
        now, then = (str(words[index]) for words in self._words[drug])
        return f": {drug} {'stays' if now == then else 'becomes'} '{then}'"

    def _exposures(self, shifts: Mapping[str, Shift]) -> Told:
        """As if every medicine that is asked about were in use."""
        known = numbers()
        pairs = [(index, known[name]) for index, drugs in enumerate(self.asked) for name in drugs if name in known]
        person, drug = np.array(pairs, np.int32).reshape(-1, 2).T
        told = affected(Taken(len(self.asked), person, drug, np.zeros(len(pairs))), shifts)
        found: dict[tuple[int, str], tuple[str, ...]] = {}
        for index in np.unique(told.patient).tolist():
            results = self.genetics.result(index)
            for one in told.of(index):
                result = results.get(one.enzyme)
                if result is None or said_by(result.phenotypes, CPIC) != (POOR,):
                    found[index, one.drug] = (*found.get((index, one.drug), ()), one.sentence)
        return found


@cache
def _enzymes_of(drug: str) -> tuple[str, ...]:
    """The enzymes on which the level of a drug depends, or of which its rows name inhibitors or inducers."""
    return tuple(one for one in ENZYMES if drug in substrates(one) or one in own_enzymes(drug))
