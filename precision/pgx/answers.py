"""Advice in words for one person: what to do, why, by which result of which gene, and who says so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from precision.pgx.advice import ACTIONS, NOT_TOGETHER, Advice, advice
from precision.pgx.advising import (
    CERTAIN,
    HOW,
    NOT_DETERMINED,
    PARTIAL,
    SEVERAL,
    UNDETERMINED,
    Advised,
    Question,
    question_of,
    questions,
)
from precision.pgx.bearing import SURELY, Bearing, condition
from precision.pgx.conditions import ABSENT, NOTHING_KNOWN, PRESENT, GeneResult, said_by
from precision.pgx.functions import INDETERMINATE
from precision.pgx.titles import listed, no_clear, title, undetermined_title

DETERMINE = "Not determined"
WHATEVER = "whatever the genes"
NOT_TESTED = "not known"  # phenotype by a genotype that nobody looked at
WATCHED, WATCH = 2, "Monitor"  # urgency of advice that only asks to watch, and its word
MEANS: Mapping[str, str] = {
    "-1639 GG": "normal sensitivity to coumarins",
    "-1639 AG": "increased sensitivity to coumarins",
    "-1639 AA": "greatly increased sensitivity to coumarins",
}
NO_ADVICE = "no_recommendation"  # the action of a row that says nothing of a result
STRENGTHS: Mapping[str, str] = {
    "strong": "Strong",
    "moderate": "Moderate",
    "optional": "Optional",
    "none": "No strength given",
    "management": "For management",
    "safety": "For safety",
    "exposure": "Effect on exposure only",
    "": "No strength published",
}


@dataclass(frozen=True, slots=True)
class GeneSaid:
    """A gene as an answer rests on it: names of diplotypes, phenotype and score; empty = not known.

    shifted_from : phenotype by the genotype alone, where other drugs or smoking change it
    positions : read and there are, where a variant at those that were not read would change the result
    untested : alleles that every test should have, where one that was not tested would change what is said here
    """

    gene: str
    diplotype: str
    phenotype: str
    activity_score: str
    presence: str = ""
    shifted_from: str = ""
    positions: tuple[int, int] = (0, 0)
    untested: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether there is a result that advice can rest on."""
        return not self.read and bool(self.phenotype or self.activity_score or self.presence)

    @property
    def read(self) -> str:
        """'7 of 93 positions read', '*6 and *7 not tested'; empty where that does not limit the result."""
        if self.untested:
            return f"{_alleles_listed(self.untested)} not tested"
        return "{} of {} positions read".format(*self.positions) if any(self.positions) else ""

    @property
    def text(self) -> str:
        """'CYP2C19 *2/*2, Poor metaboliser', 'HLA-B *57:01 positive', 'CYP2D6 not known'."""
        if self.read:
            return f"{' '.join(filter(None, (self.gene, self.diplotype)))}, {self.read}"
        if not self.known:
            return f"{self.gene} {self.diplotype}, phenotype not known" if self.diplotype else f"{self.gene} not known"
        by_genotype = f" (by genotype {plain(self.shifted_from)})" if self.shifted_from else ""
        parts = [self.presence or plain(self.phenotype) + by_genotype]
        if self.activity_score and not self.presence:
            parts.append(f"activity score {self.activity_score}")
        name = " ".join(filter(None, (self.gene, "" if self.presence else self.diplotype)))
        return f"{name} {parts[0]}" if self.presence else ", ".join(filter(None, (name, *parts)))


