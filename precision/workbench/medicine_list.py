"""What is told of a patient's medicines and genes: the types that a page, a letter or a notebook shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from precision.pgx.advice import is_known
from precision.pgx.answers import Answer
from precision.pgx.functions import INDETERMINATE
from precision.pgx.result import Call


@dataclass(frozen=True, slots=True)
class Checked:
    """An alternative drug against the same genes: its ingredient and its severity word."""

    drug: str
    word: str


@dataclass(frozen=True, slots=True)
class ListedMedicine:
    """A medicine of the patient, or one that could be given, against all genes.

    name, detail : as a page shows it: 'Tamoxifen', '20 mg, since Mar 2025'; recorded : the name as it was written
    drugs : ingredients that were recognised; none = the name is not known here
    taken, planned : on the list of the patient; neither = one that could be given
    word, urgency : of its most cautious answer, with the genotype and with what else is taken; 'Avoid if' where it
        holds only under a condition that is not known (`Review.conditional`)
    answers : most urgent first, with what else is taken; by_genotype : by the genotype alone, where it says otherwise
    alternatives : those that the leading answer names, against the same genes
    amount : a dose of the most urgent answers in mg, where the usual dose is known; else empty
    doses : what equations give, each with its name, or why they give nothing
    effects : sentences on what other drugs or smoking do to this drug beside its genes
    acts : sentences on what this drug does to others that are listed
    differ : bodies give different advice
    """

    name: str
    detail: str
    drugs: tuple[str, ...]
    taken: bool
    planned: bool
    word: str
    urgency: int
    answers: tuple[Answer, ...]
    by_genotype: tuple[Answer, ...] = ()
    alternatives: tuple[Checked, ...] = ()
    amount: str = ""
    doses: tuple[tuple[str, str], ...] = ()
    effects: tuple[str, ...] = ()
    differ: bool = False
    recorded: str = ""
    acts: tuple[str, ...] = ()

    @property
    def leading(self) -> Answer | None:
        """The most cautious answer; None where nobody gives one."""
        return self.answers[0] if self.answers else None


@dataclass(frozen=True, slots=True)
class GeneRow:
    """One gene of the patient.

    clinical : phenotype with what else is taken, where it differs; causes : why ('paroxetine, strong inhibitor')
    evidence : sentences on what the shift rests on
    positions : how many positions define the gene, 0 where a laboratory reported it
    assumed : of the positions called, those without a record, which count as reference because the file is said to
        hold every variant
    read : there are genotypes of this patient, be it at other genes
    by_genotypes : what the patient's genotypes say, where that is another phenotype than the laboratory's
    replaced : the recorded result of a laboratory, where an entered one stands in its place and says otherwise
    """

    call: Call
    phenotype: str
    activity_score: str
    clinical: str = ""
    causes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    positions: int = 0
    assumed: int = 0
    read: bool = True
    by_genotypes: Call | None = None
    replaced: Call | None = None

    @property
    def determined(self) -> bool:
        """Whether there is a result that tells something."""
        return self.call.status != "not_called" and self.phenotype != INDETERMINATE and is_known(self.call.gene)


@dataclass(frozen=True, slots=True)
class Medicines:
    """Everything that the page of one patient shows.

    listed : current and planned medicines, most urgent first; None = no medicine is recorded
    genes : with a result first, by name; empty = nothing of this patient's genes is known
    enzymes : sentences on enzymes without a genotype (CYP1A2 and smoking)
    build, file : of the patient's genotypes, empty where there are none
    absent_as_reference : what a position without a record was taken for
    from_array : the genotypes are those of an array test, which lists what it tests
    """

    listed: tuple[ListedMedicine, ...] | None
    genes: tuple[GeneRow, ...]
    enzymes: tuple[str, ...] = ()
    build: str = ""
    file: str = ""
    absent_as_reference: bool = False
    from_array: bool = False

    @property
    def tested(self) -> bool:
        """Whether anything is known of any gene."""
        return any(row.phenotype or row.call.presence for row in self.genes)

    def counts(self) -> Mapping[str, int]:
        """Severity word -> how many listed medicines have it."""
        words = [one.word for one in self.listed or ()]
        return {word: words.count(word) for word in dict.fromkeys(words)}


@dataclass(frozen=True, slots=True)
class Change:
    """What is different in a what-if, or entered for the session.

    add, without : ingredients; smoking : None = as recorded
    results : gene -> (diplotype, phenotype) of a laboratory; every_variant : absent positions are reference
    """

    add: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    smoking: bool | None = None
    results: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    every_variant: bool = False
