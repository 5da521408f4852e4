"""What an assessment rests on: the data behind one patient's page, and the quality of a cohort's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from precision import wording
from precision.features import MODALITIES, Features, in_use, modality_of, to_begin
from precision.result import OK, Array, Result
from precision.schema import variables
from precision.workbench.assessment import Assessment
from precision.workbench.declining import declined

LEADING = "prevent"  # its inputs measure how complete a patient's data are
LABELS = MappingProxyType(
    {
        "clinical": "Clinical measurements",
        "labs": "Laboratory results",
        "lifestyle": "Lifestyle",
        "environment": "Environment",
        "medications": "Medicines",
        "conditions": "Diagnoses",
        "family": "Family history",
        "germline": "Genotypes",
        "tumour": "Tumour variants",
        "expression": "Tumour expression",
        "consent": "Consent",
    }
)
NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True)
class DataBehind:
    """Rows of "Data behind this page" as (label, text), and the labels of the risk inputs that are missing."""

    rows: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """One figure of data quality: how many, and what they are."""

    label: str
    count: int
    detail: str


def leading(assessment: Assessment) -> Result | None:
    """The result whose inputs measure completeness: the leading model's, else the first; None where none was run."""
    return assessment.results.get(LEADING) or next(iter(assessment.results.values()), None)


def completeness(assessment: Assessment) -> Array:
    """(N,) known share of the inputs that the number of the leading model cannot do without; NaN without a model."""
    result = leading(assessment)
    if result is None:
        return np.full(len(assessment.features), np.nan)
    return np.mean([~np.isnan(result.inputs[name]) for name in _required(result)], axis=0)


def shown(result: Result) -> int:
    """Which number of the leading model the pages show: 10-year heart attack or stroke; another model's first."""
    return result.column("ascvd", 10.0) if result.model == LEADING else 0


def _required(result: Result) -> tuple[str, ...]:
    return tuple(result.estimates[shown(result)].required)


def loaded(assessment: Assessment) -> tuple[tuple[str, int], ...]:
    """How many patients have anything of each modality recorded; modalities of nobody are left out."""
    counts = ((LABELS[name], int(assessment.features.present(name).sum())) for name in MODALITIES)
    return (("Patients", len(assessment.cohort)), *((label, count) for label, count in counts if count))


def data_behind(assessment: Assessment, patient: str) -> DataBehind:
    """What is known of one patient, what is missing for the risks, and how new it is.

    Raises
    ------
    InputError : no such patient
    """
    features, result = assessment.features, leading(assessment)
    row = features.row(patient)
    rows: list[tuple[str, str]] = []
    missing: tuple[str, ...] = ()
    if result is not None:
        required = _required(result)
        absent = [name for name in required if np.isnan(result.inputs[name][row])]
        rows.append(("Risk inputs", f"{len(required) - len(absent)} of {len(required)}"))
        missing = tuple(wording.label(name) for name in absent)
    rows += [(LABELS[name], _known(features, row, name)) for name in ("clinical", "labs", "lifestyle", "environment")]
    rows += _records(assessment, patient)
    newest = features.updated[row]
    rows.append(("Newest value", "undated" if np.isnat(newest) else _day(pd.Timestamp(newest))))
    return DataBehind(tuple(rows), missing)


def _known(features: Features, row: int, modality: str) -> str:
    """'5 of 6': of the variables of a modality that this cohort knows, how many this patient has."""
    columns = [k for k, name in enumerate(features.names) if modality_of(variables()[name]) == modality]
    here = int(np.count_nonzero(~np.isnan(features.values[row, columns])))
    return f"{here} of {len(columns)}" if here else NOT_RECORDED


