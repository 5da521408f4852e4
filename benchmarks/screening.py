"""The whole set of screening rules for a cohort in memory, with the models that the rules name."""

from datetime import date

import numpy as np
import pandas as pd

from benchmarks.report import Row, best_of
from precision.cohort import Cohort
from precision.features import integrate
from precision.model import registry
from precision.schema import variables
from precision.screening import plan, rules

PEOPLE = 100_000
ON = date(2026, 6, 30)
MODELS = ("pooled_cohort", "prevent", "bcrat", "ckd_epi_2021", "kfre_4", "fib4")
RELATIONS = ("mother", "father", "sister", "mat_aunt")
DISEASES = ("ICD10CM:C18.9", "ICD10CM:C50.919", "ICD10CM:E11.9", "ICD10CM:I25.10")


def cohort(people: int, seed: int = 20260630) -> Cohort:
    """Made-up people of whom four in five values are known, a third with a relative, one in a hundred a carrier."""
    random = np.random.default_rng(seed)
    ids = np.array([f"P-{i:06d}" for i in range(people)])
    patients: dict[str, np.ndarray] = {"patient_id": ids, "age": random.integers(18, 95, people).astype(np.float64)}
    for name in _asked():
        item = variables()[name]
        if item.kind == "date":
            days = np.datetime64(ON) - random.integers(0, 5_000, people).astype("timedelta64[D]")
            patients[name] = np.where(random.random(people) < 0.5, days, np.datetime64("NaT", "D"))
        elif name not in patients:
            low, high = item.plausible if item.kind in ("number", "integer") else (0, len(item.levels) - 1)
            drawn = random.integers(int(low), int(high) + 1, people).astype(np.float64)
            patients[name] = np.where(random.random(people) < 0.8, drawn, np.nan)
    return Cohort("benchmark", {"patients": pd.DataFrame(patients), **_tables(ids, random)}, ON)


def _asked() -> list[str]:
    """Every dictionary variable that a rule looks at, death aside."""
    subjects = {part for rule in rules() for one in rule.criteria for part in one.subject.split("|")}
    tests = {test.name for rule in rules() for group in rule.tests for test in group}
    return [name for name in variables() if name in subjects | tests]


def _tables(ids: np.ndarray, random: np.random.Generator) -> dict[str, pd.DataFrame]:
    relatives, carriers, observed = len(ids) // 3, len(ids) // 100, len(ids) * 10
    names = [name for name in _asked() if variables()[name].table == "observations"]
    return {
        "family_history": pd.DataFrame(
            {
                "patient_id": random.choice(ids, relatives),
                "relation": random.choice(RELATIONS, relatives),
                "condition_code": random.choice(DISEASES, relatives),
                "onset_age": random.integers(30, 90, relatives).astype(np.float64),
            }
        ),
        "variants": pd.DataFrame(
            {
                "patient_id": random.choice(ids, carriers),
                "assembly": "GRCh38",
                "chrom": "chr17",
                "pos": 43_057_062,
                "ref": "T",
                "alt": "TG",
                "gene": "BRCA1",
                "genotype": "0/1",
            }
        ),
        "observations": pd.DataFrame(
            {
                "patient_id": random.choice(ids, observed),
                "variable": random.choice(names, observed),
                "value": random.integers(1, 6, observed).astype(np.float64),
                "time": np.datetime64(ON) - random.integers(0, 3_000, observed).astype("timedelta64[D]"),
            }
        ),
    }


def run() -> list[Row]:
    """Measure the plan of everybody, the plan of one, and the counts."""
    people = cohort(PEOPLE)
    features = integrate(people)
    results = {name: registry()[name](features) for name in MODELS if name in registry()}
    found = plan(people, features, results)
    size = f"{len(rules())} rules, {PEOPLE:,} people"
    return [
        Row(f"Screening plan, {size}", best_of(lambda: plan(people, features, results), 3), target=2.0),
        Row(f"Screening counts per rule, {size}", best_of(found.counts, 3)),
        Row(f"Screening work list, {size}", best_of(found.worklist, 1)),
        Row(f"Screening plan of one patient out of {PEOPLE:,}", 1000 * best_of(lambda: found.of("P-050000")), "ms"),
    ]
