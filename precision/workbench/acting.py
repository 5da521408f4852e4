"""What else is taken and changes the results that advice on a medicine rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from precision.pgx.answers import Answer
from precision.pgx.modulators import INDUCER, INHIBITOR
from precision.pgx.phenoconversion import Cause
from precision.pgx.review import Genetics

ACTS = {INHIBITOR: "slows down", INDUCER: "speeds up"}
COUNTED = "counts that."


def acting(genetics: Genetics, person: int, answer: Answer) -> tuple[tuple[str, Cause], ...]:
    """(enzyme, cause) of everything that decides a changed result of an answer's genes."""
    if not answer.clinical:
        return ()
    before, now = genetics.result(person), genetics.clinical_result(person, answer.drug)
    changed = [one.gene for one in answer.genes if one.gene in genetics.shifts and before[one.gene] != now[one.gene]]
    causes = ((gene, genetics.shifts[gene].without(answer.drug).of(person).causes) for gene in changed)
    return tuple((gene, one) for gene, several in causes for one in several if one.decisive)


def counted(genetics: Genetics, person: int, answers: Sequence[Answer], said: Iterable[tuple[str, str]]) -> list[str]:
    """'Paroxetine slows down CYP2D6: the advice on tamoxifen counts that.', once for each cause.

    said : (medicine, enzyme) of which the same is told in other words
    """
    known = set(said)
    told = [
        f"{one.name[:1].upper()}{one.name[1:]} {ACTS[one.effect]} {enzyme}: the advice on {answer.drug} {COUNTED}"
        for answer in answers
        for enzyme, one in acting(genetics, person, answer)
        if (answer.drug, enzyme) not in known and one.effect in ACTS
    ]
    return list(dict.fromkeys(told))
