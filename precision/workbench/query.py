"""Which patients of a cohort are meant: a filter as data, in words and as JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from precision import wording
from precision.errors import InputError
from precision.pgx.answers import plain
from precision.result import MISSING, NOT_APPLICABLE, OK, OUT_OF_RANGE
from precision.schema import variables
from precision.workbench.dueness import DUE_WORDS, known_rules
from precision.workbench.phenotyped import phenotypes_of
from precision.workbench.risks import capital
from precision.workbench.thresholds import asking

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
PARTS = (
    "sex",
    "age_completed_years",
    "risk",
    "risk_group",
    "group",
    "recorded",
    "state",
    "asks_for",
    "due_for",
    "gene_result",
)


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
    band : name of a class or group of the number in question; empty = any
    asks : name of a treatment rule that speaks to them; empty = any
    due : 'overdue:' or 'due:' and the name of a screening or monitoring rule; empty = any
    gene : gene and phenotype by CPIC, as 'CYP2C19:Poor Metabolizer', sure or as one of several; empty = any
    """

    sex: str = ""
    age: tuple[int, int] = ALL_AGES
    risk: tuple[float, float] = ALL_RISKS
    group: str = ""
    recorded: tuple[str, ...] = ()
    state: str = ""
    band: str = ""
    asks: str = ""
    due: str = ""
    gene: str = ""

    def __post_init__(self) -> None:
        _check("sex", self.sex, variables()["sex"].levels)
        _check("state", self.state, STATES)
        _check("treatment rule", self.asks, asking())
        if self.due:
            which, _, rule = self.due.partition(":")
            _check("due", which, DUE_WORDS)
            _check("screening rule", rule or "none", known_rules())
        if self.gene:
            gene, _, phenotype = self.gene.partition(":")
            _check(f"phenotype of {gene}", phenotype or "none", phenotypes_of(gene))
        for name, (low, high) in (("age", self.age), ("risk", self.risk)):
            if not low <= high:
                raise InputError(f"{name} from {low:g} to {high:g} holds nobody; give the lower bound first")
        for name in self.recorded:
            if name not in variables() or variables()[name].kind != "boolean":
                raise InputError(f"'{name}' is no yes-or-no variable of the dictionary; see `precision variables`")

    def definition(self) -> dict[str, Part]:
        """The parts that are set, as JSON holds them."""
        (youngest, oldest), (low, below) = self.age, self.risk
        parts: dict[str, Part] = {
            "sex": self.sex,
            "age_completed_years": {"from": youngest, "to": oldest} if self.age != ALL_AGES else {},
            "risk": {"from": low, "below": below} if self.risk != ALL_RISKS else {},
            "group": self.group,
            "recorded": list(self.recorded),
            "state": self.state,
            "risk_group": self.band,
            "asks_for": self.asks,
            "due_for": self.due,
            "gene_result": self.gene,
        }
        return {name: part for name, part in parts.items() if part}

    def words(self, grouping: str) -> tuple[str, ...]:
        """The parts that are set, as people read them: 'Female', 'age 40 to 79', 'risk 5% to below 10%'."""
        parts = (
            self.sex.capitalize(),
            "" if self.age == ALL_AGES else f"age {age_range(*self.age)}",
            "" if self.risk == ALL_RISKS else f"risk {risk_range(*self.risk)}",
            *(wording.label(name) for name in self.recorded),
            level_word(grouping, self.group) if self.group else "",
            STATE_WORDS.get(self.state, ""),
            f"group {capital(wording.level(self.band))}" if self.band else "",
            f"advice '{asking()[self.asks]}'" if self.asks else "",
            _due_part(self.due) if self.due else "",
            gene_words(self.gene) if self.gene else "",
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
            band=parts.get("risk_group", ""),
            asks=parts.get("asks_for", ""),
            due=parts.get("due_for", ""),
            gene=parts.get("gene_result", ""),
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


def due_words(due: str) -> str:
    """'overdue:breast_avg' as people read it: 'Overdue: Offer mammography every 2 years'."""
    which, _, rule = due.partition(":")
    return f"{DUE_WORDS[which]}: {known_rules()[rule].action}"


def gene_words(result: str) -> str:
    """'CYP2C19:Poor Metabolizer' as people read it: 'CYP2C19 Poor metaboliser'."""
    gene, _, phenotype = result.partition(":")
    return f"{gene} {plain(phenotype)}"


def due_options(codes: Iterable[str]) -> dict[str, str]:
    """Such codes with their words; those that are worded alike also with the name of their rule."""
    words = {code: due_words(code) for code in codes}
    every = list(words.values())
    return {
        code: f"{text} ({code.partition(':')[2].replace('_', ' ')})" if every.count(text) > 1 else text
        for code, text in words.items()
    }


def _due_part(due: str) -> str:
    which, _, action = due_words(due).partition(": ")
    return f"{which.lower()} '{action}'"


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


def _check(name: str, value: str, allowed: Collection[str]) -> None:
    if value and value not in allowed:
        raise InputError(f"{name} '{value}' is unknown; allowed: {', '.join(allowed)}, or empty")
