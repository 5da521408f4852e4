"""The tables of what changes an enzyme, by how much, and which medicines depend on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from precision.errors import KnowledgeError
from precision.pgx.drugnames import VERIFIED, drugs
from precision.pgx.tables import rows as rows_of
from precision.result import Citation

FOLDER = "interactions"
ENZYMES = ("CYP2D6", "CYP2C19", "CYP2C9", "CYP2B6", "CYP3A4", "CYP1A2")  # FDA's CYP3A stands as CYP3A4
SMOKING = "tobacco smoking"  # the one modulator that is no medicine
INHIBITOR, INDUCER = "inhibitor", "inducer"
EFFECTS = (INHIBITOR, INDUCER)
STRENGTHS = ("strong", "moderate", "weak")
MULTIPLY, STEP, DIRECTION, NONE = "multiply", "step", "direction", "none"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a modulator of this strength does to a predicted result; evidence is the code of a sentence.

    operation : 'multiply' the activity score by value; 'step' value categories (-2 = to Poor); 'direction' -1 or 1
    where no rule moves the category; 'none'
    """

    operation: str
    value: float
    evidence: str
    verified: bool

    @property
    def direction(self) -> int:
        """-1 the enzyme works less, 1 it works more, 0 no change."""
        if self.operation == NONE:
            return 0
        return -1 if self.operation == MULTIPLY or self.value < 0 else 1


@dataclass(frozen=True, slots=True)
class Modulator:
    """An inhibitor or inducer of an enzyme, with what its strength means there.

    lasting_days : the effect outlives the last dose by so long, by a source that was read; 0 = no such source
    verified : class and strength were read in the source
    """

    name: str
    enzyme: str
    effect: str
    strength: str
    lasting_days: float
    source: str
    verified: bool
    rule: Rule

    @property
    def certain(self) -> bool:
        """Both the strength and what it means were read in a source."""
        return self.verified and self.rule.verified


@cache
def modulators(enzyme: str) -> tuple[Modulator, ...]:
    """Those of one enzyme: strong before moderate before weak, certain before recalled, then by name.

    Raises
    ------
    KnowledgeError : a medicine is in no row of drugs.csv, or no rule says what its strength means
    """
    mine = [one for one in _every_modulator() if one.enzyme == enzyme]
    return tuple(sorted(mine, key=lambda one: (STRENGTHS.index(one.strength), not one.certain, one.name)))


@cache
def substrates(enzyme: str) -> Mapping[str, bool]:
    """Medicines whose level depends on the enzyme, and whether that was read in the source.

    Raises
    ------
    KnowledgeError : a medicine is in no row of drugs.csv
    """
    columns = ("ingredient", "enzyme", "sensitivity", "source", "status")
    rows = [row for row in rows_of("substrates.csv", columns, columns[:2], FOLDER) if row["enzyme"] == enzyme]
    for row in rows:
        _known(row["ingredient"])
    return MappingProxyType({row["ingredient"]: row["status"] == VERIFIED for row in rows})


def sentence(code: str, enzyme: str, cause: str = "", drug: str = "") -> str:
    """A sentence of the table with its names filled in; the first letter is a capital one."""
    text = _sentences()[code].format(enzyme=enzyme, cause=cause, drug=drug)
    return text[0].upper() + text[1:]


@cache
def citations() -> Mapping[str, Citation]:
    """The source of each key that the tables of this folder name."""
    rows = rows_of("citations.csv", ("key", "title", "pmid", "doi", "url", "version", "status"), ("key",), FOLDER)
    return MappingProxyType(
        {row["key"]: Citation(row["title"], row["doi"], int(row["version"][:4] or 0)) for row in rows}
    )


@cache
def rules() -> Mapping[tuple[str, str, str], Rule]:
    """(enzyme, effect, strength) -> what it means.

    Raises
    ------
    KnowledgeError : an operation is not one of the four, or a sentence is absent
    """
    columns = ("enzyme", "effect", "strength", "operation", "value", "evidence", "source", "status")
    found: dict[tuple[str, str, str], Rule] = {}
    for row in rows_of("shifts.csv", columns, columns[:3], FOLDER):
        if row["operation"] not in (MULTIPLY, STEP, DIRECTION, NONE) or row["evidence"] not in _sentences():
            raise KnowledgeError(
                f"interactions/shifts.csv: {row['enzyme']} {row['effect']} {row['strength']} is unclear"
            )
        rule = Rule(row["operation"], float(row["value"] or 0), row["evidence"], row["status"] == VERIFIED)
        found[row["enzyme"], row["effect"], row["strength"]] = rule
    return MappingProxyType(found)


_MODULATOR = (
    "ingredient",
    "enzyme",
    "effect",
    "strength",
    "lasting_days",
    "lasting_status",
    "lasting_source",
    "source",
    "status",
)


def _modulator(row: Mapping[str, str]) -> Modulator:
    name, key = row["ingredient"], (row["enzyme"], row["effect"], row["strength"])
    if name != SMOKING:
        _known(name)
    if key not in rules():
        raise KnowledgeError(f"interactions/shifts.csv: no row for {' '.join(key)}, which {name} needs")
    return Modulator(
        name=name,
        enzyme=row["enzyme"],
        effect=row["effect"],
        strength=row["strength"],
        lasting_days=float(row["lasting_days"]) if row["lasting_status"] == VERIFIED else 0.0,
        source=row["source"],
        verified=row["status"] == VERIFIED,
        rule=rules()[key],
    )


@cache
def _every_modulator() -> tuple[Modulator, ...]:
    return tuple(_modulator(row) for row in rows_of("modulators.csv", _MODULATOR, ("ingredient", "enzyme"), FOLDER))


def _known(name: str) -> None:
    if name not in drugs():
        raise KnowledgeError(f"interactions: '{name}' is in no row of drugs/drugs.csv")


@cache
def _sentences() -> Mapping[str, str]:
    return MappingProxyType(
        {row["code"]: row["sentence"] for row in rows_of("sentences.csv", ("code", "sentence"), ("code",), FOLDER)}
    )
