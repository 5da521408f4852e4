"""The second part of the Medicines page: the genes, the positions of one of them, and how they were called."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from precision.knowledge.table import sources
from precision.pgx.definitions import genes as definitions
from precision.pgx.describe import GENOTYPES
from precision.pgx.result import Alternative, Call
from precision.pgx.seen import ABSENT, DISCARDED, REFERENCE, VARIANT, Seen, phasing, seen
from precision.ui import chrome, gene_cards, html, medicines_laboratory, medicines_words
from precision.ui.medicines_data import told
from precision.ui.medicines_view import called
from precision.ui.workspace import Workspace
from precision.workbench.gene_names import short
from precision.workbench.medicine_list import GeneRow, Medicines

GENE, MOST = "medicines_gene", 8
SHORT = 3  # letters of an allele that stands on the line of the other
KNOWLEDGE = "pgx"
NOT_DETERMINED = (html.Column("Result", 33), html.Column("Genes", 34), html.Column("Why", 33))
REPORTED = "Reported by a laboratory: no position was read here."
COPIES = ("second_allele_missing", "sex_unknown", "male_heterozygous")  # why alleles of a report mean nothing
NO_SCORE = "–: a gene whose alleles have no activity score."
NO_GENES = "No genotype and no laboratory result is recorded in this cohort. This does not mean normal."
BY_FREQUENCY = "By population frequency, not a result."
PRIOR = "By population frequency, not a result: from the lowest to the highest of the ancestry groups."
NEVER_REFERENCE = "Missing positions are never read as reference."
FIRST = (VARIANT, DISCARDED, ABSENT)
STATE_WORDS = {REFERENCE: "Reference", VARIANT: "Variant", ABSENT: "Missing", DISCARDED: "Discarded"}
ABSENT_MEANS = {
    True: "Reference: the file is declared to list every variant",
    False: "Unknown: an absent position is never read as reference",
}


def genes(space: Workspace, patient: str) -> None:
    """All genes, how they were called and laboratory results at the left; one gene's positions at the right."""
    found = told(space, patient)
    left, right = st.columns([5, 4], gap="medium")
    determined = sum(row.determined for row in found.genes)
    with left:
        chrome.section("Genes", f"{len(found.genes)} genes, {determined} determined")
        with st.container(border=True, gap="xsmall", key="medicines_genes"):
            html.show(_table(found.genes) if found.genes else html.state("No data", NO_GENES))
        with st.container(border=True, gap="xsmall", key="medicines_how"):
            html.show(html.card_heading("", "How genes were called"))
            html.show(html.values(_how(space, patient, found)))
        if found.file:
            medicines_laboratory.laboratory(patient, {row.call.gene: row for row in found.genes})
    with right:
        chrome.section("Positions")
        with st.container(border=True, gap="xsmall", key="medicines_positions"):
            _positions(space, patient, found)
        if not found.file:  # few lines stand above it
            medicines_laboratory.laboratory(patient, {row.call.gene: row for row in found.genes})


def result(row: GeneRow) -> html.Html:
    """A gene's phenotype, with what else is taken in a second line."""
    causes = medicines_words.listed(row.causes, "and")
    shift = f"With {causes}: as {medicines_words.phenotypes(row.clinical)}." if row.clinical else ""
    told = " ".join(filter(None, (shift, *row.evidence)))
    second = html.tag("span", told, cls="qualifier") if told else html.NOTHING
    copies = [medicines_words.reason(code) for code in row.call.reasons if code in COPIES]
    said = medicines_words.phenotypes(row.phenotype) or medicines_words.presence(row.call)
    return html.join(said or "No phenotype assigned", *(f". {sentence}" for sentence in copies if not said), second)


def _table(rows: Sequence[GeneRow]) -> html.Html:
    """Genes with a result or with some positions, one a row; the others by the reason that they share."""
    columns = [
        html.Column("Gene", 17),
        html.Column("Diplotype", 20),
        html.Column("Phenotype", 27),
        html.Column("Activity", 12, "right"),
        html.Column("Positions called", 24),
    ]
    apart = [row for row in rows if not _known(row) and not row.call.positions_called]
    reasons = dict.fromkeys(medicines_words.why_not(row) for row in apart)
    together = [[row.call.gene for row in apart if medicines_words.why_not(row) == why] for why in reasons]
    cells = [(html.chip(0, "Not determined"), _names(names), why) for why, names in zip(reasons, together, strict=True)]
    shown = [_row(row) for row in rows if row not in apart]
    return html.join(
        html.table("Genes", columns, shown) if shown else html.NOTHING,
        html.table("Genes not determined", NOT_DETERMINED, cells) if cells else html.NOTHING,
        html.note(NO_SCORE) if shown else html.NOTHING,
    )