@dataclass(frozen=True, slots=True)
class Answer:
    """What one body says of one drug for one person.

    how : certain, several (one of several results that cannot be told apart), partial, undetermined
    missing : genes that its question asks for and that are not known
    clinical : it rests on phenotypes changed by other drugs or smoking
    by_allele : genes that something else taken acts on, where the body goes by their alleles
    bearing : for whom it is meant, and what of it does not suit this person
    uncounted : what else is taken and acts on its genes, where it goes by the genotype alone
    taken : what else is taken and makes the person belong to its population: 'paroxetine, strong inhibitor of CYP2D6'
    """

    row: Advice
    how: str
    urgency: int
    genes: tuple[GeneSaid, ...]
    missing: tuple[str, ...]
    clinical: bool = False
    taken: tuple[str, ...] = ()
    uncounted: tuple[str, ...] = ()
    by_allele: tuple[str, ...] = ()
    bearing: Bearing = SURELY

    @property
    def drug(self) -> str:
        """The ingredient."""
        return self.row.drug

    @property
    def determined(self) -> bool:
        """Whether a result decided it."""
        return self.how != UNDETERMINED and not self.waits

    @property
    def waits(self) -> bool:
        """Whether a gene has to be known before advice that asks for nothing can stand."""
        return self.how == PARTIAL and self.urgency == NOT_DETERMINED and ACTIONS[self.row.action][0] < NOT_DETERMINED

    @property
    def word(self) -> str:
        """The severity word; that of a dose that is taken already follows the comparison with it."""
        if self.determined and self.urgency == WATCHED and self.bearing.dosing is not None:
            return WATCH
        return self.row.word if self.determined else DETERMINE

    @property
    def action(self) -> str:
        """The row's action; 'not_determined' where the genes that decide are not known."""
        return self.row.action if self.how != UNDETERMINED else "not_determined"

    @property
    def title(self) -> str:
        """What to do, in one line."""
        if self.unclear and self.how != PARTIAL:
            return f"{no_clear(self.unclear)}: no recommendation on {self.drug}"
        if self.how == UNDETERMINED:
            return undetermined_title(self.drug, self.needed)
        if self.waits:
            known = [one.gene for one in self.genes if one.known]
            return f"{title(self.row, self.bearing)} by {listed(known)} alone; {listed(self.missing)} not known"
        return title(self.row, self.bearing)

    @property
    def needed(self) -> tuple[str, ...]:
        """Results without which nothing is decided: those that any body waits for where this answer leads."""
        return self.bearing.needed or self.missing

    @property
    def decided_by(self) -> str:
        """How it was reached; an answer by some of what decides is a partial one."""
        return PARTIAL if (self.bearing.alone or self.uncounted) and self.how == CERTAIN else self.how

    @property
    def unclear(self) -> tuple[str, ...]:
        """Genes that are known, and whose phenotype is not, where for that nothing is said."""
        genes = tuple(one.gene for one in self.genes if one.phenotype == INDETERMINATE)
        silent = self.row.action == NO_ADVICE or (self.how == UNDETERMINED and set(self.missing) <= set(genes))
        return genes if silent else ()

    @property
    def condition(self) -> str:
        """For whom it is meant: 'If: ...', 'For: ... (on record)', 'With paroxetine, ...'; empty = for everyone."""
        if self.taken:
            return f"With {listed(_by_name(self.taken))}"
        return condition(self.row, self.bearing)

    @property
    def reason(self) -> str:
        """What the result does, then conditions and caveats."""
        return self._told(self.row.mechanism, *self.row.notes)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why genes that were called are not known here: 'positions_missing:CFTR'."""
        unread = (one.gene for one in self.genes if one.read and one.gene in self.missing)
        return tuple(f"positions_missing:{gene}" for gene in unread)

    @property
    def short(self) -> str:
        """The reason without its caveats; what changes the advice under a condition stays."""
        return self._told(self.row.mechanism, *self.row.depends)

    def _told(self, *sentences_of_row: str) -> str:
        told = sentences_of_row if self.how != UNDETERMINED else ()
        sentences = [_sentence(one.replace("{drug}", self.drug)) for one in told]
        if self.how == PARTIAL and self.missing:
            sentences.insert(0, f"{listed(self.missing)} not known: this is a partial answer.")
        elif self.how == "several":
            sentences.insert(0, "One of several results that cannot be told apart.")
        elif self.how == UNDETERMINED:
            why = no_clear(self.unclear) if self.unclear else f"{listed(self.missing)} not known"
            sentences.append(f"{why}. This does not mean normal.")
        sentences += [_unread(one) for one in self.genes if one.read and one.gene in self.missing]
        if self.by_allele:
            genes = listed(self.by_allele)
            sentences.append(f"{self.row.body} goes by the alleles of {genes}, which no medicine changes.")
        if self.uncounted:
            sentences.insert(0, f"By the genotype alone: {listed(self.uncounted)}, is not counted.")
        if self.condition:
            sentences.insert(0, f"{self.condition}.")
        return " ".join(filter(None, sentences))

    @property
    def because(self) -> str:
        """The results it rests on."""
        return "; ".join((*(one.text for one in self.genes), *_by_name(self.taken))) or WHATEVER


def answers(
    advised: Advised,
    pair: int,
    said: Mapping[str, GeneResult],
    named: Mapping[str, str],
    clinical: Mapping[str, GeneResult] | None = None,
) -> tuple[Answer, ...]:
    """The answers of one pair, most urgent first.

    Parameters
    ----------
    said : gene -> the person's result by genotype; named : gene -> diplotypes in words
    clinical : gene -> the result that the answers rest on, where it is not that of the genotype
    """
    found: list[Answer] = []
    for index in advised.of(pair):
        row, how = advice()[int(advised.row[index])], HOW[int(advised.how[index])]
        asked = question_of(int(advised.row[index]))
        genes = row.genes if how == CERTAIN else asked.genes
        told = tuple(gene_said(gene, row.body, said, named, clinical) for gene in genes)
        if how in (CERTAIN, SEVERAL):
            told = tuple(replace(one, untested=()) if one.untested else one for one in told)
        missing = _missing(asked, told, said) if how != CERTAIN else ()
        if how == UNDETERMINED and not missing:
            missing = asked.genes
        urgency, bearing = int(advised.urgency[index]), Bearing(open=bool(advised.open[index]))
        found.append(Answer(row, how, urgency, told, missing, clinical is not None, bearing=bearing))
    return tuple(found)


def acting_alleles(one: Answer, clinical: Mapping[str, GeneResult]) -> tuple[str, ...]:
    """Genes that something else taken acts on, where the body goes by their alleles."""
    named = {gene for asked in questions()[one.drug] if asked.body == one.row.body for gene in asked.by_allele}
    return tuple(said.gene for said in one.genes if said.gene in named and clinical[said.gene].shifted)


def alone(answer: Answer, told: Sequence[Answer]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The genes of an answer where others ask for as much and for something else, and what the same body says by them.

    told : all answers on the medicine
    """
    mine = {one.gene for one in answer.genes if one.known}
    if answer.how == PARTIAL or not (answer.determined and answer.row.urgency):
        return (), ()
    others = [
        one
        for one in told
        if one.determined and one.urgency >= max(answer.urgency, 1) and _says(one.row) != _says(answer.row)
    ]
    others = [one for one in others if {gene.gene for gene in one.genes if gene.known} - mine]
    apart = [one for one in others if one.row.body == answer.row.body and not mine.intersection(one.row.genes)]
    most = [one for one in apart if not any(set(one.row.genes) < set(other.row.genes) for other in apart)]
    beside = [f"by {listed(one.row.genes)}: {_share(one.row) or one.word.lower()}" for one in most]
    return tuple(one.gene for one in answer.genes) if others else (), tuple(dict.fromkeys(beside))


