"""Facts that rules ask for beside the dictionary: carriers, affected relatives, ages to start, checks a year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from precision.cohort import Cohort, positions
from precision.criteria import Facts
from precision.errors import KnowledgeError
from precision.features import Features
from precision.features.carriers import carriers
from precision.knowledge.table import read
from precision.result import Array, Result
from precision.schema import category_key, variable, variables

VISITS = ("gfr_class", "egfr_from", "A1", "A2", "A3", "source", "year", "doi", "status")
COLUMNS = ("fact", "label", "kind", "of", "degree", "below", "cap", "before", "variable")
FIRST_DEGREE = frozenset({"mother", "father", "sister", "brother", "daughter", "son"})
ANY_DEGREE = "any"


@dataclass(frozen=True, slots=True)
class Own:
    """A fact of the table ``facts.csv``.

    Attributes
    ----------
    kind : carrier (1 or not known), relatives (how many), youngest (years), start (years), visits (a year)
    of : genes, codes of diagnoses, the fact that it follows from, or the subjects that it needs
    first_degree : parents, siblings and children only
    below : age; of relatives: at onset, of a start: under which the youngest case brings the start forward
    cap, before : the start is the lower of `cap` and `before` years under the youngest case
    variable : a count or a yes-or-no of the dictionary that says the same
    """

    name: str
    label: str
    kind: str
    of: tuple[str, ...]
    first_degree: bool
    below: float
    cap: float
    before: float
    variable: str


@cache
def own_facts() -> Mapping[str, Own]:
    """Every fact of the table, by name.

    Raises
    ------
    KnowledgeError : a kind or a variable is not known
    """
    rows = read("screening", "facts.csv", COLUMNS, ("fact",))
    for _, row in rows.iterrows():
        if row["kind"] not in KINDS or (row["variable"] and row["variable"] not in variables()):
            raise KnowledgeError(f"screening/facts.csv: '{row['fact']}' is of a kind or variable that is not known")
    return MappingProxyType({str(row["fact"]): _own(row) for _, row in rows.iterrows()})


def _own(row: pd.Series) -> Own:
    below, cap, before = (float(row[name] or "nan") for name in ("below", "cap", "before"))
    of = tuple(str(row["of"]).split(";" if row["kind"] == "visits" else "|"))
    first_degree = row["degree"] != ANY_DEGREE
    return Own(row["fact"], row["label"], row["kind"], of, first_degree, below, cap, before, row["variable"])


def gather(cohort: Cohort, features: Features, results: Mapping[str, Result]) -> Facts:
    """The features and results of N patients, and every fact of the table as (N,), NaN = not known."""
    facts = Facts(features, results)
    record = Record(facts, _relatives(cohort), carriers(cohort))
    for own in own_facts().values():
        facts.known[own.name] = KINDS[own.kind](own, record)
    return facts


@dataclass(frozen=True, slots=True)
class Relatives:
    """The M rows of the family history.

    Attributes
    ----------
    patient : (M,) position of the patient, -1 where the cohort has none
    code : (M,) index into `codes`, each as "SYSTEM:code" without points
    first_degree : (M,) parent, sibling or child
    onset : (M,) age in years, NaN = not known
    complete : a disease that is not listed was not there
    """

    patient: NDArray[np.int32]
    code: NDArray[np.intp]
    codes: tuple[str, ...]
    first_degree: NDArray[np.bool_]
    onset: Array
    complete: bool

    def meant(self, own: Own) -> NDArray[np.bool_]:
        """(M,) rows about the diseases and relatives of a fact."""
        listed = np.array([code.startswith(own.of) for code in self.codes] or [False])[self.code]
        return listed & (self.patient >= 0) & (self.first_degree | (not own.first_degree))


@dataclass(frozen=True, slots=True)
class Record:
    """What facts follow from: all that is known so far, the family history, and the carriers of each gene, (N,)."""

    facts: Facts
    relatives: Relatives
    genes: Mapping[str, Array]


def _relatives(cohort: Cohort) -> Relatives:
    rows = cohort.table("family_history")
    code, codes = pd.factorize(rows["condition_code"].astype("str").fillna(""))
    relation, words = pd.factorize(rows["relation"].astype("str").fillna(""))
    synonyms = variable("relation").synonyms
    near = np.array([synonyms.get(category_key(str(word)), "") in FIRST_DEGREE for word in words] or [False])
    onset = pd.to_numeric(rows["onset_age"], errors="coerce") if "onset_age" in rows else pd.Series(np.nan, rows.index)
    return Relatives(
        patient=positions(rows["patient_id"], cohort.ids),
        code=code,
        codes=tuple(str(text).replace(".", "") for text in codes),
        first_degree=near[relation],
        onset=np.asarray(onset, dtype=np.float64),
        complete="family_history" in cohort.complete,
    )


def _count(own: Own, record: Record) -> Array:
    """(N,) how many relatives are affected, by the table or the variable that counts them, whichever says more.

    With a limit of age an affected relative of unknown age leaves the count open, unless others reach one.
    """
    relatives, features = record.relatives, record.facts.features
    rows, people = relatives.meant(own), len(features)
    listed = np.bincount(relatives.patient[rows], minlength=people).astype(np.float64)
    listed[listed == 0] = 0.0 if relatives.complete else np.nan
    stated = features.column(own.variable) if own.variable else None
    total = listed if stated is None else np.fmax(listed, stated)
    if np.isnan(own.below):
        return total
    young = np.bincount(relatives.patient[rows & (relatives.onset < own.below)], minlength=people).astype(np.float64)
    aged = np.bincount(relatives.patient[rows & ~np.isnan(relatives.onset)], minlength=people)
    settled = (young > 0) | (total == aged)
    return np.where(settled, young, np.nan)


def _youngest(own: Own, record: Record) -> Array:
    """(N,) the lowest recorded age at onset, NaN where none is."""
    relatives = record.relatives
    rows = relatives.meant(own) & ~np.isnan(relatives.onset)
    lowest = np.full(len(record.facts.features), np.inf)
    np.minimum.at(lowest, relatives.patient[rows], relatives.onset[rows])
    return np.where(np.isinf(lowest), np.nan, lowest)


def _start(own: Own, record: Record) -> Array:
    """(N,) age to begin; the usual one where no age in the family is recorded."""
    youngest = record.facts.known[own.of[0]]
    counts = ~np.isnan(youngest) & ~(youngest >= own.below)
    return np.where(counts, np.minimum(own.cap, youngest - own.before), own.cap)


def _carrier(own: Own, record: Record) -> Array:
    """(N,) 1 where a variant is on record; never 0: not found is not absent."""
    none = np.full(len(record.facts.features), np.nan)
    return np.fmax.reduce([record.genes.get(gene, none) for gene in own.of])


def _visits(own: Own, record: Record) -> Array:
    """(N,) checks a year of KDIGO 2024; where every albuminuria class has the same number that of the eGFR alone."""
    egfr, uacr = (record.facts.number(subject) for subject in own.of)
    limits, lowest, visits = _visit_table()
    row = np.searchsorted(lowest, np.nan_to_num(egfr), side="right") - 1
    column = (uacr >= limits[0]).astype(int) + (uacr > limits[1])
    same = (visits == visits[:, :1]).all(axis=1)
    known = ~np.isnan(egfr) & (~np.isnan(uacr) | same[row])
    return np.where(known, visits[row, column], np.nan)


@cache
def _visit_table() -> tuple[Array, Array, Array]:
    """Limits of A2 (from) and A3 (above) in mg/g, lowest eGFR of each class from G5 up, visits (classes, 3)."""
    rows = read("screening", "visits.csv", VISITS, ("gfr_class",))
    limit = rows["gfr_class"] == "uacr_limit"
    classes = rows[~limit].astype({name: float for name in ("egfr_from", "A1", "A2", "A3")}).sort_values("egfr_from")
    limits = rows.loc[limit, ["A2", "A3"]].to_numpy(np.float64)[0]
    return limits, classes["egfr_from"].to_numpy(np.float64), classes[["A1", "A2", "A3"]].to_numpy(np.float64)


KINDS: Mapping[str, Callable[[Own, Record], Array]] = MappingProxyType(
    {"carrier": _carrier, "relatives": _count, "youngest": _youngest, "start": _start, "visits": _visits}
)
