"""Doses of one patient: the share of a recorded dose, and what equations give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from precision import wording
from precision.cohort import Cohort
from precision.features import integrate
from precision.model import registry
from precision.pgx.answers import Answer
from precision.pgx.bearing import DAYS, daily
from precision.pgx.calls import Calls
from precision.result import Array, Finding, Result
from precision.workbench.circumstances import MODEL, WARFARIN, weekly
from precision.workbench.genotyped import derivations

EQUATIONS = (MODEL, "warfarin_iwpc_clinical", "warfarin_gage")  # mg a week
OF_MODEL = "Warfarin dose, "  # before the name of the equation in a model's label


def by_equations(results: Mapping[str, Result], patient: str, drugs: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """What each equation of dose gives for a patient's medicine, or why it gives nothing."""
    known = [results[name] for name in EQUATIONS if name in results]
    findings = [result.finding(patient) for result in known if WARFARIN in drugs]
    return tuple((one.model_label.removeprefix(OF_MODEL), _dose_text(one)) for one in findings)


def estimated_anew(
    cohort: Cohort, calls: Calls | None, before: Mapping[str, Result]
) -> tuple[Mapping[str, Result], Array]:
    """The estimates with those of dose equations by other genes, and mg of warfarin a week by them."""
    features = integrate(cohort, more=derivations(calls) if calls else ())
    found = {**before, **{name: registry()[name](features) for name in EQUATIONS if name in before}}
    return found, weekly(features, found.get(MODEL))


def amount(leading: Sequence[Answer], usual: float, planned: bool) -> str:
    """The first dose in mg of the most urgent answers, where it is a share of a dose that is recorded.

    A starting dose is none for somebody who takes the medicine already.
    """
    for answer in leading:
        dose = answer.row.dose if answer.determined and answer.urgency == leading[0].urgency else None
        if dose is not None and (planned or not dose.starts) and (share := dose.of(usual)):
            said_by = ": ".join(filter(None, (answer.row.body, answer.row.population_label)))
            told = "" if answer is leading[0] else f" ({said_by})"
            return f"{share}, {dose.amount} of the recorded {usual:g} mg if that is the usual dose{told}"
    return ""


def _dose_text(found: Finding) -> str:
    if found.status == "ok":
        return f"{daily(found.value / DAYS)}, {wording.interval(found)}"
    lacking = ", ".join(wording.label(name) for name in found.missing)
    return f"Not estimated: {lacking} missing" if lacking else f"Not estimated: {' '.join(found.warnings)}"
