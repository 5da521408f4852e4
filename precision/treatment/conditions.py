"""Conditions on a patient's values as table cells write them, with three-valued answers for N patients."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from precision import wording
from precision.criteria import FALSE, TRUE, UNKNOWN, Truth
from precision.errors import KnowledgeError
from precision.result import Array
from precision.schema import variable

CELL = re.compile(r"(?P<name>\w+)(=(?P<level>\w+))?(:(?P<low>[\d.]+))?(<(?P<high>[\d.]+))?")


@dataclass(frozen=True, slots=True)
class Condition:
    """A boolean that is true, a level, or a measurement from ``low`` to below ``high`` in the dictionary's unit."""

    variable: str
    low: float = 1.0
    high: float = math.inf

    def holds(self, values: Mapping[str, Array]) -> Truth:
        """(N,) TRUE, FALSE, or UNKNOWN where the value is not known."""
        here = values[self.variable]
        inside = (here >= self.low) & (here < self.high)
        return np.where(np.isnan(here), UNKNOWN, np.where(inside, TRUE, FALSE)).astype(np.int8)

    @property
    def words(self) -> str:
        """'diabetes', 'BMI 25 kg/m² or more', 'menopausal status postmenopausal'."""
        name, item = label(self.variable), variable(self.variable)
        if item.levels and item.kind != "boolean":
            return f"{name} {wording.value_text(self.variable, self.low)}"
        if item.kind == "boolean":
            return name if self.low else f"no {name}"
        if math.isinf(self.low):
            return f"{name} below {wording.value_text(self.variable, self.high)}"
        below = "" if math.isinf(self.high) else f" to below {wording.value_text(self.variable, self.high)}"
        return f"{name} {wording.value_text(self.variable, self.low)}{below or ' or more'}"


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which one must hold.

    substitutes : they are measures of one state, so that known ones decide and unknown ones are not asked for
    """

    alternatives: tuple[Condition, ...]
    substitutes: bool = False

    def holds(self, values: Mapping[str, Array]) -> Truth:
        """(N,) TRUE, FALSE or UNKNOWN."""
        found = any_of(self.alternatives, values)
        if not self.substitutes:
            return found
        denied = np.any([one.holds(values) == FALSE for one in self.alternatives], axis=0)
        return np.where((found == UNKNOWN) & denied, FALSE, found).astype(np.int8)


def condition(cell: str) -> Condition:
    """'diabetes', 'diabetes=no', 'sex=female', 'systolic_bp:140', 'egfr<30' or 'hba1c:5.7<6.5'.

    Raises
    ------
    KnowledgeError : it is not written so, or names no level
    InputError : the variable is not in the dictionary
    """
    parts = CELL.fullmatch(cell)
    if parts is None:
        raise KnowledgeError(f"'{cell}' is no condition; write name, name=level, name:low, name<high or name:low<high")
    item = variable(parts["name"])
    if parts["level"]:
        code = ("no", "yes").index(parts["level"]) if item.kind == "boolean" else item.code(parts["level"])
        return Condition(item.name, float(code), float(code + 1))
    low, high = parts["low"], parts["high"]
    least = float(low) if low else -math.inf if high else 1.0
    return Condition(item.name, least, float(high) if high else math.inf)


def conditions(cell: str) -> tuple[Condition, ...]:
    """The conditions of a cell, '|' between them."""
    return tuple(condition(part) for part in cell.split("|") if part)


def groups(cell: str) -> tuple[Group, ...]:
    """The groups of a cell, '|' between those that must all hold, '/' between alternatives, '~' between substitutes."""
    return tuple(_group(part) for part in cell.split("|") if part)


def _group(cell: str) -> Group:
    return Group(tuple(condition(one) for one in re.split("[/~]", cell)), "~" in cell)


def any_of(found: Iterable[Condition], values: Mapping[str, Array]) -> Truth:
    """(N,) whether one of the alternatives holds; of none, FALSE."""
    nothing = np.full(len(values["age"]), FALSE, dtype=np.int8)
    return np.maximum.reduce([nothing, *(one.holds(values) for one in found)])


def all_of(found: tuple[Group, ...], values: Mapping[str, Array]) -> Truth:
    """(N,) whether every group holds; of none, TRUE."""
    everything = np.full(len(values["age"]), TRUE, dtype=np.int8)
    return np.minimum.reduce([everything, *(group.holds(values) for group in found)])


def label(name: str) -> str:
    """A variable's label as it stands inside a sentence."""
    return wording.short_reason(f"missing:{name}").removesuffix(" missing")
