"""The one place that knows all domains: a cohort is integrated, estimated and asked what needs attention."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from precision import wording
from precision.cohort import Cohort
from precision.errors import InputError
from precision.features import Features, integrate
from precision.model import Model, registry
from precision.pgx.calls import Calls
from precision.pgx.of_cohort import calls_of, has_genes
from precision.result import OK, Result
from precision.screening import Plan
from precision.screening import plan as plan_ahead
from precision.treatment.actions import Actions, find
from precision.workbench.circumstances import circumstances
from precision.workbench.declining import declined
from precision.workbench.drug_actions import drug_actions
from precision.workbench.genotyped import derivations
from precision.workbench.medicine_tables import answers_table, medicines_table
from precision.workbench.pharmacy import Pharmacy, pharmacy, smoking_of
from precision.workbench.store import calls_frame, long_frame, plan_frame, write

CHUNK = 50_000  # patients written at a time
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Assessment:
    """A cohort with everything that was found out about it; calls : None where nothing is known of any gene."""

    cohort: Cohort
    features: Features
    results: Mapping[str, Result]
    actions: Actions
    plan: Plan
    calls: Calls | None
    pharmacy: Pharmacy

    def save(self, folder: Path, at_once: int = CHUNK) -> None:
        """Write ``results``, ``actions``, ``plan`` and ``medicines`` (`.parquet`), so many patients at a time.

        The results are long, with the columns that the command `risk` writes; ``medicines.parquet`` has what every
        body says of every listed medicine. Where genes were called they are written to ``pgx_calls.parquet``, gene by
        gene, without those of patients who deny this use of their genes.
        """
        folder.mkdir(parents=True, exist_ok=True)
        spans = [slice(start, start + at_once) for start in range(0, max(len(self.cohort), 1), at_once)]
        write(folder / "results.parquet", (long_frame(result, s) for s in spans for result in self.results.values()))
        write(folder / "actions.parquet", (self.actions.frame(s) for s in spans))
        write(folder / "plan.parquet", (plan_frame(self.plan, s) for s in spans))
        write(folder / "medicines.parquet", (answers_table(self.pharmacy.listed, self.cohort, s) for s in spans))
        if self.calls is not None:
            hidden = self.cohort.ids[declined(self.cohort)]
            told = (frame[~frame["sample"].isin(hidden)] for frame in self.calls.frames(at_once))
            write(folder / "pgx_calls.parquet", map(calls_frame, told))

    def medicine_list(self, patients: Iterable[str] | None = None) -> pd.DataFrame:
        """The listed medicines of all patients or some against their genes, one row each, the leading answer in words.

        Raises
        ------
        InputError : one of the patients is not in the cohort
        """
        chosen = self.cohort.ids if patients is None else pd.Index(list(patients), dtype="str")
        if len(unknown := chosen[self.cohort.ids.get_indexer(chosen) < 0]):
            raise InputError(f"no patient '{unknown[0]}' in this cohort; choose identifiers of the cohort")
        return medicines_table(self.pharmacy.listed, self.cohort, self.calls, chosen)


def assess(
    cohort: Cohort,
    models: Iterable[str] | None = None,
    progress: Progress | None = None,
    *,
    window_days: int | Mapping[str, int] | None = None,
) -> Assessment:
    """Integrate a cohort, run the models, find what needs attention, and plan what is due.

    Parameters
    ----------
    models : names of the registry, all where None
    progress : called with (steps done, steps in all, what is done now)
    window_days : as in `integrate`

    Raises
    ------
    InputError : no model of that name, or a cell of the cohort cannot be read
    """
    chosen = [_model(name) for name in (registry() if models is None else models)]
    tell = progress or (lambda done, total, step: None)
    total = len(chosen) + 3
    tell(0, total, "Bringing the tables together")
    calls = calls_of(cohort) if has_genes(cohort) else None
    features = integrate(cohort, window_days=window_days, more=derivations(calls) if calls else ())
    results: dict[str, Result] = {}
    for done, model in enumerate(chosen, start=1):
        tell(done, total, model.label)
        results[model.name] = model(features)
    known = MappingProxyType(results)
    tell(total - 2, total, "Looking for what needs attention")
    drugs = pharmacy(cohort, smoking_of(features), calls, circumstances(cohort, features, known))
    told = drug_actions(drugs, calls, len(cohort), declined(cohort))
    actions = find(features, known).joined([(one.rule, one.state, one) for one in told])
    tell(total - 1, total, "Planning screening and monitoring")
    plan = plan_ahead(cohort, features, known)
    tell(total, total, "Done")
    return Assessment(cohort, features, known, actions, plan, calls, drugs)


def account(result: Result) -> tuple[str, ...]:
    """One line per estimate: for how many patients it was computed, and why not for the others."""
    return tuple(_account(result, k) for k in range(len(result.estimates)))


def _account(result: Result, k: int) -> str:
    estimate, total = result.estimates[k], len(result)
    computed = int(np.count_nonzero(result.status[:, k] == OK))
    name = f"{result.label}, {_lower(estimate.label)}{_horizon(estimate.horizon_years)}"
    line = f"{name}: computed for {computed:,} of {total:,}"
    why = ", ".join(f"{wording.short_reason(code)} {count:,}" for code, count in result.reason_counts(k).items())
    return f"{line}; why not: {why}" if computed < total else line


def _model(name: str) -> Model:
    if name not in registry():
        raise InputError(f"no model is called '{name}'; known: {', '.join(registry())}")
    return registry()[name]


def _horizon(years: float) -> str:
    return "" if math.isnan(years) else f", {years:g} years"


def _lower(label: str) -> str:
    """A label inside a sentence, abbreviations kept."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