def _names(genes: Sequence[str]) -> html.Html:
    """Names of genes, none of them broken at its hyphen."""
    rest = [html.join(", ", html.tag("span", name, cls="whole")) for name in genes[1:]]
    return html.tag("b", html.tag("span", genes[0], cls="whole"), *rest)


def _row(row: GeneRow) -> tuple[html.Text, ...]:
    if _known(row):
        told = html.join(result(row), _bodies(row.call), medicines_words.doubted(row))
        name: html.Text = _breaking(medicines_words.diplotypes(row.call) or "Not reported")
    else:
        told, name = html.tag("span", medicines_words.why_not(row), cls="quiet"), html.chip(0, "Not determined")
    score = row.activity_score or html.tag("span", "–", cls="quiet none")
    return html.strong(row.call.gene), name, told, score, _bar(row)


def _breaking(diplotype: str) -> html.Html:
    """A diplotype that breaks after its stroke, not within the name of an allele; 'C/T' stays together."""
    first, *others = diplotype.split("/")
    return html.join(first, *(html.join("/", html.tag("wbr") if len(one) > SHORT else "", one) for one in others))


def _bodies(call: Call) -> html.Html:
    """The phenotype by each body, where they differ."""
    if not call.bodies_differ:
        return html.NOTHING
    said = [f"{one.body}: {medicines_words.phenotypes(one.phenotype)}" for one in call.interpretations if one.phenotype]
    return html.tag("span", ", ".join(said), cls="qualifier")


def _bar(row: GeneRow) -> html.Html:
    """How many positions were read, the others hatched; or that a laboratory says so."""
    if not row.positions:
        return html.tag("span", medicines_words.capital(called(row)), cls="quiet")
    share = 100 * (row.call.positions_called - row.assumed) / row.positions
    filled = html.tag("i", style=f"width:{share:.1f}%") if share else html.NOTHING
    bar = html.tag("span", filled, cls="called", aria_hidden="true")
    return html.tag("span", bar, html.tag("span", called(row)), cls="effect")


def _positions(space: Workspace, patient: str, found: Medicines) -> None:
    rows = {row.call.gene: row for row in found.genes}
    if not rows:
        html.show(html.sentence(NO_GENES))
        return
    leading = [one.leading for one in found.listed or () if one.leading]
    deciding = [one.gene for answer in leading for one in answer.genes if one.gene in rows and rows[one.gene].positions]
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        gene = st.selectbox(
            "Gene",
            list(rows),
            index=list(rows).index(deciding[0]) if deciding else 0,
            format_func=lambda name: _option(rows[name]),
            key=f"{GENE}_{patient}",
            label_visibility="collapsed",
        )
        if st.button("Gene card", icon=":material/genetics:", type="tertiary", key="medicines_gene_card"):
            gene_cards.gene(gene)
    call, every = rows[gene].call, _seen(space, patient, gene)
    if call.origin != GENOTYPES and _known(rows[gene]):
        html.show(html.note(REPORTED))
    telling = sorted((one for one in every if one.state != REFERENCE), key=lambda one: FIRST.index(one.state))
    shown = (telling or every)[:MOST]
    for sentence in medicines_words.remarks(rows[gene]):
        html.show(html.note(sentence))
    if not rows[gene].read:
        _of_gene(gene)
        if _known(rows[gene]):
            _open(call)
        return
    if shown:
        html.show(_seen_table(f"Positions of {gene}", shown))
    rest = len(every) - len(shown)
    if rest:
        with st.popover(f"All {len(every)} positions", type="tertiary", key="medicines_every_position"):
            html.show(_seen_table(f"All positions of {gene}", every))
    _without_record(rows[gene], every)
    _open(call)


def _without_record(row: GeneRow, every: Sequence[Seen]) -> None:
    """What positions that the file does not hold count as."""
    if row.assumed:
        html.show(html.note(f"{row.assumed} positions have no record in the file and count as reference."))
    if any(one.state in (ABSENT, DISCARDED) for one in every):
        html.show(html.note(NEVER_REFERENCE))


def _of_gene(gene: str) -> None:
    """What would be looked at, where nothing was."""
    if gene in definitions() and (count := len(definitions()[gene].variants)):
        told = f"{count} positions define" if count > 1 else "One position defines"
        html.show(html.note(f"{told} {gene}: see the gene card."))


