"""A published model: what it needs, where it is valid, its cited coefficients and its formula."""

from __future__ import annotations

import importlib
import math
import os
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.coefficients import Coefficients
from precision.errors import InputError, KnowledgeError
from precision.result import MISSING, NOT_APPLICABLE, OK, OUT_OF_RANGE, Array, Bits, Citation, Estimate, Result
from precision.schema import encode, variable

Mask = NDArray[np.bool_]
Statuses = NDArray[np.int8]
Inputs = Mapping[str, Array]
BLOCK = 16_384  # patients per block: the terms of a block stay in the processor's cache


class Patients(Protocol):
    """What a model asks of a cohort: identifiers, and one column of numbers per variable."""

    @property
    def ids(self) -> pd.Index: ...

    def column(self, name: str) -> Array | None:
        """(N,) values in the dictionary's unit, levels and booleans as codes, NaN = missing; None = not recorded."""
        ...


Formula = Callable[[Inputs, Coefficients], Array]
Remarks = Callable[[Inputs], dict[str, Mask]]


def no_remarks(inputs: Inputs) -> dict[str, Mask]:
    """The remarks of a model that has one way only to reach its number."""
    return {}


@dataclass(frozen=True, slots=True)
class Derivation:
    """How an input that is not recorded follows from others: ``formula`` reads ``needs``, all of them known."""

    name: str
    source: str
    needs: tuple[str, ...]
    formula: Callable[[Inputs], Array]


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason that needs more than one input, or none of the model's ranges.

    Attributes
    ----------
    kind : missing, range, level or population, which sets the status
    name : with the kind it makes the reason code ``kind:name``, whose sentence stands in ``wording.SENTENCES``
    holds : inputs of n patients -> (n,) where the reason holds; comparisons with NaN are false
    outcomes : the outcomes that it forbids; all where none is named
    """

    kind: str
    name: str
    holds: Callable[[Inputs], Mask]
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One reason that can forbid a value; ``allowed`` are the limits of a range, or the codes of the covered levels."""

    kind: str
    name: str
    allowed: tuple[float, ...] = ()
    rule: Rule | None = None

    def fails(self, inputs: Inputs) -> Mask:
        """(n,) where the reason holds; a missing value fails the check for missing values only."""
        if self.rule:
            return self.rule.holds(inputs)
        values = inputs[self.name]
        if self.kind == "missing":
            return np.isnan(values)
        if self.kind == "range":
            return (values < self.allowed[0]) | (values > self.allowed[1])
        if self.kind == "level":
            return ~np.isnan(values) & ~np.isin(values, self.allowed)
        return values == 1


