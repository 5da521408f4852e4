"""What a record says of the person whom advice is for: age, weight, ancestry, sex, and why a medicine is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from precision.cohort import Cohort
from precision.errors import KnowledgeError
from precision.features import Features
from precision.features.codes import Meaning, diagnoses
from precision.knowledge.table import read
from precision.pgx.advising import Outside
from precision.result import OK, Array, Result
from precision.schema import variable

Mask = NDArray[np.bool_]
WARFARIN, MODEL, EQUATION = "warfarin", "warfarin_iwpc", "IWPC"
GENES = ("cyp2c9_genotype", "vkorc1_1639")
SCHOOL, ADULT, HEAVY_ENOUGH, OVERWEIGHT = 12, 18, 40, 25  # years, years, kg, kg/m²: limits that the bodies name
CONDITIONS, ACUTE, BRAIN, OTHER = "conditions", "acs_pci", "neurovascular", "cardiovascular_other"
CODES = ("population", "system", "code", "match", "source", "status")
AGAINST = ("ingredient", "population", "says", "source", "version", "url", "status")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Populations of advice and medicines that are ruled out, for N people; what nobody knows is in neither.

    inside, outside : population -> (N,) who is known to belong to it, and who is known not to
    never : medicine -> (N,) to whom it must not be given for another reason than the genes
    weekly : (N,) mg of warfarin a week by the equation with both genes; NaN = not computed
    """

    inside: Outside
    outside: Outside
    never: Mapping[str, Mask]
    weekly: Array

    def of(self, row: int) -> Circumstances:
        """Those of one person."""
        inside, outside, never = (
            MappingProxyType({name: known[[row]] for name, known in every.items()})
            for every in (self.inside, self.outside, self.never)
        )
        return Circumstances(inside, outside, never, self.weekly[[row]])


def circumstances(cohort: Cohort, features: Features, results: Mapping[str, Result]) -> Circumstances:
    """What the record of each patient answers; a diagnosis that is not recorded says nothing.

    results : name of a model -> its estimates, the equation among them
    """
    inside, outside = _by_body(features)
    ever = _diagnosed(cohort)
    if ever:
        ever[OTHER] = ever[OTHER] & ~ever[ACUTE] & ~ever[BRAIN]
    never = {drug: ever[why.population] for drug, why in contraindicated().items() if why.population in ever}
    inside |= ever
    doses = weekly(features, results.get(MODEL))
    return Circumstances(MappingProxyType(inside), MappingProxyType(outside), MappingProxyType(never), doses)


@dataclass(frozen=True, slots=True)
class Contraindicated:
    """Why a medicine is ruled out: a diagnosis (population of indications.csv), and what its source says of it."""

    ingredient: str
    population: str
    says: str
    source: str
    version: str
    url: str
    status: str


@cache
def contraindicated() -> Mapping[str, Contraindicated]:
    """Medicine -> the diagnosis that rules it out as an alternative."""
    rows = read("codes", "contraindications.csv", AGAINST, AGAINST)
    found = [Contraindicated(*cells) for cells in rows[list(AGAINST)].to_numpy(dtype=str).tolist()]
    return MappingProxyType({one.ingredient: one for one in found})


def _by_body(features: Features) -> tuple[dict[str, Mask], dict[str, Mask]]:
    """By age, weight, body mass index, ancestry and sex: who belongs to each population, and who does not."""
    known = {name: features.column(name) for name in ("age", "weight", "bmi", "sex")}
    age, weight, bmi, sex = (np.full(len(features), np.nan) if one is None else one for one in known.values())
    african, other = _ancestry(features)
    light, heavy, adult, child = weight < HEAVY_ENOUGH, weight >= HEAVY_ENOUGH, age >= ADULT, age < ADULT
    over, not_over, male = bmi > OVERWEIGHT, bmi <= OVERWEIGHT, sex == variable("sex").code("male")
    inside = {
        "adults": adult,
        "children": child,
        "children_or_after_tonsillectomy": age < SCHOOL,
        "other_patients": adult & male,
        "children_below_40kg": child & light,
        "adults_and_children_40kg": adult | heavy,
        "from_40kg_bmi_above_25": heavy & over,
        "from_40kg_bmi_up_to_25": heavy & not_over,
        "african_ancestry": african,
        "other_ancestry": other,
    }
    outside = {
        "adults": child,
        "children": adult,
        "children_or_after_tonsillectomy": adult,
        "children_below_40kg": adult | heavy,
        "adults_and_children_40kg": child & light,
        "from_40kg_bmi_above_25": light | not_over,
        "from_40kg_bmi_up_to_25": light | over,
        "african_ancestry": other,
        "other_ancestry": african,
        "other_patients": age < SCHOOL,
        "breastfeeding": male,
    }
    return inside, outside


def _ancestry(features: Features) -> tuple[Mask, Mask]:
    """(N,) African ancestry and (N,) another one: by genetic similarity, else by the group that was reported.

    Similarity to no reference population, a mixed or other group, and no record answer neither.
    """
    unknown = np.full(len(features), np.nan)
    genetic, reported = (features.column(name) for name in ("ancestry_group", "ancestry"))
    genetic, reported = (unknown if one is None else one for one in (genetic, reported))
    group, race = variable("ancestry_group"), variable("ancestry")
    by_genes = ~np.isnan(genetic) & (genetic != group.code("OTH"))
    by_word = ~by_genes & ~np.isnan(reported) & (reported != race.code("other"))
    african = (by_genes & (genetic == group.code("AFR"))) | (by_word & (reported == race.code("black")))
    return african, (by_genes | by_word) & ~african


def weekly(features: Features, found: Result | None) -> Array:
    """(N,) mg a week of those whose alleles of both genes the equation knows."""
    genes = [features.column(name) for name in GENES]
    if found is None or genes[0] is None or genes[1] is None:
        return np.full(len(features), np.nan)
    other = variable(GENES[0]).code("other")
    known = ~np.isnan(genes[0]) & (genes[0] != other) & ~np.isnan(genes[1]) & (found.status[:, 0] == OK)
    return np.where(known, found.value[:, 0], np.nan)


def _diagnosed(cohort: Cohort) -> dict[str, Mask]:
    """Population -> (N,) for whom a diagnosis of it is recorded, present or past."""
    if CONDITIONS not in cohort.tables:
        return {}
    records = diagnoses(cohort, cohort.index_date)
    return {name: records.answer(meaning) == 1 for name, meaning in _meanings().items()}


@cache
def _meanings() -> Mapping[str, Meaning]:
    rows = read("codes", "indications.csv", CODES, CODES[:3])
    if not (known := rows["match"].isin(["exact", "prefix"])).all():
        raise KnowledgeError(f"codes/indications.csv: match '{rows['match'][~known].iloc[0]}' is not understood")
    found: dict[str, Meaning] = {}
    for name, part in rows.groupby("population", sort=False):
        codes = part["system"] + ":" + part["code"]
        exact, prefix = (codes[part["match"] == match] for match in ("exact", "prefix"))
        found[str(name)] = Meaning(frozenset(exact), tuple(prefix), None, ever=True)
    return MappingProxyType(found)
