"""Made-up people for the tests of screening, written as text: 'sex=female; age=50; tested=psa@2025-07-01'.

A word is a variable of the dictionary with its number or level, or one of carries (genes with a pathogenic germline
variant), relatives (relation@code@age at onset), tested (date or measured variable@day), risks (model:outcome:horizon
@value); several of them are joined by '+'.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from precision.cohort import Cohort
from precision.features import integrate
from precision.result import MISSING, OK, Citation, Estimate, Result
from precision.schema import variables
from precision.screening import Plan, plan
from precision.screening.plan import STATES

ON = date(2026, 6, 30)
LISTS = ("carries", "relatives", "tested", "risks")
VARIANT = {"assembly": "GRCh38", "chrom": "chr1", "pos": 1.0, "ref": "A", "alt": "T", "genotype": "0/1"}
Person = Mapping[str, str]
Cells = dict[str, str | float]


def person(text: str) -> dict[str, str]:
    """The words of a text."""
    return dict(word.strip().split("=", 1) for word in text.split(";") if word.strip())


def changed(text: str, change: str) -> dict[str, str]:
    """A person with some words in place of others; a word without a value takes it away."""
    return {**person(text), **person(change)}


def _listed(who: Person, name: str) -> list[list[str]]:
    return [part.split("@") for part in who.get(name, "").split("+") if part]


def cohort(people: Sequence[Person], complete: frozenset[str] = frozenset()) -> Cohort:
    """The people, called p0, p1, ... on the index date."""
    ids = [f"p{i}" for i in range(len(people))]
    patients = pd.DataFrame({"patient_id": pd.Series(ids, dtype="str")})
    for name in dict.fromkeys(name for who in people for name in who if name not in LISTS):
        patients[name] = [_number(name, who.get(name, "")) for who in people]
    dated = {name: dict(_listed(who, "tested")) for name, who in zip(ids, people, strict=True)}
    for name in dict.fromkeys(name for days in dated.values() for name in days if variables()[name].kind == "date"):
        patients[name] = pd.to_datetime(pd.Series([dated[one].get(name) for one in ids], dtype="str"))
    observed = [
        {"patient_id": one, "variable": name, "value": _number(name, who.get(name, "1")), "time": pd.Timestamp(day)}
        for one, who in zip(ids, people, strict=True)
        for name, day in dated[one].items()
        if variables()[name].kind != "date"
    ]
    relatives = [
        {"patient_id": one, "relation": relation, "condition_code": code, "onset_age": float(onset or "nan")}
        for one, who in zip(ids, people, strict=True)
        for relation, code, onset in _listed(who, "relatives")
    ]
    variants = [
        {"patient_id": one, "gene": gene, **VARIANT, "origin": "germline", "significance": "Pathogenic"}
        for one, who in zip(ids, people, strict=True)
        for [gene] in _listed(who, "carries")
    ]
    found = {"family_history": relatives, "variants": variants, "observations": observed}
    tables = {"patients": patients, **{name: pd.DataFrame(rows) for name, rows in found.items() if rows}}
    return Cohort("test", tables, ON, complete=complete)


def _number(name: str, text: str) -> float:
    levels = variables()[name].levels
    return variables()[name].code(text) if text in levels else float(text or "nan")


def estimates(people: Sequence[Person]) -> dict[str, Result]:
    """The results of the models that stand under `risks`, for everybody; NaN for who has none."""
    risks = [{subject: float(value) for subject, value in _listed(who, "risks")} for who in people]
    subjects = list(dict.fromkeys(subject for one in risks for subject in one))
    models = dict.fromkeys(subject.partition(":")[0] for subject in subjects)
    return {model: _result(model, [s for s in subjects if s.startswith(f"{model}:")], risks) for model in models}


def _result(model: str, subjects: Sequence[str], risks: Sequence[Mapping[str, float]]) -> Result:
    value = np.array([[one.get(subject, np.nan) for subject in subjects] for one in risks])
    named = [(*subject.split(":"), "nan")[1:3] for subject in subjects]
    nothing = np.zeros(len(risks), dtype=np.uint64)
    return Result(
        model=model,
        label=model,
        estimates=tuple(Estimate(outcome, outcome, horizon_years=float(years)) for outcome, years in named),
        patients=pd.Index([f"p{i}" for i in range(len(risks))]),
        value=value,
        low=np.full_like(value, np.nan),
        high=np.full_like(value, np.nan),
        status=np.where(np.isnan(value), MISSING, OK).astype(np.int8),
        problems=nothing,
        relevant=np.zeros(len(subjects), dtype=np.uint64),
        reason_codes=(),
        assumed=nothing,
        assumption_codes=(),
        inputs={},
        ranges={},
        citation=Citation("test"),
        knowledge={},
    )


def planned(*people: str | Person, complete: frozenset[str] = frozenset()) -> Plan:
    """The plan of these people, called p0, p1, ..."""
    read = [person(who) if isinstance(who, str) else who for who in people]
    known = cohort(read, complete)
    return plan(known, integrate(known), estimates(read))


def state(found: Plan, row: int, rule: str) -> str:
    """What a rule says of one of them."""
    return STATES[found.state[row, found.rule(rule)]]
