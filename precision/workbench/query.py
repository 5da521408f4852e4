"""Which patients of a cohort are meant: a filter as data, in words and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from precision import wording
from precision.errors import InputError
from precision.result import MISSING, NOT_APPLICABLE, OK, OUT_OF_RANGE
from precision.schema import variables

ALL_AGES = (0, 105)  # completed years; the upper end is open
ALL_RISKS = (0.0, 1.0)
UNKNOWN = "not_recorded"
STATES: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "estimated": (OK,),
        "not_estimated": (MISSING, OUT_OF_RANGE, NOT_APPLICABLE),
        "missing": (MISSING,),
        "out_of_range": (OUT_OF_RANGE,),
        "not_applicable": (NOT_APPLICABLE,),
    }
)
STATE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "estimated": "Estimated",
        "not_estimated": "Not estimated",
        "missing": "Input missing",
        "out_of_range": "Out of range",
        "not_applicable": "Not applicable",
    }
)
Part = str | list[str] | dict[str, float]
PARTS = ("sex", "age_completed_years", "risk", "group", "recorded", "state")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which patients are meant: every part that is set must hold, and what is not known never holds.

    Attributes
    ----------
    sex : level of the dictionary; empty = any
    age : completed years, both included; the upper end of ALL_AGES is open, and all of it asks for nothing
    risk : probabilities, the lower included, the upper not; all of ALL_RISKS asks for nothing
    group : level of the category that patients are grouped by, or UNKNOWN; empty = any
    recorded : yes-or-no variables that must all be yes
    state : one of STATES; empty = any
    """

    sex: str = ""
    age: tuple[int, int] = ALL_AGES
    risk: tuple[float, float] = ALL_RISKS
    group: str = ""
    recorded: tuple[str, ...] = ()
    state: str = ""

    def __post_init__(self) -> None:
        _check("sex", self.sex, variables()["sex"].levels)
        _check("state", self.state, STATES)
        for name, (low, high) in (("age", self.age), ("risk", self.risk)):
            if not low <= high:
                raise InputError(f"{name} from {low:g} to {high:g} holds nobody; give the lower bound first")
        for name in self.recorded:
            if name not in variables() or variables()[name].kind != "boolean":
                raise InputError(f"'{name}' is no yes-or-no variable of the dictionary; see `precision variables`")

    def definition(self) -> dict[str, Part]:
        """The parts that are set, as JSON holds them."""
        parts: dict[str, Part] = {}
        if self.sex:
            parts["sex"] = self.sex
        if self.age != ALL_AGES:
            parts["age_completed_years"] = {"from": self.age[0], "to": self.age[1]}
        if self.risk != ALL_RISKS:
            parts["risk"] = {"from": self.risk[0], "below": self.risk[1]}
        if self.group:
            parts["group"] = self.group
        if self.recorded:
            parts["recorded"] = list(self.recorded)
        if self.state:
            parts["state"] = self.state
        return parts

    def words(self, grouping: str) -> tuple[str, ...]:
        """The parts that are set, as people read them: 'Female', 'age 40 to 79', 'risk 5% to below 10%'."""
        parts = (
            self.sex.capitalize(),
            "" if self.age == ALL_AGES else f"age {age_range(*self.age)}",
            "" if self.risk == ALL_RISKS else f"risk {risk_range(*self.risk)}",
            *(wording.label(name) for name in self.recorded),
            level_word(grouping, self.group) if self.group else "",
            STATE_WORDS.get(self.state, ""),
        )
        return tuple(filter(None, parts))


def read_filter(definition: str) -> Filter:
    """The filter of a definition (JSON text) that was exported.

    Raises
    ------
    InputError : no JSON, no filter in it, or a part of it is not understood
    """
    try:
        parts = json.loads(definition)["filter"]
        _check("filter part", next((name for name in parts if name not in PARTS), ""), PARTS)
        age, risk = parts.get("age_completed_years"), parts.get("risk")
        return Filter(
            sex=parts.get("sex", ""),
            age=(int(age["from"]), int(age["to"])) if age else ALL_AGES,
            risk=(float(risk["from"]), float(risk["below"])) if risk else ALL_RISKS,
            group=parts.get("group", ""),
            recorded=tuple(parts.get("recorded", ())),
            state=parts.get("state", ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"no definition of a selection ({error}); export it again from the Cohort page") from error


def age_range(low: int, high: int) -> str:
    """Completed years: '40 to 79', '65 or more'."""
    return f"{low} or more" if high == ALL_AGES[1] else f"{low} to {high}"


def risk_range(low: float, below: float) -> str:
    """A range of probability: 'below 3%', '3% to below 5%', '10% or more'."""
    first, last = (f"{100 * bound:.3g}%" for bound in (low, below))
    if low == ALL_RISKS[0]:
        return f"below {last}"
    return f"{first} or more" if below == ALL_RISKS[1] else f"{first} to below {last}"


def level_word(grouping: str, level: str) -> str:
    """A group as people read it.

    Raises
    ------
    InputError : the category has no such level
    """
    if level == UNKNOWN:
        return "Not recorded"
    known = variables()[grouping].levels
    _check(grouping, level, known)
    text = wording.value_text(grouping, float(known.index(level)))
    return text[:1].upper() + text[1:]


def _check(name: str, value: str, allowed: Mapping[str, tuple[int, ...]] | tuple[str, ...]) -> None:
    if value and value not in allowed:
        raise InputError(f"{name} '{value}' is unknown; allowed: {', '.join(allowed)}, or empty")
