"""The medicines of one patient against all of the patient's genes, with what else the patient takes, and what if."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
import pandas as pd

from precision.cohort import GENOTYPES, Cohort
from precision.pgx.advice import by_drug, is_known
from precision.pgx.answers import Answer, apart
from precision.pgx.calls import Calls
from precision.pgx.conditions import said_by
from precision.pgx.definitions import genes
from precision.pgx.describe import GENOTYPES_DIFFER, LABORATORY, NO_OUTSIDE_CALL
from precision.pgx.drugs import resolve
from precision.pgx.exposure import Exposure, when_smoking_stops
from precision.pgx.functions import CPIC
from precision.pgx.genecalls import NOT_CALLED
from precision.pgx.lingering import concerning
from precision.pgx.modulators import INDUCER, INHIBITOR
from precision.pgx.of_cohort import calls_of, has_genes, positions_recorded
from precision.pgx.outside import interpret
from precision.pgx.phenoconversion import Cause, phrase, shifts
from precision.pgx.populations import AFTER_SMOKING
from precision.pgx.result import Call
from precision.pgx.review import IF, SEVEREST_FIRST, WORDS
from precision.treatment.actions import Action
from precision.treatment.rules import PLACES
from precision.workbench.acting import COUNTED, counted
from precision.workbench.assessment import Assessment
from precision.workbench.circumstances import contraindicated
from precision.workbench.declining import declined
from precision.workbench.doses import amount, by_equations, estimated_anew
from precision.workbench.drug_actions import DOMAIN, drug_actions
from precision.workbench.gene_names import short
from precision.workbench.medicine_list import Change, Checked, GeneRow, ListedMedicine, Medicines
from precision.workbench.pharmacy import Pharmacy, cells, pharmacy
from precision.workbench.record import MONTH

EXTRA = "entered on the page"
POOR = "Poor Metabolizer"
LOCAL = "It acts where it is applied; the sources speak of forms that reach the blood."
ACTS = {INHIBITOR: "Slows down", INDUCER: "Speeds up"}


def medicines(assessment: Assessment, patient: str) -> Medicines:
    """The current and planned medicines of a patient, and the genes that they meet.

    Raises
    ------
    InputError : no such patient
    """
    return _Person(assessment.cohort, assessment.calls, assessment.pharmacy, patient, assessment).everything()


def every_medicine(assessment: Assessment, patient: str) -> tuple[ListedMedicine, ...]:
    """Every medicine of which some body says something, against the genes of a patient, most urgent first."""
    return _Person(assessment.cohort, assessment.calls, assessment.pharmacy, patient, assessment).every()


def changed(assessment: Assessment, patient: str, change: Change) -> Medicines:
    """As `medicines`, if what is listed or known were different. Nothing is stored.

    Raises
    ------
    InputError : no such patient, or a result of a laboratory cannot be understood
    """
    return _changed(assessment, patient, change).everything()


def every_changed(assessment: Assessment, patient: str, change: Change) -> tuple[ListedMedicine, ...]:
    """As `every_medicine`, if what is listed or known were different."""
    return _changed(assessment, patient, change).every()


def actions_recorded(assessment: Assessment, patient: str) -> tuple[Action, ...]:
    """What there is to do for a patient, most severe first."""
    return assessment.actions.for_patient(patient)


def actions_changed(assessment: Assessment, patient: str, change: Change) -> tuple[Action, ...]:
    """As `actions_recorded`, if what is listed or known were different: the medicines speak as they do then."""
    then = _changed(assessment, patient, change)
    others = [one for one in assessment.actions.for_patient(patient) if one.domain != DOMAIN]
    told = drug_actions(then.drugs, then.known, len(then.cohort), declined(then.cohort))
    found = [*others, *(one.action(patient, then.row) for one in told)]
    return tuple(sorted(found, key=lambda one: PLACES[one.severity, one.needed]))


def _changed(assessment: Assessment, patient: str, change: Change) -> _Person:
    alone = assessment.cohort.take(pd.Index([patient]))
    row = assessment.features.row(patient)
    on = alone.index_date
    drugs = alone.table("medications")
    if change.without:
        known = resolve(cells(drugs, "drug"), cells(drugs, "code")).frame()
        named = known[known["ingredient"].isin(change.without)]["row"]
        drugs = drugs.drop(index=drugs.index[named.unique()])
    added = [
        {"patient_id": patient, "drug": drug, "start": pd.Timestamp(on), "source_file": EXTRA} for drug in change.add
    ]
    results = [
        {"patient_id": patient, "gene": gene, "diplotype": told[0], "phenotype": told[1], "caller": EXTRA}
        for gene, told in change.results.items()
    ]
    for gene, (diplotype, phenotype) in change.results.items():
        interpret(gene, diplotype, phenotype)
    known_genes = alone.table("diplotypes")
    if results:
        told = cells(known_genes, "gene").str.strip().str.upper()
        known_genes = known_genes[~told.isin([gene.upper() for gene in change.results])]
    tables = {
        **alone.tables,
        "medications": pd.concat([drugs, pd.DataFrame(added)], ignore_index=True) if added else drugs,
        "diplotypes": pd.concat([known_genes, pd.DataFrame(results)], ignore_index=True) if results else known_genes,
    }
    complete = alone.complete | {GENOTYPES, "variants"} if change.every_variant else alone.complete
    cohort = replace(alone, tables=MappingProxyType(tables), complete=frozenset(complete))
    smoking = np.array([assessment.pharmacy.smoking[row] if change.smoking is None else float(change.smoking)])
    calls = calls_of(cohort) if has_genes(cohort) else None
    known, results_then = assessment.pharmacy.known.of(row), assessment.results
    if change.results or change.every_variant:  # an equation counts genes
        results_then, weekly = estimated_anew(cohort, calls, assessment.results)
        known = replace(known, weekly=weekly)
    stops = change.smoking is False and assessment.pharmacy.smoking[row] == 1
    if stops:
        known = replace(known, inside=MappingProxyType({**known.inside, AFTER_SMOKING: np.ones(1, np.bool_)}))
    drugs_then = pharmacy(cohort, smoking, calls, known)
    still = shifts(drugs_then.taken, np.ones(1)) if stops else {}
    stopping = when_smoking_stops(drugs_then.taken, still).of(0)
    return _Person(cohort, calls, drugs_then, patient, replace(assessment, results=results_then), stopping)


class _Person:
    """One patient of a cohort with calls and medicines; ``assessment`` has the estimates of dose equations.

    stopping : what becomes of the medicines because smoking stops
    """

    def __init__(
        self,
        cohort: Cohort,
        calls: Calls | None,
        drugs: Pharmacy,
        patient: str,
        assessment: Assessment,
        stopping: tuple[Exposure, ...] = (),
    ) -> None:
        self.cohort, self.known, self.drugs, self.assessment = cohort, calls, drugs, assessment
        self.patient = patient
        self.row = int(cohort.ids.get_indexer(pd.Index([patient]))[0])
        known = drugs.genetics.result(self.row)
        # nothing is left to slow down or raise
        idle = {gene for gene, result in known.items() if said_by(result.phenotypes, CPIC) == (POOR,)}
        told = (*drugs.affected.of(self.row), *stopping)
        self.exposures = tuple(one for one in told if one.enzyme not in idle)
        mine = [one for one in drugs.lingering if one.person == self.row]
        self._still = [one for one in mine if one.modulator.enzyme not in idle]

    @cached_property
    def calls(self) -> Mapping[str, Call]:
        """Gene -> its call, of every gene that is known here."""
        if self.known is None:
            return {}
        return {gene: self.known.at(self.row, gene) for gene in dict.fromkeys([*self.known.genes, *genes()])}

    @cached_property
    def named(self) -> Mapping[str, str]:
        """Gene -> diplotypes in words."""
        return {gene: " or ".join(short(one.name) for one in call.diplotypes) for gene, call in self.calls.items()}

    @cached_property
    def _from_array(self) -> bool:
        file = self.cohort.genotypes
        return file is not None and self.patient in file.arrays

    @cached_property
    def _file(self) -> str:
        """Where the patient's genotypes stand."""
        file, rows = self.cohort.genotypes, self.cohort.of(self.patient, "variants")
        if file is not None and self.patient in file.samples:
            return file.file
        return ", ".join(dict.fromkeys(rows["source_file"].dropna().astype(str))) if len(rows) else ""

    def everything(self) -> Medicines:
        """The page of this patient."""
        recorded = len(self.cohort.of(self.patient, "medications")) or "medications" in self.cohort.complete
        listed = self._listed() if recorded else None
        told = [one.sentence for one in (*self.exposures, *self._still)]
        told += [text for one in listed or () for text in one.effects if text.endswith(COUNTED)]
        return Medicines(
            listed=listed,
            genes=self._genes(),
            enzymes=tuple(dict.fromkeys(told)),
            build=self.known.build if self.known and self._file else "",
            file=self._file,
            absent_as_reference=bool({GENOTYPES, "variants"} & self.cohort.complete) and not self._from_array,
            from_array=self._from_array,
        )

    def every(self) -> tuple[ListedMedicine, ...]:
        """Every medicine with guidance."""
        names = tuple(by_drug())
        found = self._reviewed(names)
        words = {name: Checked(name, self._forbidden(name) or one[0]) for name, one in zip(names, found, strict=True)}
        every = [
            ListedMedicine(
                name=_capital(name),
                detail="",
                drugs=(name,),
                taken=False,
                planned=False,
                word=word,
                urgency=WORDS.index(word.removesuffix(IF)),
                answers=leading,
                by_genotype=others,
                alternatives=_alternatives(leading, words),
                differ=_differ(leading),
            )
            for name, (word, leading, others) in zip(names, found, strict=True)
        ]
        return tuple(sorted(every, key=_severest_first))

    def _reviewed(self, names: Sequence[str]) -> list[tuple[str, tuple[Answer, ...], tuple[Answer, ...]]]:
        person = np.full(len(names), self.row, dtype=np.intp)
        review = self.drugs.genetics.review(person, np.array(names, dtype=np.str_))
        words = review.word.tolist()
        return [(words[pair], *review.answers(pair, self.named)) for pair in range(len(names))]

    def _forbidden(self, name: str) -> str:
        """Why a medicine must not be given in place of another, whatever the genes say; empty if nothing forbids it."""
        never = self.drugs.known.never
        return contraindicated()[name].says if name in never and never[name][self.row] else ""

    def _listed(self) -> tuple[ListedMedicine, ...]:
        """Each medicine of the list once, by its latest row."""
        listed, table = self.drugs.listed, self.cohort.table("medications")
        mine = np.flatnonzero(listed.person == self.row)
        found: dict[tuple[str, ...], ListedMedicine] = {}
        for row in dict.fromkeys(listed.row[mine].tolist()):
            pairs = [int(pair) for pair in mine[listed.row[mine] == row]]
            one = self._medicine(table.iloc[row], bool(listed.planned[pairs[0]]), pairs)
            if self.drugs.resolved.local[row] and one.drugs:
                one = replace(one, effects=(LOCAL, *one.effects))
            found[one.drugs or (one.name.casefold(),)] = one
        every = tuple(found.values())
        return tuple(sorted((replace(one, acts=self._acts(one, every)) for one in every), key=_severest_first))

    def _acts(self, one: ListedMedicine, others: Sequence[ListedMedicine]) -> tuple[str, ...]:
        """'Slows down CYP2D6: see tamoxifen', for each enzyme on which other listed medicines depend."""
        told: list[str] = []
        for enzyme, shift in self.drugs.shifts.items():
            mine = [by for by in shift.of(self.row).causes if by.name in one.drugs]
            rests = [(by.effect, other.name) for by in mine for other in others if self._depends(other, enzyme, by)]
            names = sorted({name for _, name in rests if name != one.name})
            if names:
                told.append(f"{ACTS[rests[0][0]]} {enzyme}: see {', '.join(map(_inside, names))}.")
        return tuple(told)

    def _depends(self, one: ListedMedicine, enzyme: str, by: Cause) -> bool:
        """Whether advice on a medicine, or its level, rests on what something else does to an enzyme."""
        if any(phrase(by, enzyme) in answer.taken for answer in one.answers):
            return True
        by_gene = any(answer.clinical and said.gene == enzyme for answer in one.answers for said in answer.genes)
        levels = [level for level in self.exposures if level.drug in one.drugs and level.enzyme == enzyme]
        return by.decisive and (by_gene or any(level.cause == by.name for level in levels))

    def _medicine(self, row: pd.Series, planned: bool, pairs: list[int]) -> ListedMedicine:
        listed = self.drugs.listed
        told = [listed.review.answers(pair, self.named) for pair in pairs]
        leading = tuple(sorted((one for part, _ in told for one in part), key=lambda one: -one.urgency))
        most = max(pairs, key=lambda pair: (listed.urgency[pair], not listed.conditional[pair]))
        drugs = tuple(str(listed.drug[pair]) for pair in pairs if listed.drug[pair])
        usual = float(pd.to_numeric(pd.Series([row.get("dose")]), errors="coerce").iloc[0])
        instead, genes = _named_instead(leading), {said.gene for one in leading for said in one.genes}
        words = {
            name: Checked(name, self._forbidden(name) or word)
            for name, (word, *_) in zip(instead, self._reviewed(instead), strict=True)
        }
        still = [one.sentence for drug in drugs for one in concerning(self._still, self.row, drug, genes)]
        still += apart(leading)
        heard = [(one.drug, one.enzyme) for one in self.exposures]
        still += counted(self.drugs.genetics, self.row, leading, heard)
        return ListedMedicine(
            name=_capital(_text(row, "drug") or (drugs[0] if drugs else _text(row, "code"))),
            detail=_detail(row, usual, planned),
            recorded=_text(row, "drug"),
            drugs=drugs,
            taken=not planned,
            planned=planned,
            word=str(listed.word[most]),
            urgency=int(listed.urgency[most]),
            answers=leading,
            by_genotype=tuple(one for _, part in told for one in part),
            alternatives=_alternatives(leading, words),
            amount=amount(leading, usual, planned),
            doses=by_equations(self.assessment.results, self.patient, drugs),
            effects=(*(one.sentence for one in self.exposures if one.drug in drugs), *dict.fromkeys(still)),
            differ=_differ(leading),
        )

    def _genes(self) -> tuple[GeneRow, ...]:
        genetics = self.drugs.genetics
        genotype, clinical = genetics.result(self.row), genetics.clinical_result(self.row)
        rows: list[GeneRow] = []
        in_file = positions_recorded(self.cohort, self.patient)
        for gene, call in self.calls.items():
            if call.reasons == (NO_OUTSIDE_CALL,) and not is_known(gene):
                continue  # another patient's laboratory names it
            before, now = (
                " or ".join(said_by(one[gene].phenotypes, CPIC)) if gene in one else "" for one in (genotype, clinical)
            )
            acted = self.drugs.shifts[gene].of(self.row) if gene in self.drugs.shifts else None
            causes = [_cause(one) for one in acted.causes if one.decisive] if acted else []
            found = call.positions_called + len(call.positions_missing) + len(call.positions_discarded)
            rows.append(
                GeneRow(
                    call=call,
                    phenotype=before or call.phenotype,
                    activity_score=call.activity_score,
                    clinical=now if now != before else "",
                    causes=tuple(causes),
                    evidence=acted.evidence if acted and causes else (),
                    positions=found,
                    assumed=call.positions_called - in_file.get(gene, call.positions_called),
                    read=bool(self._file),
                    by_genotypes=self._by_genotypes(call),
                    replaced=self._replaced(call),
                )
            )
        return tuple(sorted(rows, key=lambda one: (one.call.status == "not_called", one.call.gene)))

    def _by_genotypes(self, call: Call) -> Call | None:
        if GENOTYPES_DIFFER not in call.reasons or self.known is None:
            return None
        return replace(self.known, outside=MappingProxyType({})).at(self.row, call.gene)

    def _replaced(self, call: Call) -> Call | None:
        recorded = self.assessment.calls
        if call.origin != LABORATORY or recorded is None or recorded is self.known:
            return None
        before = recorded.at(self.assessment.features.row(self.patient), call.gene)
        known = before.status != NOT_CALLED
        return before if before.origin == LABORATORY and known and _told(before) != _told(call) else None


