"""Advice as JSON lines: what each body says to each sample about each drug, the most urgent first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from precision.pgx.advice import Dose, by_drug
from precision.pgx.advising import questions
from precision.pgx.answers import Answer
from precision.pgx.calls import Calls
from precision.pgx.drugnames import drugs as known_drugs
from precision.pgx.drugnames import names
from precision.pgx.drugs import resolve
from precision.pgx.medicines import days_stopped, taken
from precision.pgx.phenoconversion import Shift, shifts
from precision.pgx.profiles import profiles_of
from precision.pgx.review import WORDS, Genetics

NO_GUIDANCE = "No source lists a gene for this medicine. This does not mean that it is safe."
NO_ADVICE = "No source gives advice on {drug} for this result of {genes}. This does not mean that it is safe."
Value = str | bool | float | list[str] | list[dict[str, str]] | dict[str, str | float] | None


def advice_lines(calls: Calls, drugs: Sequence[Sequence[str]], acting: Mapping[str, Shift]) -> Iterator[str]:
    """One line for each sample, drug, body and population; one that says so where no body has anything to say.

    Parameters
    ----------
    drugs : of each sample, the ingredients that are asked about
    acting : enzyme -> what the medicines in use and smoking do to it (`shifts`)
    """
    genetics = Genetics(profiles_of(calls), acting, len(calls.samples))
    for index, asked in enumerate(drugs):
        named, unseen = calls.named(index), calls.unseen(index)
        every = tuple(dict.fromkeys((*asked, *by_drug())))  # alternatives among those that somebody speaks of
        review = genetics.review(np.full(len(every), index, np.intp), np.array(every, np.str_))
        words = dict(zip(every, review.word.tolist(), strict=True))
        for pair, drug in enumerate(asked):
            leading, other = review.answers(pair, named)
            common = {"file": calls.file, "sample": calls.samples[index], "drug": drug}
            for answer in (*leading, *other):
                others = _interacting(answer, acting, index)
                told = {**_said(answer, words), **_untested(answer, unseen), "interacting": others}
                told["other_phenotypes"] = _other_phenotypes(answer, calls, index)
                yield json.dumps({**common, **told}, ensure_ascii=False)
            if not leading:
                yield json.dumps({**common, **_nothing(drug)}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Medicines:
    """A medicine list: ingredients of each sample in use or planned, and what they do to enzymes.

    unread : number of the row and why no medicine was recognised
    """

    listed: tuple[tuple[str, ...], ...]
    shifts: Mapping[str, Shift]
    unread: tuple[tuple[int, str], ...]


def medicines_of(rows: pd.DataFrame | None, samples: Sequence[str], smoking: float, on: date) -> Medicines:
    """Recognise a medicine list (`read_medications`); without one nothing acts on the enzymes but smoking.

    smoking : 1 smokes tobacco, 0 does not, NaN = not known; on : the day that counts as today
    """
    columns = ["sample", "drug", "code", "start", "stop", "status"]
    rows = pd.DataFrame(columns=columns, dtype="str") if rows is None else rows
    resolved = resolve(rows["drug"], rows["code"])
    person = pd.Index(samples).get_indexer(pd.Index(rows["sample"])).astype(np.int32)
    days = days_stopped(rows, on)
    planned = (rows["status"].str.lower() == "planned").to_numpy(dtype=bool)
    begins = pd.to_datetime(rows["start"]).to_numpy().astype("datetime64[D]")
    later = (begins > np.datetime64(on, "D")) & ~rows["status"].str.lower().eq("stopped").to_numpy(dtype=bool)
    wanted = (days == 0) | planned | later
    each: list[dict[str, None]] = [{} for _ in samples]
    for row, number in zip(resolved.row.tolist(), resolved.ingredient.tolist(), strict=True):
        if wanted[row]:
            each[int(person[row])][names()[number]] = None
    unread = [
        (int(row) + 1, resolved.reasons[int(resolved.reason[row])]) for row in np.flatnonzero(~resolved.recognised)
    ]
    acting = taken(resolved, person, days, len(samples))
    return Medicines(tuple(map(tuple, each)), shifts(acting, np.full(len(samples), smoking)), tuple(unread))


def _said(answer: Answer, words: Mapping[str, str]) -> dict[str, Value]:
    row, drug = answer.row, known_drugs().get(answer.row.drug)
    cited = row.citation
    return {
        "rxnorm": drug.rxnorm or None if drug else None,
        "genes": [one.gene for one in answer.genes],
        "action": answer.action,
        "severity": answer.word,
        "dose": _dose(row.dose) if row.dose and answer.how != "undetermined" else None,
        "alternatives": [{"drug": name, "severity": words.get(name, WORDS[0])} for name in row.alternatives],
        "strength": row.strength or None,
        "population": row.population or "everyone",
        "source": row.body,
        "version": cited.version,
        "as_of": cited.as_of,
        "pmid": cited.pmid or None,
        "url": cited.url or None,
        "because": answer.because,
        "basis": "clinical" if answer.clinical else "genotype",
        "determined_by": answer.how,
        "genes_missing": list(answer.missing),
        "text": answer.title,
        "reason": answer.reason,
        "rule": row.id,
        "verified": row.verified,
        "update_pending": cited.update_pending or None,
    }


def _untested(answer: Answer, unseen: Mapping[str, Sequence[str]]) -> dict[str, Value]:
    """The alleles that the results of an answer may hide; the reason begins with them."""
    names = [f"{one.gene} {allele}" for one in answer.genes if one.known for allele in unseen.get(one.gene, ())]
    if not names:
        return {"alleles_untested": names}
    told = f"Not tested, and not excluded: {'; '.join(names)}."
    return {"alleles_untested": names, "reason": " ".join(filter(None, (told, answer.reason)))}


def _other_phenotypes(answer: Answer, calls: Calls, index: int) -> list[str]:
    """'TPMT Poor Metabolizer': what pairs of alleles that fit too, though less well, would mean."""
    genes = [one.gene for one in answer.genes if one.gene in calls.called]
    reported = {gene for gene in genes if gene in calls.outside and calls.outside[gene].of_sample[index] >= 0}
    found = [(gene, calls.called[gene]) for gene in genes if gene not in reported]
    return [
        f"{gene} {phenotype}"
        for gene, called in found
        for phenotype in called.other_phenotypes(int(called.patterns.of_sample[index]))
    ]


def _interacting(answer: Answer, acting: Mapping[str, Shift], index: int) -> list[str]:
    """What makes the clinical phenotype differ from that of the genotype."""
    genes = [one.gene for one in answer.genes if answer.clinical and one.gene in acting]
    causes = [
        (gene, one) for gene in genes for one in acting[gene].without(answer.drug).of(index).causes if one.decisive
    ]
    return [f"{one.name}, {one.strength} {one.effect} of {gene}" for gene, one in causes]


def _nothing(drug: str) -> dict[str, Value]:
    """A line for a medicine that no body speaks of, or none for these results of its genes."""
    genes = list(dict.fromkeys(gene for question in questions().get(drug, ()) for gene in question.genes))
    told = NO_ADVICE.format(drug=drug, genes=", ".join(genes)) if genes else NO_GUIDANCE
    empty: dict[str, Value] = dict.fromkeys(("dose", "strength", "population", "source", "version"))
    return {
        "genes": genes,
        "interacting": [],
        "other_phenotypes": [],
        "action": "no_guidance",
        "severity": WORDS[0],
        **empty,
        "because": told,
        "text": told,
    }


def _dose(dose: Dose) -> dict[str, str | float]:
    return {"low": dose.low, "high": dose.high, "unit": dose.unit, "kind": dose.kind, "text": dose.text}
