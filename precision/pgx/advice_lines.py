"""Advice as JSON lines: what each body says to each sample about each drug, the most urgent first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from precision.pgx.advice import Dose, by_drug
from precision.pgx.advising import questions
from precision.pgx.answers import Answer, plain
from precision.pgx.calls import Calls
from precision.pgx.describe import GENOTYPES_DIFFER
from precision.pgx.drugnames import drugs as known_drugs
from precision.pgx.interacting import Interactions
from precision.pgx.lingering import Lingering, concerning
from precision.pgx.phenoconversion import Shift
from precision.pgx.populations import Beside
from precision.pgx.profiles import profiles_of
from precision.pgx.result import Call
from precision.pgx.review import WORDS

NO_GUIDANCE = "No row is held here for this medicine. This does not mean that it is safe."
NO_ADVICE = "No source gives advice on {drug} for this result of {genes}. This does not mean that it is safe."
DIFFER = "The genotypes say {said}; this follows the laboratory, which says another phenotype."
UNTESTED = "Not tested, and not excluded: {alleles}."
NONE_FOUND = "no_guidance"
Value = str | bool | float | list[str] | list[dict[str, str]] | dict[str, str | float] | None


def advice_lines(
    calls: Calls,
    drugs: Sequence[Sequence[str]],
    acting: Mapping[str, Shift],
    planned: Mapping[str, Shift] | None = None,
    stopped: Sequence[Lingering] = (),
    beside: tuple[Beside | None, Beside | None] = (None, None),
) -> Iterator[str]:
    """One line for each sample, drug, body and population; one that says so where no body has anything to say.

    Parameters
    ----------
    drugs : of each sample, the ingredients that are asked about
    acting : enzyme -> what the medicines in use and smoking do to it (`shifts`); planned : with those planned too
    stopped : what was stopped on a day that is not recorded and may act still
    beside : what is taken now, and with what is planned, for populations that depend on it; None = no list
    """
    others = Interactions(profiles_of(calls), drugs, acting, planned or acting, beside)
    for index, asked in enumerate(drugs):
        named, doubts = calls.named(index), _Doubts(calls, index)
        every = _with_alternatives(asked)
        review = others.genetics.review(np.full(len(every), index, np.intp), np.array(every, np.str_))
        words = dict(zip(every, review.word.tolist(), strict=True))
        for pair, drug in enumerate(asked):
            common = {"file": calls.file, "sample": calls.samples[index], "drug": drug, "rxnorm": _rxnorm(drug)}
            leading, by_genotype = review.answers(pair, named)
            level = others.exposure(index, drug)
            still = [one.phrase for one in concerning(stopped, index, drug, _genes_of(drug))]
            for answer in (*leading, *by_genotype):
                known = [one.gene for one in answer.genes if one.known]
                told = doubts.beside(known, answer.reasons, answer.reason)
                acted = {"interacting": [*others.causes(index, drug, answer), *still], "exposure": level}
                yield json.dumps({**common, **_said(answer, words), **told, **acted}, ensure_ascii=False)
            if not leading:
                told = doubts.beside(_genes_of(drug), (), "")
                acted = {"interacting": [*others.causes(index, drug), *still], "exposure": level}
                yield json.dumps({**common, **_nothing(drug, _genes_of(drug)), **told, **acted}, ensure_ascii=False)


def _genes_of(drug: str) -> tuple[str, ...]:
    """The genes that some body asks for before it advises on a drug."""
    return tuple(dict.fromkeys(gene for question in questions().get(drug, ()) for gene in question.genes))


def _with_alternatives(asked: Sequence[str]) -> tuple[str, ...]:
    """The drugs that are asked about, and those named instead of them by any row, among those somebody speaks of."""
    rows = by_drug()
    instead = [name for drug in asked for row in rows.get(drug, ()) for name in row.alternatives if name in rows]
    return tuple(dict.fromkeys((*asked, *instead)))


class _Doubts:
    """What is doubtful about the results of one sample."""

    def __init__(self, calls: Calls, index: int) -> None:
        self._calls, self._index = calls, index
        self._unseen, self._differing = calls.unseen(index), calls.differing(index)

    def beside(self, genes: Sequence[str], reasons: Sequence[str], reason: str) -> dict[str, Value]:
        """What a line says of the known genes that it rests on; its reason in words begins with the doubts."""
        names = [f"{gene} {allele}" for gene in genes for allele in self._unseen.get(gene, ())]
        differing = [gene for gene in genes if gene in self._differing]
        told = [DIFFER.format(said=_by_genotypes(self._differing[gene])) for gene in differing]
        told += [UNTESTED.format(alleles="; ".join(names))] if names else []
        return {
            "reasons": [*(f"{GENOTYPES_DIFFER}:{gene}" for gene in differing), *reasons],
            "reason": " ".join(filter(None, (*told, reason))),
            "alleles_untested": names,
            "other_phenotypes": self._other_phenotypes(genes),
        }

    def _other_phenotypes(self, genes: Sequence[str]) -> list[str]:
        """'TPMT Poor Metabolizer': what pairs of alleles that fit too, though less well, would mean."""
        outside = self._calls.outside
        found = [
            (gene, self._calls.called[gene])
            for gene in genes
            if gene in self._calls.called and not (gene in outside and outside[gene].of_sample[self._index] >= 0)
        ]
        return [
            f"{gene} {phenotype}"
            for gene, called in found
            for phenotype in called.other_phenotypes(int(called.patterns.of_sample[self._index]))
        ]


def _by_genotypes(call: Call) -> str:
    """'CYP2C19 *2/*2, Poor metaboliser'."""
    names = " or ".join(one.name for one in call.diplotypes)
    phenotypes = " or ".join(plain(one) for one in call.phenotype.split(" or "))
    return ", ".join(filter(None, (f"{call.gene} {names}".strip(), phenotypes)))


def _said(answer: Answer, words: Mapping[str, str]) -> dict[str, Value]:
    row, cited = answer.row, answer.row.citation
    return {
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
        "determined_by": answer.decided_by,
        "genes_missing": list(answer.needed),
        "text": answer.title,
        "rule": row.id,
        "verified": row.verified,
        "update_pending": cited.update_pending or None,
    }


def _nothing(drug: str, genes: Sequence[str]) -> dict[str, Value]:
    """As `_said`, for a medicine that no body speaks of, or none for these results of its genes."""
    told = NO_ADVICE.format(drug=drug, genes=", ".join(genes)) if genes else NO_GUIDANCE
    return {
        "genes": list(genes),
        "action": NONE_FOUND,
        "severity": WORDS[0],
        "dose": None,
        "alternatives": [],
        "strength": None,
        "population": None,
        "source": None,
        "version": None,
        "as_of": None,
        "pmid": None,
        "url": None,
        "because": told,
        "basis": None,
        "determined_by": None,
        "genes_missing": [],
        "text": told,
        "rule": None,
        "verified": None,
        "update_pending": None,
    }


def _rxnorm(drug: str) -> str | None:
    return known_drugs()[drug].rxnorm or None if drug in known_drugs() else None


def _dose(dose: Dose) -> dict[str, str | float]:
    return {"low": dose.low, "high": dose.high, "unit": dose.unit, "kind": dose.kind, "text": dose.text}