def _told(call: Call) -> tuple[object, ...]:
    """What a result says, in whatever order its alleles were written."""
    return {one.deciding for one in call.diplotypes}, call.phenotype, dict(call.presence)


def _cause(one: Cause) -> str:
    """'paroxetine, strong inhibitor'; what was only recalled says so."""
    return f"{one.name}, {one.strength} {one.effect}{'' if one.verified else ', not verified'}"


def _alternatives(leading: Sequence[Answer], words: Mapping[str, Checked]) -> tuple[Checked, ...]:
    return tuple(words.get(name, Checked(name, WORDS[0])) for name in _named_instead(leading))


def _named_instead(leading: Sequence[Answer]) -> tuple[str, ...]:
    """The drugs that the leading answer names; another population has its own, which may not suit this one."""
    return leading[0].row.alternatives if leading else ()


def _severest_first(one: ListedMedicine) -> tuple[int, str]:
    return SEVEREST_FIRST.index(one.word), one.name


def _differ(answers: Sequence[Answer]) -> bool:
    """Whether bodies that decide give different advice."""
    words = {(one.row.body, one.row.population): one.word for one in answers if one.determined and one.row.urgency}
    return len(set(words.values())) > 1


def _detail(row: pd.Series, dose: float, planned: bool) -> str:
    start = row.get("start")
    month = "" if start is None or pd.isna(start) else pd.Timestamp(start).strftime(MONTH)
    since = f"planned for {month}" if planned and month else "planned" if planned else f"since {month}" if month else ""
    return ", ".join(filter(None, ("" if math.isnan(dose) else f"{dose:g} mg", since)))


def _inside(name: str) -> str:
    """A medicine's name inside a sentence: 'tamoxifen', while 'L-thyroxine' stays as it is."""
    return name if any(letter.isupper() for letter in name[1:]) or name[1:2] == "-" else name[:1].lower() + name[1:]


def _text(row: pd.Series, name: str) -> str:
    value = row.get(name)
    return "" if value is None or pd.isna(value) else str(value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
