"""One patient with values that were entered for the moment: assessed again, nothing stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pandas as pd

from precision.workbench.assessment import Assessment, assess

ENTERED = "entered on the page"  # in place of a file name


def with_values(assessment: Assessment, patient: str, values: Mapping[str, float]) -> Assessment:
    """The patient alone, as if the values had been recorded on the cohort's index date.

    Parameters
    ----------
    values : dictionary name -> value in the dictionary's unit, levels and booleans as codes

    Raises
    ------
    InputError : no such patient
    """
    alone = assessment.cohort.take(pd.Index([patient]))
    added = pd.DataFrame(
        {
            "patient_id": patient,
            "variable": list(values),
            "value": list(values.values()),
            "time": pd.Timestamp(alone.index_date),
            "source_file": ENTERED,
        }
    )
    observations = pd.concat([alone.table("observations"), added], ignore_index=True)
    cohort = replace(alone, tables=MappingProxyType({**alone.tables, "observations": observations}))
    return assess(cohort, tuple(assessment.results))