@dataclass(frozen=True, slots=True)
class Model:
    """A published model, called with patients to give a Result.

    Attributes
    ----------
    estimates : the K numbers it gives; each names the inputs it cannot do without
    optional : inputs used where they are known and inside their range; outside it they are ignored, and that is said
    derivations : how required inputs that are not recorded follow from others
    ranges : validated range of each input, inclusive, in the dictionary's unit
    levels : category inputs whose levels are only partly covered
    excluded : booleans; true means the model does not apply, unknown is taken as false, and that is said
    rules : reasons to give no value that neither ranges nor levels nor exclusions express
    formula : (inputs of n patients, coefficients) -> (n, K); what it gives where an input is missing is discarded
    remarks : inputs of n patients -> assumption code -> (n,) where it holds; the same codes for any inputs
    units : unit of each input in the model's paper where it differs from the dictionary's
    headers : further header -> variable as the paper's own tables write them
    notice : what a reader should know; disclaimer : what its owners want to be shown with every value
    """

    name: str
    label: str
    estimates: tuple[Estimate, ...]
    coefficients: Coefficients
    formula: Formula
    citation: Citation
    population: str
    domain: str = "heart"
    optional: tuple[str, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    remarks: Remarks = no_remarks
    units: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    disclaimer: str = ""

    @property
    def required(self) -> tuple[str, ...]:
        """Inputs that at least one estimate cannot do without, in the order of the estimates."""
        return tuple(dict.fromkeys(name for estimate in self.estimates for name in estimate.required))

    @property
    def inputs(self) -> tuple[str, ...]:
        """Every variable that the model reads."""
        derived_from = (name for derivation in self.derivations for name in (derivation.name, *derivation.needs))
        return tuple(dict.fromkeys((*self.required, *self.optional, *derived_from, *self.excluded)))

    def __call__(self, patients: Patients | pd.DataFrame, extrapolate: bool = False) -> Result:
        """Estimate for every patient.

        Parameters
        ----------
        patients : N patients; a frame has dictionary names as columns and patient_id as column or index
        extrapolate : give values outside the validated ranges and levels too; each finding says so

        Raises
        ------
        InputError : a frame's column cannot be read as its variable
        """
        people = Frame(patients) if isinstance(patients, pd.DataFrame) else patients
        count = len(people.ids)
        inputs = self._read(people)
        checks = self._checks()
        relevant = np.array([self._relevant(checks, estimate) for estimate in self.estimates], dtype=np.uint64)
        states = _states(checks, extrapolate)
        value = np.empty((len(self.estimates), count)).T  # one estimate of all patients lies together
        status = np.zeros((len(self.estimates), count), dtype=np.int8).T
        problems, assumed = np.zeros(count, dtype=np.uint64), np.zeros(count, dtype=np.uint64)

        def estimate_block(start: int) -> tuple[str, ...]:
            rows = slice(start, start + BLOCK)
            with np.errstate(all="ignore"):
                used, assumptions = self._prepare({name: column[rows] for name, column in inputs.items()})
                _set_bits(assumed[rows], assumptions.values())
                _set_bits(problems[rows], [check.fails(used) for check in checks])
                value[rows] = self.formula(used, self.coefficients)
                _set_status(status[rows], problems[rows], relevant, states)
                _discard(value[rows], status[rows])
            return tuple(assumptions)

        codes = _each(estimate_block, range(0, max(count, 1), BLOCK))
        nothing_published = np.broadcast_to(np.float64(np.nan), value.shape)
        return Result(
            model=self.name,
            label=self.label,
            estimates=self.estimates,
            patients=people.ids,
            value=value,
            low=nothing_published,
            high=nothing_published,
            status=status,
            problems=problems,
            relevant=relevant,
            reason_codes=tuple(f"{check.kind}:{check.name}" for check in checks),
            assumed=assumed,
            assumption_codes=codes,
            inputs=inputs,
            ranges=self.ranges,
            citation=self.citation,
            knowledge=MappingProxyType({self.name: str(self.citation.year)}),
            disclaimer=self.disclaimer,
        )

    def _read(self, people: Patients) -> dict[str, Array]:
        """The columns of the inputs; those that can be derived are copies, so that what follows is written to them."""
        unknown = np.broadcast_to(np.float64(np.nan), len(people.ids))
        read = {name: people.column(name) for name in self.inputs}
        inputs = {name: unknown if values is None else values for name, values in read.items()}
        for derivation in self.derivations:
            if np.isnan(inputs[derivation.name]).any():
                inputs[derivation.name] = inputs[derivation.name].copy()
        return inputs

    def _prepare(self, inputs: dict[str, Array]) -> tuple[dict[str, Array], dict[str, Mask]]:
        """Derive what is not recorded, leave out optional inputs beyond their range, and say so."""
        assumptions: dict[str, Mask] = {}
        for step in self.derivations:
            derived = np.isnan(inputs[step.name])
            for need in step.needs:
                derived &= ~np.isnan(inputs[need])
            if derived.any():
                inputs[step.name][derived] = step.formula({need: inputs[need][derived] for need in step.needs})
            assumptions[f"derived:{step.name}:{step.source}"] = derived & ~np.isnan(inputs[step.name])
        used = dict(inputs)
        for name in self.optional:
            low, high = self.ranges.get(name, (-math.inf, math.inf))
            beyond = (inputs[name] < low) | (inputs[name] > high)
            used[name] = np.where(beyond, np.nan, inputs[name]) if beyond.any() else inputs[name]
            assumptions[f"ignored:{name}"] = beyond
        assumptions |= {f"assumed:{name}:none": np.isnan(inputs[name]) for name in self.excluded}
        return used, assumptions | self.remarks(used)

    def _checks(self) -> tuple[Check, ...]:
        required = self.required
        own = {Check("range", name, limits) for estimate in self.estimates for name, limits in estimate.ranges.items()}
        return tuple(
            [Check("missing", name) for name in required]
            + [Check("range", name, limits) for name, limits in self.ranges.items() if name in required]
            + sorted(own, key=lambda check: (check.name, check.allowed))
            + [Check("level", name, tuple(map(variable(name).code, known))) for name, known in self.levels.items()]
            + [Check("population", name) for name in self.excluded]
            + [Check(rule.kind, rule.name, rule=rule) for rule in self.rules]
        )

    def _relevant(self, checks: tuple[Check, ...], estimate: Estimate) -> int:
        """Bits of the checks that concern an estimate."""
        ranges = {**self.ranges, **estimate.ranges}
        bits = 0
        for i, check in enumerate(checks):
            if check.rule:
                here = not check.rule.outcomes or estimate.outcome in check.rule.outcomes
            elif check.kind == "range":
                here = check.name in estimate.required and check.allowed == ranges.get(check.name)
            else:
                here = check.kind == "population" or check.name in estimate.required
            bits |= here << i
        return bits


class Frame:
    """A DataFrame, one row per patient, read as Patients."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.ids = pd.Index(frame["patient_id"] if "patient_id" in frame else frame.index, name="patient_id")

    def column(self, name: str) -> Array | None:
        """Values of one dictionary variable; numbers are codes where it has levels, texts are read by its levels.

        Raises
        ------
        InputError : a cell cannot be read, its coding is ambiguous, or the column stands twice
        """
        if name not in self.frame:
            return None
        cells, item = self.frame[name], variable(name)
        if isinstance(cells, pd.DataFrame):
            raise InputError(f"column '{name}' stands {cells.shape[1]} times in the frame; keep one")
        if pd.api.types.is_numeric_dtype(cells):
            values = cells.to_numpy(dtype=np.float64, na_value=math.nan)
            refused = ~np.isnan(values) & ~np.isin(values, range(len(item.levels))) if item.levels else np.isinf(values)
        else:
            values, unreadable, ambiguous = encode(item, cells.astype("str"))
            refused = unreadable | ambiguous
        if refused.any():
            value, allowed = cells[refused].iloc[0], ", ".join(item.levels) or item.kind
            raise InputError(f"column '{name}' holds '{value}' ({refused.sum():,} rows); allowed: {allowed}, or empty")
        return values


@cache
def registry() -> Mapping[str, Model]:
    """Every model of precision.risk by name; a module gives one as MODEL or several as MODELS.

    Raises
    ------
    KnowledgeError : two models bear one name
    """
    found: dict[str, Model] = {}
    package = importlib.import_module("precision.risk")
    for info in pkgutil.iter_modules(package.__path__, "precision.risk."):
        module = importlib.import_module(info.name)
        for model in getattr(module, "MODELS", ()) or filter(None, [getattr(module, "MODEL", None)]):
            if model.name in found:
                raise KnowledgeError(f"two models are called {model.name}")
            found[model.name] = model
    return MappingProxyType(dict(sorted(found.items())))


def _each(work: Callable[[int], tuple[str, ...]], starts: range) -> tuple[str, ...]:
    """Run the blocks, several at once where there are several; NumPy lets threads run side by side."""
    if len(starts) == 1:
        return work(0)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        first, *_ = threads.map(work, starts)
        return first


def _set_bits(bits: Bits, masks: Iterable[Mask]) -> None:
    """Set bit i of each patient where mask i holds."""
    for i, mask in enumerate(masks):
        if mask.any():
            bits |= mask.astype(np.uint64) << np.uint64(i)


def _states(checks: tuple[Check, ...], extrapolate: bool) -> tuple[tuple[int, int], ...]:
    """Status and the bits that bring it about, a stronger status after a weaker one."""
    beyond = [(OUT_OF_RANGE, ("range",)), (MISSING, ("missing",)), (NOT_APPLICABLE, ("level", "population"))]
    within = [(MISSING, ("missing",)), (NOT_APPLICABLE, ("population",))]
    return tuple(
        (state, sum(1 << i for i, check in enumerate(checks) if check.kind in kinds))
        for state, kinds in (within if extrapolate else beyond)
    )


def _set_status(status: Statuses, problems: Bits, relevant: Bits, states: tuple[tuple[int, int], ...]) -> None:
    if not problems.any():
        return
    for bits in np.unique(relevant):
        column = np.zeros(len(problems), dtype=np.int8)
        for state, mask in states:
            column[(problems & (bits & np.uint64(mask))) != 0] = state
        for k in np.flatnonzero(relevant == bits):
            status[:, k] = column


def _discard(value: Array, status: Statuses) -> None:
    """Leave a value only where the status is ok; a formula that breaks down far out of range gives none."""
    broken = ~np.isfinite(value)
    if broken.any():
        status[broken & (status == OK)] = OUT_OF_RANGE
    if status.any():
        np.copyto(value, np.nan, where=status != OK)
