"""Medicines that were stopped on a day nobody recorded, and act on an enzyme for weeks after the last dose."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from precision.pgx.drugnames import names
from precision.pgx.drugs import Resolved
from precision.pgx.medicines import Taken
from precision.pgx.modulators import ENZYMES, Modulator, modulators, substrates


@dataclass(frozen=True, slots=True)
class Lingering:
    """One medicine of one patient that may still act on an enzyme; nothing is shifted by it."""

    person: int
    modulator: Modulator

    @property
    def phrase(self) -> str:
        """'fluoxetine, strong inhibitor of CYP2D6, stopped, day not known: may still act'."""
        by = self.modulator
        return f"{by.name}, {by.strength} {by.effect} of {by.enzyme}, stopped, day not known: may still act"

    @property
    def sentence(self) -> str:
        """The same for a page, with the days for which it lasts."""
        by = self.modulator
        return (
            f"{by.name.capitalize()} is stopped, day not known: it may still act on {by.enzyme}, up to "
            f"{by.lasting_days:g} days after the last dose."
        )


def lingering(
    found: Resolved, person: NDArray[np.integer], undated: NDArray[np.bool_], taken: Taken
) -> tuple[Lingering, ...]:
    """What may still act, each once for each patient; not what the patient takes as well.

    Parameters
    ----------
    person : (M,) place of the patient of each row, -1 = none; undated : (M,) stopped on a day that is not recorded
    """
    using = taken.in_use
    told = set(zip(taken.patient[using].tolist(), taken.ingredient[using].tolist(), strict=True))
    counts = (undated & (person >= 0) & ~found.local)[found.row]
    pairs = dict.fromkeys(zip(person[found.row[counts]].tolist(), found.ingredient[counts].tolist(), strict=True))
    return tuple(
        Lingering(who, one)
        for who, ingredient in pairs
        if (who, ingredient) not in told
        for enzyme in ENZYMES
        for one in modulators(enzyme)
        if one.lasting_days and one.name == names()[ingredient]
    )


def concerning(known: Sequence[Lingering], person: int, drug: str, genes: Collection[str]) -> list[Lingering]:
    """What of one patient may still act on a drug: on an enzyme by whose gene it is advised on, or that changes it."""
    mine = [one for one in known if one.person == person and one.modulator.name != drug]
    acted = {enzyme for enzyme in ENZYMES if enzyme in genes or drug in substrates(enzyme)}
    return [one for one in mine if one.modulator.enzyme in acted]
