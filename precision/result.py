"""The one result type: what a model says about each patient, and why it says nothing where it does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision import wording
from precision.errors import InputError

Array = NDArray[np.float64]
Bits = NDArray[np.uint64]

STATUSES = ("ok", "missing", "out_of_range", "not_applicable")
OK, MISSING, OUT_OF_RANGE, NOT_APPLICABLE = range(4)


@dataclass(frozen=True, slots=True)
class Citation:
    """Who says so: a paper or guideline, as a reader would look it up."""

    text: str
    doi: str = ""
    year: int = 0
    page: str = ""  # address of one that has no DOI

    @property
    def url(self) -> str:
        """Address of the publication, empty where it has none."""
        return f"https://doi.org/{self.doi}" if self.doi else self.page


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number that a model gives: an outcome, its horizon, its unit and what it cannot do without.

    Attributes
    ----------
    levels : names of the classes, in order, where the value is the index of a class and not a quantity
    until : variable that holds the age which the estimate reaches to; where unknown, ``horizon_years`` from now
    """

    outcome: str
    label: str
    unit: str = "probability"
    horizon_years: float = math.nan
    required: tuple[str, ...] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    levels: tuple[str, ...] = ()
    until: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one model says about one patient, ready to be shown."""

    patient: str
    model: str
    model_label: str
    outcome: str
    outcome_label: str
    horizon_years: float
    unit: str
    value: float
    low: float
    high: float
    status: str
    reasons: tuple[str, ...]
    assumptions: tuple[str, ...]
    inputs: Mapping[str, float]
    ranges: Mapping[str, tuple[float, float]]
    citation: Citation
    knowledge: Mapping[str, str]
    levels: tuple[str, ...] = ()
    disclaimer: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the required inputs that are absent."""
        return tuple(code.partition(":")[2] for code in self.reasons if code.startswith("missing:"))

    @property
    def warnings(self) -> tuple[str, ...]:
        """Plain-language reasons for the absence of a value, or for caution with it."""
        return tuple(wording.reason(code, self.inputs, self.ranges) for code in self.reasons)

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain-language account of what was derived or assumed."""
        return tuple(wording.assumption(code, self.inputs) for code in self.assumptions)

    @property
    def text(self) -> str:
        """The value with its unit, or the word for its absence."""
        if self.status != "ok":
            return wording.STATUS_WORDS[self.status]
        return wording.level(self.levels[int(self.value)]) if self.levels else wording.quantity(self.value, self.unit)

    def _repr_html_(self) -> str:
        rows = [("Patient", self.patient), (self.outcome_label, self.text), ("Range", wording.interval(self))]
        rows += [("Not estimated because", text) for text in self.warnings]
        rows += [("Assumed", text) for text in self.notes]
        rows += [("Model", self.model_label), ("Source", self.citation.text)]
        rows += [("Disclaimer", self.disclaimer)] if self.disclaimer else []
        cells = "".join(f"<tr><th style='text-align:left'>{escape(a)}</th><td>{escape(b)}</td></tr>" for a, b in rows)
        return f"<table>{cells}</table>"


@dataclass(frozen=True, slots=True)
class Result:
    """What one model says about N patients in K estimates.

    Attributes
    ----------
    patients : N identifiers
    value, low, high : (N, K); NaN where the model gives none, low and high also where no interval is published
    status : (N, K) index into STATUSES
    problems : (N,) bit i set when ``reason_codes[i]`` holds for the patient
    relevant : (K,) the bits that concern each estimate
    assumed : (N,) bit i set when ``assumption_codes[i]`` holds for the patient
    inputs : name -> (N,) values as the model read them
    """

    model: str
    label: str
    estimates: tuple[Estimate, ...]
    patients: pd.Index
    value: Array
    low: Array
    high: Array
    status: NDArray[np.int8]
    problems: Bits
    relevant: Bits
    reason_codes: tuple[str, ...]
    assumed: Bits
    assumption_codes: tuple[str, ...]
    inputs: Mapping[str, Array]
    ranges: Mapping[str, tuple[float, float]]
    citation: Citation
    knowledge: Mapping[str, str]
    disclaimer: str = ""

    def __len__(self) -> int:
        return len(self.patients)

    def column(self, outcome: str, horizon_years: float | None = None) -> int:
        """Index of an estimate; the first horizon where none is asked for.

        Raises
        ------
        InputError : the model has no such outcome or horizon
        """
        for k, estimate in enumerate(self.estimates):
            if estimate.outcome == outcome and horizon_years in (None, estimate.horizon_years):
                return k
        known = ", ".join(f"{e.outcome} at {e.horizon_years:g} years" for e in self.estimates)
        raise InputError(f"{self.model} has no outcome '{outcome}' at horizon {horizon_years}; it has {known}")

    def take(self, rows: Sequence[int] | slice) -> Self:
        """The same result for these rows only."""
        one = {name: getattr(self, name)[rows] for name in ("value", "low", "high", "status", "problems", "assumed")}
        inputs = {name: values[rows] for name, values in self.inputs.items()}
        return replace(self, patients=self.patients[rows], inputs=inputs, **one)

    def row(self, patient: str | int) -> int:
        """Row of a patient; 7 and "7" are the same one where identifiers are numbers.

        Raises
        ------
        InputError : no such patient, or the identifier stands in several rows
        """
        numbered = pd.api.types.is_integer_dtype(self.patients) and str(patient).isdecimal()
        try:
            found = self.patients.get_loc(int(patient) if numbered else str(patient))
        except KeyError:
            raise InputError(f"no patient '{patient}' in this result of {len(self)} patients") from None
        if not isinstance(found, int):
            raise InputError(f"patient '{patient}' stands in several rows; give each row its own identifier")
        return found

    def horizon(self, estimate: int) -> Array:
        """(N,) years that an estimate looks ahead; NaN where it looks at the present."""
        asked = self.estimates[estimate]
        years = np.full(len(self), asked.horizon_years)
        if not asked.until:
            return years
        reach = self.inputs[asked.until] - self.inputs["age"]
        return np.where(np.isnan(reach), years, reach)

    def reasons(self, row: int, estimate: int) -> tuple[str, ...]:
        """Machine-readable reasons that concern one number."""
        return _codes(int(self.problems[row] & self.relevant[estimate]), self.reason_codes)

    def assumptions(self, row: int, estimate: int) -> tuple[str, ...]:
        """Machine-readable account of what was derived, assumed, left out or extrapolated for one number."""
        wanted = self.estimates[estimate].required
        needless = {f"derived:{name}" for of in self.estimates for name in of.required if name not in wanted}
        made = _codes(int(self.assumed[row]), self.assumption_codes)
        kept = tuple(code for code in made if code.rpartition(":")[0] not in needless)
        beyond = self.reasons(row, estimate) if self.status[row, estimate] == OK else ()
        return (*kept, *(f"extrapolated:{code.partition(':')[2]}" for code in beyond))

    def reason_counts(self, estimate: int) -> dict[str, int]:
        """How many patients each reason concerns, most frequent first."""
        bits = self.problems & self.relevant[estimate]
        counts = [(code, int(np.count_nonzero(bits >> i & 1))) for i, code in enumerate(self.reason_codes)]
        return {code: n for code, n in sorted(counts, key=lambda item: -item[1]) if n}

    def finding(self, patient: str | int, outcome: str | None = None, horizon_years: float | None = None) -> Finding:
        """One patient's number with everything needed to judge it; the first estimate where none is named."""
        return self._finding(self.row(patient), self.column(outcome, horizon_years) if outcome else 0)

    def findings(self, patient: str | int) -> tuple[Finding, ...]:
        """Every number of one patient, in the order of the estimates."""
        row = self.row(patient)
        return tuple(self._finding(row, k) for k in range(len(self.estimates)))

    def _finding(self, i: int, k: int) -> Finding:
        estimate = self.estimates[k]
        return Finding(
            patient=str(self.patients[i]),
            model=self.model,
            model_label=self.label,
            outcome=estimate.outcome,
            outcome_label=estimate.label,
            horizon_years=float(self.horizon(k)[i]),
            unit=estimate.unit,
            value=float(self.value[i, k]),
            low=float(self.low[i, k]),
            high=float(self.high[i, k]),
            status=STATUSES[self.status[i, k]],
            reasons=self.reasons(i, k),
            assumptions=self.assumptions(i, k),
            inputs={name: float(values[i]) for name, values in self.inputs.items()},
            ranges={**self.ranges, **estimate.ranges},
            citation=self.citation,
            knowledge=self.knowledge,
            levels=estimate.levels,
            disclaimer=self.disclaimer,
        )

    def to_frame(self) -> pd.DataFrame:
        """Long table: row_id, model, outcome, horizon_years, value, low, high, status, reasons (';' between codes)."""
        frames = [self._frame_of(k) for k in range(len(self.estimates))]
        frame = pd.concat(frames, ignore_index=True)
        order = np.arange(len(frame)).reshape(len(self.estimates), -1).T.ravel()
        return frame.iloc[order].reset_index(drop=True)

    def _shown(self, k: int) -> Array | pd.Series:
        """(N,) values of an estimate; names of classes where it gives classes, None where it gives nothing."""
        names = self.estimates[k].levels
        if not names:
            return self.value[:, k]
        good = self.status[:, k] == OK
        picked = [names[int(value)] if ok else None for value, ok in zip(self.value[:, k], good, strict=True)]
        return pd.Series(picked, dtype=object)

    def _frame_of(self, k: int) -> pd.DataFrame:
        bits, inverse = np.unique(self.problems & self.relevant[k], return_inverse=True)
        texts = np.array([";".join(_codes(int(b), self.reason_codes)) for b in bits], dtype=object)
        return pd.DataFrame(
            {
                "row_id": self.patients,
                "model": self.model,
                "outcome": self.estimates[k].outcome,
                "horizon_years": self.horizon(k),
                "value": self._shown(k),
                "low": self.low[:, k],
                "high": self.high[:, k],
                "status": np.array(STATUSES)[self.status[:, k]],
                "reasons": texts[inverse],
            }
        )

    def _repr_html_(self) -> str:
        head = "".join(
            f"<th>{escape(text)}</th>"
            for text in ("Outcome", "Horizon", "Estimated", "Not estimated", "Median", "Why not")
        )
        body = "".join(self._summary_row(k) for k in range(len(self.estimates)))
        return (
            f"<p><b>{escape(self.label)}</b>, {len(self):,} patients. {escape(self.citation.text)}</p>"
            f"<p>{escape(self.disclaimer)}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def _summary_row(self, k: int) -> str:
        estimate, good = self.estimates[k], self.status[:, k] == OK
        median = wording.quantity(float(np.median(self.value[good, k])), estimate.unit) if good.any() else "none"
        why = ", ".join(f"{wording.short_reason(code)} {n:,}" for code, n in list(self.reason_counts(k).items())[:3])
        horizon = "" if math.isnan(estimate.horizon_years) else f"{estimate.horizon_years:g} years"
        cells = (estimate.label, horizon, f"{good.sum():,}", f"{(~good).sum():,}", median, why or "none")
        return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _codes(bits: int, codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code for i, code in enumerate(codes) if bits >> i & 1)
