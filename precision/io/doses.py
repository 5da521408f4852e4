"""Doses as amounts in mg: a number, alone or with a unit of mass; whatever else is written is no dose."""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from precision.io.issues import Ledger
from precision.io.text import Cells
from precision.schema import MISSING_WORDS, variable
from precision.units import conversion, normalise_unit

AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)((?:e[+-]?[0-9]+)?)\s*([a-zµμ]*)", re.IGNORECASE)
DOSE = "dose"  # the variable of the dictionary
MG = "mg"
OF_MASS = frozenset({MG, "g", "ug"})  # UCUM units in which one dose of a medicine is written
NOT_A_DOSE = "is not one amount in mg; the dose is left empty."


def dose_of(text: str, unit: str = "") -> float | None:
    """A dose in mg; NaN where nothing is written, None where it is not one plain amount of mass.

    unit : as stated beside the text, in any spelling; mg where neither names one
    """
    text = text.strip()
    if text.lower() in MISSING_WORDS:
        return math.nan
    found = AMOUNT.fullmatch(text)
    named = normalise_unit((found[3] if found else "") or unit.strip() or MG)
    if found is None or named not in OF_MASS:
        return None
    amount = float(conversion("", named, MG).apply(np.array(float(found[1] + found[2]))))
    low, high = variable(DOSE).hard
    return amount if low <= amount <= high else None


def read_doses(ledger: Ledger, cells: Cells, unit: str = "") -> NDArray[np.float64]:
    """(D,) doses of the distinct texts in mg, NaN where there is none; what is not read becomes an issue.

    unit : of every cell beside which none is stated
    """
    texts = cells.column.stripped().list()
    units = cells.units or ("",) * len(texts)
    read = [dose_of(text, stated or unit) for text, stated in zip(texts, units, strict=True)]
    wrong = np.array([dose is None for dose in read], dtype=np.bool_)
    ledger.cells("dose_not_read", cells, wrong, lambda text: f"'{text.strip()}' {NOT_A_DOSE}")
    return np.array([math.nan if dose is None else dose for dose in read], dtype=np.float64)