def _open(call: Call) -> None:
    """What else it could be."""
    rows = [
        html.Row(label, medicines_words.named(names, 8))
        for label, names in (
            ("Alleles that cannot be excluded", call.alleles_not_excluded),
            ("Key alleles that were not tested", call.tier1_untested),
        )
        if names
    ]
    rows += [html.Row(f"{name}, shown only", bases) for name, bases in call.shown.items()]
    rows += [html.Row("Update pending", call.update_pending)] if call.update_pending else []
    if rows:
        html.show(html.values(rows))
    if len(call.alternatives) > 1:
        names = ("Pairs that fit", "Phenotype", "Probability, by group")
        columns = [html.Column(name, width) for name, width in zip(names, (32, 34, 34), strict=True)]
        html.show(html.table("Alternatives", columns, [_alternative(one) for one in call.alternatives[:5]]))
        html.show(html.note(PRIOR))
        if any(one.probability for one in call.alternatives):
            with st.popover("By ancestry group", type="tertiary", key="medicines_ancestry"):
                html.show(_by_group(call.alternatives))
                html.show(html.note(BY_FREQUENCY))


def _alternative(one: Alternative) -> tuple[html.Text, ...]:
    shares = one.probability.values()
    spread = f"{_percent(min(shares))} to {_percent(max(shares))}" if shares else "No frequencies"
    name = html.lines(short(one.diplotype.name), "reported by the rules" if one.reported else "")
    return name, medicines_words.phenotypes(one.diplotype.phenotype) or "No phenotype", spread


def _by_group(alternatives: Sequence[Alternative]) -> html.Html:
    groups = [name for name in medicines_words.ANCESTRY if any(name in one.probability for one in alternatives)]
    names = [short(one.diplotype.name) for one in alternatives]
    columns = [html.Column("Ancestry group"), *(html.Column(name, align="right") for name in names)]
    rows = [
        [medicines_words.ANCESTRY[name], *(_percent(one.probability.get(name, float("nan"))) for one in alternatives)]
        for name in groups
    ]
    return html.table("Probability by ancestry group", columns, rows, stack=False)


def _seen(space: Workspace, patient: str, gene: str) -> tuple[Seen, ...]:
    calls = space.assessment.calls
    return () if calls is None else seen(calls, space.assessment.features.row(patient), gene)


def _seen_table(label: str, positions: Sequence[Seen]) -> html.Html:
    columns = [html.Column("Position", 38), html.Column("Allele", 30), html.Column("Call", 32)]
    return html.table(label, columns, [_place(one) for one in positions])


def _place(one: Seen) -> tuple[html.Text, ...]:
    word = STATE_WORDS[one.state]
    if one.state in (ABSENT, DISCARDED):
        why = medicines_words.DISCARDED[one.why]
        told = html.join(html.chip(0, word), html.tag("span", medicines_words.capital(why), cls="qualifier"))
    else:
        told = html.lines(f"{word} {one.bases}") if one.bases else html.join(word)
    return html.lines(one.name, one.place), medicines_words.named(one.alleles, 3), told


def _how(space: Workspace, patient: str, found: Medicines) -> list[html.Row]:
    known = next((one for one in sources() if one.folder == KNOWLEDGE), None)
    calls = space.assessment.calls
    heterozygous, strands = phasing(calls, space.assessment.features.row(patient)) if calls else (0, 0)
    known_at = f"Known at {strands} of {heterozygous}" if strands else f"Not known at any of {heterozygous}"
    rows = [
        html.Row("Genotypes from", found.file or "No genotypes of this patient"),
    ]
    if found.file:
        rows += [
            html.Row("Genome build", found.build or "Not known"),
            html.Row("Positions with two unlike bases", f"{heterozygous}" if heterozygous else "None"),
            html.Row("Which strand bears which", known_at if heterozygous else "Nothing to tell apart"),
            html.Row("Absent positions", ABSENT_MEANS[found.absent_as_reference]),
        ]
    return rows + ([html.Row("Allele definitions", known.version)] if known else [])


def _option(row: GeneRow) -> str:
    """'NUDT15: 2 called, 1 missing, 1 discarded'."""
    if not row.positions or not row.read:
        return f"{row.call.gene}: {called(row) if _known(row) or row.read else 'no genotypes'}"
    if row.assumed:
        return f"{row.call.gene}: {called(row)}"
    counts = {"called": row.call.positions_called, "missing": len(row.call.positions_missing)}
    counts["discarded"] = len(row.call.positions_discarded)
    told = [f"{count} {word}" for word, count in counts.items() if count or word == "called"]
    return f"{row.call.gene}: {', '.join(told)}"


def _known(row: GeneRow) -> bool:
    return row.call.status != "not_called"


def _percent(share: float) -> str:
    if share != share:
        return "No data"
    if 0 < share < 0.001:
        return "<0.1%"
    return f"{100 * share:.1f}%"
