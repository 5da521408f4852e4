"""Variables that follow from others: age from birth, treatment from the medicine list, disease from diagnoses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import Cohort
from precision.features.carriers import carried, gene_groups
from precision.features.codes import Meaning, Records, diagnoses, meanings, medicines
from precision.features.countries import REGIONS, region
from precision.schema import variable

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Known:
    """What derivations may read: the cohort, one column per variable, its diagnoses and medicines."""

    cohort: Cohort
    on: date
    column: Callable[[str], Array | None]
    diagnoses: Records | None
    medicines: Records | None


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a variable follows: from a table ("conditions", "medications") or from the variables in `needs`.

    compute : what is known -> (N,) values, NaN where it does not follow; None where nothing could say so
    tolerance : a difference up to this is no contradiction of a recorded value
    """

    variable: str
    needs: tuple[str, ...]
    compute: Callable[[Known], Array | None]
    table: str = ""
    tolerance: float = 0.0

    @property
    def how(self) -> str:
        """What it follows from, in words."""
        return {"conditions": "diagnoses", "medications": "medicines"}.get(self.table) or " and ".join(self.needs)


def known(cohort: Cohort, on: date, column: Callable[[str], Array | None]) -> Known:
    """Read diagnoses and medicines once."""
    return Known(
        cohort=cohort,
        on=on,
        column=column,
        diagnoses=diagnoses(cohort, on) if "conditions" in cohort.tables else None,
        medicines=medicines(cohort, on) if "medications" in cohort.tables else None,
    )


def derivations() -> Iterator[Derivation]:
    """Every derivation; of two for one variable the first that can answer does."""
    yield Derivation("age", ("birth_date",), age_from_birth_date, tolerance=1.0)
    yield Derivation("age", ("birth_year",), age_from_birth_year, tolerance=1.0)
    yield Derivation("deceased", ("death_date",), deceased_by_date)
    yield Derivation("bmi", ("height", "weight"), bmi_from_height_and_weight, tolerance=1.0)
    yield Derivation("current_smoker", ("smoking_status",), smoker_from_status)
    yield Derivation("sdi_decile", ("sdi_percentile",), decile_from_percentile)
    for name in REGIONS:
        yield Derivation(name, ("country",), _of_country(name))
    for name in gene_groups():
        yield Derivation(name, ("genotypes",), _carried(name))
    for name, meaning in meanings("conditions").items():
        yield Derivation(name, (), _diagnosed(meaning), "conditions")
    for name, meaning in meanings("medications").items():
        yield Derivation(name, (), _treated(meaning), "medications")


def age_from_birth_date(known: Known) -> Array | None:
    """(N,) completed years on the index date; NaN before birth."""
    patients, on = known.cohort.table("patients"), known.on
    if "birth_date" not in patients:
        return None
    born = pd.to_datetime(patients["birth_date"]).dt
    to_come = (born.month > on.month) | ((born.month == on.month) & (born.day > on.day))
    years = (on.year - born.year - to_come).to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(years < 0, np.nan, years)


def age_from_birth_year(known: Known) -> Array | None:
    """(N,) years from birth year to index year: the completed years, or one more."""
    born = known.column("birth_year")
    return None if born is None else np.where(born > known.on.year, np.nan, known.on.year - born)


def deceased_by_date(known: Known) -> Array | None:
    """(N,) 1 where the death date is on or before the index date; a later or absent one says nothing."""
    patients = known.cohort.table("patients")
    if "death_date" not in patients:
        return None
    died = pd.to_datetime(patients["death_date"]).to_numpy().astype("datetime64[D]")
    return np.where(died <= np.datetime64(known.on, "D"), 1.0, np.nan)


def bmi_from_height_and_weight(known: Known) -> Array | None:
    """(N,) weight in kg over the square of height in m."""
    height, weight = known.column("height"), known.column("weight")
    return None if height is None or weight is None else weight * 100**2 / height**2


def smoker_from_status(known: Known) -> Array | None:
    """(N,) 1 where the smoking status is one of the current ones."""
    status = known.column("smoking_status")
    if status is None:
        return None
    current = [code for code, level in enumerate(variable("smoking_status").levels) if level.startswith("current")]
    return np.where(np.isnan(status), np.nan, np.isin(status, current).astype(np.float64))


def decile_from_percentile(known: Known) -> Array | None:
    """(N,) decile 1 to 10 of a percentile 0 to 100: 10 is in the first, 10.1 in the second."""
    percentile = known.column("sdi_percentile")
    return None if percentile is None else np.clip(np.ceil(percentile / 10), 1, 10)


def _of_country(name: str) -> Callable[[Known], Array | None]:
    return lambda known: region(known.cohort, name)


def _carried(name: str) -> Callable[[Known], Array | None]:
    return lambda known: carried(known.cohort, name)


def _diagnosed(meaning: Meaning) -> Callable[[Known], Array | None]:
    return lambda known: None if known.diagnoses is None else known.diagnoses.answer(meaning)


def _treated(meaning: Meaning) -> Callable[[Known], Array | None]:
    return lambda known: None if known.medicines is None else known.medicines.answer(meaning)
