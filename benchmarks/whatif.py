"""What-if: the answer to a slider for one patient, levers, and a plan for a whole cohort."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from benchmarks.prevent import InMemory, people
from benchmarks.report import Row, best_of
from precision.model import registry
from precision.result import Array
from precision.treatment import suitability
from precision.treatment.contributions import shares
from precision.treatment.levers import cohort_levers, patient_levers
from precision.treatment.options import options
from precision.treatment.whatif import what_if, what_if_cohort
from precision.workbench.heart_age import heart_age

PEOPLE, PART = 1_000_000, 10_000
NOT_IN_USE = (
    "aspirin",
    "ezetimibe_treatment",
    "pcsk9_treatment",
    "sglt2_treatment",
    "glp1_treatment",
    "type2_diabetes",
)
PLAN = ("statin_high", "smoking", "activity_150")


def patients(count: int) -> InMemory:
    """Made-up people with everything that the interventions ask about."""
    rng = np.random.default_rng(3)
    columns: Mapping[str, Array] = people(count) | {
        "ldl_cholesterol": rng.uniform(60, 220, count),
        **{name: (rng.random(count) < 0.2).astype(np.float64) for name in NOT_IN_USE},
    }
    return InMemory(pd.RangeIndex(count), columns)


def run() -> list[Row]:
    """Measure."""
    model = registry()["prevent"]
    cohort = patients(PEOPLE)
    result = model(cohort)
    k = result.column("ascvd", 10.0)
    part = patients(PART)
    of_part = model(part)
    asked = suitability.people(cohort, result, k)
    million = "1 M people in memory"
    return [
        _ms(
            "What-if slider, one patient of a million", lambda: what_if(cohort, result, 0, k, PLAN, systolic_goal=115.0)
        ),
        _ms("Every treatment option, one patient of a million", lambda: options(cohort, result, 0, k)),
        _ms("Every lifestyle lever, one patient of a million", lambda: patient_levers(cohort, model, result, 0, k)),
        Row(
            f"A plan of 3 changes and a pressure goal, {million}",
            best_of(lambda: what_if_cohort(asked, PLAN, systolic_goal=130.0), 3),
        ),
        Row(
            f"Gains of every lever, {million}",
            best_of(lambda: cohort_levers(cohort, model, result, k, contributions=False), 3),
        ),
        Row(f"Heart age, {million}", best_of(lambda: heart_age(model, result), 3)),
        Row("Contributions of every input, 10,000 people", best_of(lambda: shares(model, of_part, k), 3)),
    ]


def _ms(name: str, work: Callable[[], object]) -> Row:
    return Row(name, 1000 * best_of(work), unit="ms", target=50)
