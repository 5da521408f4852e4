"""What a rerun of the Patient page and of the Cohort page costs with 100,000 people, run as a session runs them."""

import time
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import pandas as pd
from streamlit.testing.v1 import AppTest

from benchmarks.report import Row
from precision.cohort import Cohort
from precision.synth.assemble import COMPLETE, PARTITION, partition
from precision.synth.visits import INDEX_DATE
from precision.ui.workspace import KEY, Workspace
from precision.workbench import assess

APP = Path(__file__).parents[1] / "app.py"
PEOPLE, REPEATS = 100_000, 5


def people(count: int, seed: int = 1) -> Cohort:
    """Synthetic people in memory, put together from partitions."""
    parts = [partition(PARTITION, seed, number)[0] for number in range(count // PARTITION)]
    tables = {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]}
    return Cohort(f"Synthetic cohort of {count:,}", MappingProxyType(tables), INDEX_DATE, COMPLETE, synthetic=True)


def opened(space: Workspace, page: str) -> AppTest:
    """A session of the app on a page."""
    test = AppTest.from_file(APP, default_timeout=120)
    test.session_state[KEY] = space
    test.run().switch_page(f"pages/{page}.py").run()
    assert not test.exception
    return test


def cpu(work: Callable[[int], object]) -> float:
    """Milliseconds of processor time of the cheapest of some runs; each gets its number."""
    spent: list[float] = []
    for number in range(REPEATS):
        start = time.process_time()
        work(number)
        spent.append(1000 * (time.process_time() - start))
    return min(spent)


def run() -> list[Row]:
    """A rerun as it is, one with another filter, one with another order; each draws everything again."""
    space = Workspace(assess(people(PEOPLE)), uploaded=True)
    cohort, patient = opened(space, "cohort"), opened(space, "patient")
    return [
        Row("Patient page of 100,000 people, rerun, processor time", cpu(lambda _: patient.run()), "ms", 150),
        Row("Cohort page with 100,000 people, rerun, processor time", cpu(lambda _: cohort.run()), "ms", 150),
        Row("Cohort page with 100,000 people, another filter", cpu(lambda i: _filtered(cohort, i)), "ms", 150),
        Row("Cohort page with 100,000 people, another order", cpu(lambda i: _sorted(cohort, i)), "ms", 150),
    ]


def _filtered(test: AppTest, number: int) -> AppTest:
    return test.button_group(key="cohort_sex").set_value(("female", "male")[number % 2]).run()


def _sorted(test: AppTest, number: int) -> AppTest:
    return test.selectbox(key="cohort_order").set_value(("Oldest first", "Most urgent first")[number % 2]).run()
