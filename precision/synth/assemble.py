"""A synthetic cohort in memory: every table of one partition of people."""

from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import Cohort
from precision.errors import InputError
from precision.synth import genome, history, records, scenarios, tumour, visits
from precision.synth.checkups import checkups
from precision.synth.draws import Draws
from precision.synth.genome import Germline
from precision.synth.people import people

PARTITION = 50_000  # people per partition; each partition can be made alone
COMPLETE = frozenset({"conditions", "medications"})
Tables = dict[str, pd.DataFrame]
Ids = NDArray[np.str_]


def synthesise(patients: int, seed: int) -> Cohort:
    """A synthetic cohort with every table.

    Raises
    ------
    InputError : fewer than one patient, or more than one partition holds; `write` makes larger ones
    """
    if patients > PARTITION:
        raise InputError(
            f"{patients:,} patients are too many for memory at once; write them to files (limit {PARTITION:,})"
        )
    made, _ = partition(patients, seed, 0)
    numbered = {
        name: table.assign(source_file="synthetic", source_row=np.arange(1, len(table) + 1))
        for name, table in made.items()
    }
    return Cohort("Synthetic cohort", MappingProxyType(numbered), visits.INDEX_DATE, COMPLETE, synthetic=True)


def partition(patients: int, seed: int, number: int) -> tuple[Tables, Germline]:
    """The tables and genotypes of one partition; the same people whatever stands in the others.

    Raises
    ------
    InputError : fewer than one patient
    """
    if patients < 1:
        raise InputError(f"{patients} patients were asked for; ask for 1 or more")
    draws = Draws(seed, number, patients)
    person = people(draws)
    found = genome.germline(person, draws)
    made = {
        "patients": pd.concat([records.patients(person, draws), tumour.markers(person)], axis=1),
        "observations": visits.observations(person, draws),
        "conditions": records.conditions(person, draws),
        "medications": records.medications(person, draws),
        "lifestyle": records.lifestyle(person, draws),
        "environment": records.environment(person, draws),
        "family_history": records.family_history(draws),
        "variants": genome.variants(found),
        "diplotypes": genome.diplotypes(person, draws),
        "somatic": tumour.somatic(person, draws),
        "expression": tumour.expression(person, draws),
        "consent": records.consent(draws),
    }
    made = {name: _with_scenarios(name, table, draws) for name, table in made.items()}
    answers = [made["patients"], history.told(person, draws, made), checkups(person, draws)]
    made["patients"] = pd.concat(answers, axis=1)
    ids = identifiers(patients, number)
    return {name: _named(table, ids) for name, table in made.items()}, found


def identifiers(patients: int, number: int) -> Ids:
    """(N,) identifiers P-00001, P-00002, ... of a partition."""
    first = number * PARTITION + 1
    return np.array([f"P-{i:05d}" for i in range(first, first + patients)])


def _with_scenarios(name: str, table: pd.DataFrame, draws: Draws) -> pd.DataFrame:
    """Add the records that the scenario patients have of their own, in the types of the table."""
    added = scenarios.written(name, draws)
    if not added:
        return table
    text = pd.DataFrame([cells for _, cells in added], dtype="str")
    extra = pd.DataFrame({"patient": [position for position, _ in added]})
    for column in table.columns.drop("patient"):
        cells = text[column].replace("", None) if column in text else pd.Series(None, index=text.index, dtype="str")
        extra[column] = cells.astype(table[column].dtype)
    return pd.concat([table, extra], ignore_index=True).sort_values("patient", kind="stable", ignore_index=True)


def _named(table: pd.DataFrame, ids: Ids) -> pd.DataFrame:
    """The same table with identifiers instead of row numbers."""
    named = pd.Series(ids[table["patient"].to_numpy(dtype=np.intp)], index=table.index, dtype="str")
    return pd.concat([named.rename("patient_id"), table.drop(columns="patient")], axis=1)