def needed_by_all(told: Sequence[Answer]) -> tuple[str, ...]:
    """The results that any body waits for before it asks for more than watching; told : all answers on a medicine."""
    waiting = [one for one in told if one.how == UNDETERMINED and _asks_for_more(question_of_row(one.row.id))]
    return tuple(dict.fromkeys(name for one in (*told[:1], *waiting) for name in one.missing))


@cache
def question_of_row(name: str) -> Question:
    """The question that the row of this name answers."""
    return question_of(next(number for number, row in enumerate(advice()) if row.id == name))


@cache
def _asks_for_more(question: Question) -> bool:
    return any(advice()[row].urgency > NOT_DETERMINED for row in question.rows)


def _says(row: Advice) -> tuple[object, ...]:
    return row.action, row.dose


def _share(row: Advice) -> str:
    return row.dose.text if row.dose is not None and row.dose.relative else ""


def _by_name(taken: Sequence[str]) -> list[str]:
    """'fluconazole, moderate inhibitor of CYP2C9 and CYP3A4': what acts alike on several enzymes stands once."""
    enzymes: dict[str, list[str]] = {}
    for one in taken:
        how, _, enzyme = one.partition(" of ")
        enzymes.setdefault(how, []).append(enzyme)
    return [f"{how} of {listed(on)}" if any(on) else how for how, on in enzymes.items()]


