"""What a what-if changes: medicines whose advice differs, and genes whose result differs."""

from __future__ import annotations

from dataclasses import dataclass

from precision.workbench.medicine_list import GeneRow, ListedMedicine, Medicines


@dataclass(frozen=True, slots=True)
class Difference:
    """One medicine before and after; None = not on the list."""

    name: str
    before: ListedMedicine | None
    after: ListedMedicine | None

    @property
    def urgency(self) -> int:
        """Of the more urgent of the two."""
        return max(one.urgency for one in (self.before, self.after) if one is not None)


def differences(before: Medicines, after: Medicines) -> tuple[Difference, ...]:
    """Medicines that come, go, or are advised on otherwise, most urgent first."""
    old, new = ({one.name: one for one in told.listed or ()} for told in (before, after))
    found = [
        Difference(name, old.get(name), new.get(name))
        for name in dict.fromkeys([*old, *new])
        if _said(old.get(name)) != _said(new.get(name))
    ]
    return tuple(sorted(found, key=lambda one: -one.urgency))


def gene_differences(before: Medicines, after: Medicines) -> tuple[tuple[GeneRow, GeneRow], ...]:
    """Genes with another diplotype or phenotype than before, in the order of the page."""
    old = {row.call.gene: row for row in before.genes}
    pairs = ((old[row.call.gene], row) for row in after.genes if row.call.gene in old)
    return tuple((was, now) for was, now in pairs if _result(was) != _result(now))


def _said(one: ListedMedicine | None) -> tuple[object, ...]:
    if one is None:
        return ()
    return one.word, tuple(answer.title for answer in one.answers), one.amount, one.effects


def _result(row: GeneRow) -> tuple[object, ...]:
    return (
        tuple(one.name for one in row.call.diplotypes),
        row.phenotype,
        row.activity_score,
        row.clinical,
        tuple(row.call.presence.items()),
    )