def _records(assessment: Assessment, patient: str) -> Iterator[tuple[str, str]]:
    cohort, on = assessment.cohort, assessment.features.index_date
    complete = {table: "none" if table in cohort.complete else NOT_RECORDED for table in ("conditions", "medications")}
    yield "Diagnoses", _counted_as(len(cohort.of(patient, "conditions")), "entry", "entries") or complete["conditions"]
    medicines = cohort.of(patient, "medications")
    taken = f"{int(in_use(medicines, on).sum())} now, {int(to_begin(medicines, on).sum())} planned"
    yield "Medicines", taken if len(medicines) else complete["medications"]
    yield "Family history", _counted_as(len(cohort.of(patient, "family_history")), "entry", "entries") or NOT_RECORDED
    variants = _counted_as(len(cohort.of(patient, "variants")), "variant", "variants")
    genes = _counted_as(len(cohort.of(patient, "diplotypes")), "gene", "genes")
    sites = _counted_as(positions_called(assessment, patient), "position", "positions")
    yield "Genotypes", ", ".join(filter(None, (sites, variants, genes))) or NOT_RECORDED
    yield "Tumour variants", _counted_as(len(cohort.of(patient, "somatic")), "variant", "variants") or NOT_RECORDED
    yield "Tumour expression", _counted_as(len(cohort.of(patient, "expression")), "gene", "genes") or NOT_RECORDED
    yield "Consent", "recorded" if len(cohort.of(patient, "consent")) else NOT_RECORDED


def positions_called(assessment: Assessment, patient: str) -> int:
    """Positions of pharmacogenes that the files of genotypes know of one patient."""
    genotypes = assessment.cohort.genotypes
    if genotypes is None or patient not in genotypes.samples:
        return 0
    return int(np.count_nonzero(genotypes.alleles[:, genotypes.samples.index(patient), 0] >= 0))


def _counted_as(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}" if count else ""


def _day(time: pd.Timestamp) -> str:
    return f"{time.day} {time:%b %Y}"


def quality(assessment: Assessment) -> tuple[Quality, ...]:
    """What is doubtful or missing in a cohort: implausible values, contradictions, no estimate, no consent.

    Rows that the importer refused are not in the cohort and so not counted here.
    """
    features, result = assessment.features, leading(assessment)
    doubtful = implausible(features)
    found = [Quality("Values out of range", sum(doubtful.values()), _counted(doubtful))]
    differing = {name: item.contradictions for name, item in features.derived.items() if item.contradictions}
    found.append(Quality("Values that contradict their record", sum(differing.values()), _counted(differing)))
    if result is not None:
        found.append(_not_estimated(result))
    if "consent" in assessment.cohort.tables:
        found.append(Quality("Consent missing", int((~features.present("consent")).sum()), ""))
    else:
        found.append(Quality("Consent missing", len(features), "no consent table"))
    found.append(_not_judged(assessment))
    return tuple(found)


def _not_judged(assessment: Assessment) -> Quality:
    """Medicines in use or planned of which the genes could say something, but are not known; each once a patient."""
    listed = assessment.pharmacy.listed
    waiting = (listed.word == "Not determined") & ~declined(assessment.cohort)[listed.person]
    pairs = set(zip(listed.person[waiting].tolist(), listed.drug[waiting].tolist(), strict=True))
    counts = Counter(drug or "name not recognised" for _, drug in sorted(pairs))
    told = ", ".join(f"{drug} {count:,}" for drug, count in counts.most_common())
    detail = f"A gene result or another name is needed: {told}." if told else ""
    return Quality("Medicines not judged", counts.total(), detail)


def _not_estimated(result: Result) -> Quality:
    """Patients without the leading model's 10-year risk of heart attack or stroke, or another model's first number."""
    k = shown(result)
    reasons = ", ".join(f"{wording.short_reason(code)} {n:,}" for code, n in result.reason_counts(k).items())
    what = "Heart risk" if result.model == LEADING else result.label
    return Quality(f"{what} not estimated", int(np.count_nonzero(result.status[:, k] != OK)), reasons)


def implausible(features: Features) -> dict[str, int]:
    """Values outside the dictionary's plausible range, by variable, most frequent first."""
    counts: dict[str, int] = {}
    for k, name in enumerate(features.names):
        low, high = variables()[name].plausible
        values = features.values[:, k]
        if outside := int(np.count_nonzero((values < low) | (values > high))):
            counts[name] = outside
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{wording.label(name)} {count:,}" for name, count in counts.items())
