"""Advice in words for one person: what to do, why, by which result of which gene, and who says so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from precision.pgx.advice import ACTIONS, Advice, advice
from precision.pgx.advising import CERTAIN, HOW, NOT_DETERMINED, PARTIAL, UNDETERMINED, Advised, Question, question_of
from precision.pgx.conditions import ABSENT, PRESENT, GeneResult, said_by

DETERMINE = "Not determined"
NOTHING_KNOWN = GeneResult()
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
USUAL: Mapping[str, str] = {
    "maximum": "the usual maximum",
    "start": "the usual starting dose",
    "lowest_start": "the lowest usual starting dose",
    "loading": "the usual loading dose",
}
KIND_OF_DOSE: Mapping[str, tuple[str, str]] = {
    "start": ("Start {drug} at", "start with"),
    "lowest_start": ("Start {drug} at", "start with"),
    "maintenance": ("Maintain {drug} at", "maintain at"),
    "maximum": ("Give {drug} up to", "at most"),
    "loading": ("Load {drug} with", "load with"),
    "daily": ("Give {drug} at", "give"),
}

ONLY_IF = "If: "
PROPER = ("African", "Helicobacter")  # begin a label with a capital that stays


@dataclass(frozen=True, slots=True)
class GeneSaid:
    """A gene as an answer rests on it: names of diplotypes, phenotype and score; empty = not known.

    shifted_from : phenotype by the genotype alone, where other drugs or smoking change it
    positions : read and there are, where a variant at those that were not read would change the result
    """

    gene: str
    diplotype: str
    phenotype: str
    activity_score: str
    presence: str = ""
    shifted_from: str = ""
    positions: tuple[int, int] = (0, 0)

    @property
    def known(self) -> bool:
        """Whether there is a result that advice can rest on."""
        return not any(self.positions) and bool(self.phenotype or self.activity_score or self.presence)

    @property
    def read(self) -> str:
        """'7 of 93 positions read'; empty where that does not limit the result."""
        return "{} of {} positions read".format(*self.positions) if any(self.positions) else ""

    @property
    def text(self) -> str:
        """'CYP2C19 *2/*2, Poor metaboliser', 'HLA-B *57:01 positive', 'CYP2D6 not known'."""
        if any(self.positions):
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
    """

    row: Advice
    how: str
    urgency: int
    genes: tuple[GeneSaid, ...]
    missing: tuple[str, ...]
    clinical: bool = False

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
        """The severity word."""
        return self.row.word if self.determined else DETERMINE

    @property
    def action(self) -> str:
        """The row's action; 'not_determined' where the genes that decide are not known."""
        return self.row.action if self.how != UNDETERMINED else "not_determined"

    @property
    def title(self) -> str:
        """What to do, in one line."""
        if self.how == UNDETERMINED:
            return undetermined_title(self.drug, self.missing)
        if self.waits:
            known = [one.gene for one in self.genes if one.known]
            return f"{title(self.row)} by {_listed(known)} alone; {_listed(self.missing)} not known"
        return title(self.row)

    @property
    def reason(self) -> str:
        """What the result does, then conditions and caveats."""
        return self._told(self.row.mechanism, *self.row.notes)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why genes that were called are not known here: 'positions_missing:CFTR'."""
        unread = (one.gene for one in self.genes if any(one.positions) and one.gene in self.missing)
        return tuple(f"positions_missing:{gene}" for gene in unread)

    @property
    def short(self) -> str:
        """The reason without its caveats; what changes the advice under a condition stays."""
        return self._told(self.row.mechanism, *self.row.depends)

    def _told(self, *sentences_of_row: str) -> str:
        told = sentences_of_row if self.how != UNDETERMINED else ()
        sentences = [_sentence(one.replace("{drug}", self.drug)) for one in told]
        if self.how == PARTIAL and self.missing:
            sentences.insert(0, f"{_listed(self.missing)} not known: this is a partial answer.")
        elif self.how == "several":
            sentences.insert(0, "One of several results that cannot be told apart.")
        elif self.how == UNDETERMINED:
            sentences.append(f"{_listed(self.missing)} not known. This does not mean normal.")
        sentences += [_unread(one) for one in self.genes if any(one.positions) and one.gene in self.missing]
        if self.row.population:
            sentences.insert(0, f"{condition(self.row)}.")
        return " ".join(filter(None, sentences))

    @property
    def because(self) -> str:
        """The results it rests on."""
        return "; ".join(one.text for one in self.genes)


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
        missing = _missing(asked, told, said) if how != CERTAIN else ()
        if how == UNDETERMINED and not missing:
            missing = asked.genes
        found.append(Answer(row, how, int(advised.urgency[index]), told, missing, clinical is not None))
    return tuple(found)


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
        shifted_from=before if before != now else "",
        positions=result.positions,
    )


def title(row: Advice) -> str:
    """What a row says to do, in one line of ours."""
    instead = _instead(row)
    dose = _dose(row)
    texts: Mapping[str, str] = {
        "contraindicated": f"Do not give {row.drug}" + (f"; {instead} instead" if instead else ""),
        "avoid": f"Avoid {row.drug}" + (f"; {instead} instead" if instead else ""),
        "alternative": f"Change {row.drug}: {instead or 'another drug'}" + (f", or {dose}" if dose else ""),
        "reduce_dose": (_dosed(row) or f"Lower the dose of {row.drug}") + (f", or {instead}" if instead else ""),
        "increase_dose": (_dosed(row) or f"Raise the dose of {row.drug}") + (f", or {instead}" if instead else ""),
        "calculate_dose": f"Calculate the dose of {row.drug}",
        "monitor": f"Usual dose of {row.drug}, with closer monitoring",
        "standard": f"Usual dose of {row.drug}",
        "test_first": f"Another test before the first dose of {row.drug}",
        "inform": f"Known effect on {row.drug}, without a dose or a choice",
        "no_recommendation": f"No recommendation on {row.drug} for this result",
    }
    return texts[row.action]


def condition(row: Advice) -> str:
    """'If: with a CYP3A4 inhibitor', of a row for one population."""
    label = row.population_label
    return f"{ONLY_IF}{label if label.startswith(PROPER) else label[:1].lower() + label[1:]}"


def undetermined_title(drug: str, missing: Sequence[str]) -> str:
    """What to do where the genes that decide are not known."""
    return f"{_listed(missing)} result needed for {drug}"


def plain(phenotype: str) -> str:
    """'Poor Metabolizer' as 'Poor metaboliser'."""
    words = re.sub(r"(?<= )[A-Z](?=[a-z])", lambda letter: letter[0].lower(), phenotype)
    return words.replace("metabolizer", "metaboliser")


def _dosed(row: Advice) -> str:
    if row.dose is None:
        return ""
    head = KIND_OF_DOSE[row.dose.kind][0].format(drug=row.drug)
    return f"{head} {_amount(row)}"


def _dose(row: Advice) -> str:
    return "" if row.dose is None else f"{KIND_OF_DOSE[row.dose.kind][1]} {_amount(row)}"


def _amount(row: Advice) -> str:
    dose = row.dose
    if dose is None:
        return ""
    if not dose.relative:
        return dose.text
    share, _, when = dose.text.partition("%")
    return f"{share}% of {USUAL.get(dose.kind, 'the usual dose')}{when}"


def _instead(row: Advice) -> str:
    return _listed((*row.alternatives, *row.classes), "or")


def _listed(names: Sequence[str], last: str = "and") -> str:
    """'A', 'A and B', 'A, B and C'."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _unread(one: GeneSaid) -> str:
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
