"""The region of a risk equation that a patient's country belongs to; a country that is not listed has none."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd

from precision.cohort import Cohort
from precision.knowledge.table import read
from precision.result import Array
from precision.schema import category_key, variable

REGIONS = ("score2_region", "kfre_region")
COLUMNS = ("country", "iso2", "iso3", "also", *REGIONS, "source", "year", "doi", "status")


def region(cohort: Cohort, name: str) -> Array | None:
    """(N,) code of one of REGIONS from the country as it is written; None where no country is recorded."""
    patients = cohort.table("patients")
    if "country" not in patients:
        return None
    places, countries = pd.factorize(patients["country"])
    codes = [_regions(name).get(category_key(str(country)), np.nan) for country in countries]
    return np.array([*codes, np.nan])[places]


@cache
def _regions(name: str) -> Mapping[str, float]:
    """Name or ISO 3166 code of a country, as `category_key` gives it -> code of its region."""
    rows = read("codes", "countries.csv", COLUMNS, ("country",))
    item = variable(name)
    return {
        category_key(spelling): float(item.code(row[name]))
        for _, row in rows[rows[name] != ""].iterrows()
        for spelling in (row["country"], row["iso2"], row["iso3"], *filter(None, row["also"].split("|")))
    }