def apart(told: Sequence[Answer]) -> tuple[str, ...]:
    """What the leading answer does not say: with which medicine that is taken another answer forbids to give it."""
    return tuple(f"{one.title}." for one in told[1:] if one.row.action == NOT_TOGETHER and one.taken)


def gene_said(
    gene: str,
    body: str,
    said: Mapping[str, GeneResult],
    named: Mapping[str, str],
    clinical: Mapping[str, GeneResult] | None = None,
) -> GeneSaid:
    """One gene of a person as a body reads it."""
    genotype = said.get(gene, NOTHING_KNOWN)
    result = genotype if clinical is None else clinical.get(gene, genotype)
    before, now = (" or ".join(said_by(one.phenotypes, body)) for one in (genotype, result))
    return GeneSaid(
        gene=gene,
        diplotype=named.get(gene, ""),
        phenotype=now,
        activity_score=" or ".join(said_by(result.scores, body)),
        presence=", ".join(f"{allele} {told}" for allele, told in result.presence.items()),
        shifted_from=(before or NOT_TESTED) if before != now else "",
        positions=result.positions,
        untested=result.untested,
    )


def plain(phenotype: str) -> str:
    """'Poor Metabolizer' as 'Poor metaboliser'; a genotype that stands for a phenotype with what it means."""
    phenotype = f"{phenotype} ({MEANS[phenotype]})" if phenotype in MEANS else phenotype
    words = re.sub(r"(?<= )[A-Z](?=[a-z])", lambda letter: letter[0].lower(), phenotype)
    return words.replace("metabolizer", "metaboliser")


def _alleles_listed(names: Sequence[str]) -> str:
    """'*3 and *7'; names that hold a comma of their own are parted by semicolons."""
    return "; ".join(names) if any("," in name for name in names) else listed(names)


def _unread(one: GeneSaid) -> str:
    if one.untested:
        return f"{one.gene}: {one.read}, and common enough to count; they would change this."
    return (
        f"{one.gene}: {one.read}; the others could hold a variant that changes this. "
        "Sequence the gene, or say that the file lists every variant if it does."
    )


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."


def _missing(asked: Question, told: Sequence[GeneSaid], said: Mapping[str, GeneResult]) -> tuple[str, ...]:
    """Genes without a result; of HLA genes the alleles that were not tested."""
    found: list[str] = []
    for one in told:
        tested = said.get(one.gene, NOTHING_KNOWN).presence
        alleles = [f"{one.gene}{allele}" for allele in _alleles(asked, one.gene) if allele not in tested]
        found += alleles or ([] if one.known else [one.gene])
    return tuple(dict.fromkeys(found))


@cache
def _alleles(asked: Question, gene: str) -> tuple[str, ...]:
    """The alleles of a gene whose presence a question asks for."""
    conditions = [one for when in asked.when for one in when if one.gene == gene and one.kind in (PRESENT, ABSENT)]
    return tuple(allele for one in conditions for allele in one.values)
