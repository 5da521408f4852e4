"""The first part of the Medicines page: every medicine by severity, and why for one of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import streamlit as st

from precision.pgx.answers import Answer
from precision.pgx.drugnames import drugs
from precision.pgx.review import IF, SEVEREST_FIRST
from precision.ui import chrome, gene_cards, html, medicines_words
from precision.ui.medicines_data import every, names_of_all, states, told
from precision.ui.severity import level_of
from precision.ui.workspace import PATIENT, Workspace
from precision.workbench import drug_actions
from precision.workbench.medicine_list import GeneRow, ListedMedicine, Medicines

SHOWN, FIND, WORDS, PAGE, CHOSEN = (f"medicines_{name}" for name in ("shown", "find", "words", "page", "chosen"))
LISTED, ALL = "listed", "all"
AT_ONCE, CONDITION = 25, "under a condition"
COLUMNS = (
    html.Column("Advice", 11),
    html.Column("Medicine", 14),
    html.Column("Gene result", 22),
    html.Column("What to do", 40),
    html.Column("Source", 13),
)
COUNTED: Mapping[str, tuple[str, ...]] = {
    "avoid": ("Avoid",),
    "change": ("Change", "Change dose"),
    CONDITION: tuple(word for word in SEVEREST_FIRST if word.endswith(IF)),
    "not determined": ("Not determined",),
    "monitor": ("Monitor",),
    "standard": ("Standard",),
    "no guidance": ("No guidance",),
}
HIDDEN = "The patient has not consented to results of medicine genes. Results are not shown."
NO_GENOTYPE = "No genotype and no laboratory result is recorded for this patient. This does not mean normal."
NO_MEDICINE = "No medicine is recorded. This does not mean that none is taken."
EMPTY = "No medicine is taken: the list is said to be complete, and it is empty."
DIFFER = "Sources differ. The most cautious advice is shown first."
AGREE = "Every source that says something is listed, the most cautious first."
NOT_CONSIDERED = f"Not considered: {drug_actions.NOT_CONSIDERED}."


def hidden(space: Workspace, patient: str) -> bool:
    """Whether the patient denies results of medicine genes; the page then says so and shows the bare list."""
    record = space.record(patient)
    if not record.consent.denies("pgx"):
        return False
    chrome.section("Medicines")
    with chrome.card(key="medicines_hidden"):
        html.show(html.state("Hidden", HIDDEN))
        _upload("Record consent", patient)
        rows = [html.Row(name, state) for name, state in states(space, patient).items()]
        html.show(html.values(rows) if rows else html.sentence(EMPTY if record.medicines is not None else NO_MEDICINE))
    return True


def medicines(space: Workspace, patient: str) -> None:
    """Current and planned medicines, or every medicine that a source speaks of, most severe first."""
    found = told(space, patient)
    genes = {row.call.gene: row for row in found.genes}
    chosen = _switch(found)
    with chrome.card(key="medicines_table"):
        if not found.tested:
            html.show(html.state("Not determined", NO_GENOTYPE))
            _upload("Add genotypes", patient)
        if chosen == ALL:
            _every(every(space, patient), genes)
        elif found.listed:
            html.show(table("Current and planned medicines", found.listed, genes))
        elif found.listed is not None:
            html.show(html.sentence(EMPTY))
        else:
            html.show(html.state("No data", NO_MEDICINE))
            _upload("Add medicines", patient)


def why(space: Workspace, patient: str) -> None:
    """For one medicine: the reasons of its advice, and what every source says."""
    found = told(space, patient)
    known = {one.name: one for one in found.listed or ()}
    line = chrome.section("Why")
    with line:
        names = list(dict.fromkeys((*known, *names_of_all())))
        name = st.selectbox(
            "Medicine",
            names,
            index=next((at for at, one in enumerate(known.values()) if one.answers), None),
            placeholder="Choose a medicine",
            key=f"{CHOSEN}_{patient}",
            label_visibility="collapsed",
            width=320,
        )
    if name is None:
        with chrome.card():
            html.show(html.sentence("Nothing listed has guidance. Choose any medicine to see what the sources say."))
        return
    one = known.get(name) or next(other for other in every(space, patient) if other.name == name)
    with line:
        if one.drugs and st.button("Medicine card", icon=":material/pill:", type="tertiary", key="medicines_card"):
            gene_cards.drugs(medicines_words.capital(name), one.drugs)
    genes = {row.call.gene: row for row in found.genes}
    left, right = st.columns([1, 1], gap="medium")
    with left, chrome.card(key="medicines_why"):
        if one.leading is None:
            _nothing(one)
        else:
            _why(one, one.leading, genes, found)
    with right, chrome.card(key="medicines_sources"):
        html.show(html.heading("Sources compared", level=3))
        if one.answers:
            html.show(_compared(f"Sources compared, {one.name}", one.answers))
            html.show(html.note(DIFFER if one.differ else AGREE))
        else:
            html.show(html.sentence("CPIC, DPWG and FDA say nothing here." if one.drugs else "Not looked up."))
        if one.by_genotype:
            html.show(html.note("By the genotype alone, without what else is taken:"))
            html.show(_compared(f"By genotype alone, {one.name}", one.by_genotype))


def table(label: str, listed: Sequence[ListedMedicine], genes: Mapping[str, GeneRow]) -> html.Html:
    """Medicines with word, gene result, what to do and source."""
    return html.table(label, COLUMNS, [_row(one, genes) for one in listed])


def _switch(found: Medicines) -> str:
    """Which medicines to show, with counts, and how many have each word."""
    names = {LISTED: f"Current and planned {len(found.listed or ())}", ALL: f"All {len(names_of_all())} medicines"}
    counts = found.counts()
    shown = {name: words for name, words in COUNTED.items() if name != CONDITION or any(map(counts.get, words))}
    chips = [_counted(counts, name, words) for name, words in shown.items()]
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="medicines_head"
    ):
        chosen = st.segmented_control(
            "Medicines shown",
            list(names),
            default=LISTED,
            required=True,
            format_func=names.__getitem__,
            key=SHOWN,
            label_visibility="collapsed",
            width="content",
        )
        html.show(html.tag("p", *(part for chip in chips for part in (chip, " ")), cls="chips"), width="content")
    return chosen or LISTED


def _counted(counts: Mapping[str, int], name: str, words: Sequence[str]) -> html.Html:
    """How many medicines have one of the words, in the colour of the severest."""
    word = next((one for one in words if counts.get(one)), words[0])
    return html.count_chip(level_of(word), sum(counts.get(one, 0) for one in words), name)


def _every(found: Sequence[ListedMedicine], genes: Mapping[str, GeneRow]) -> None:
    """All medicines, to search and filter, a page at a time."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        wanted = st.text_input("Find", placeholder="Find a medicine", key=FIND, label_visibility="collapsed", width=280)
        words = st.multiselect(
            "Advice", SEVEREST_FIRST, placeholder="Any advice", key=WORDS, label_visibility="collapsed", width=420
        )
    text = (wanted or "").strip().casefold()
    shown = [one for one in found if text in _spellings(one) and (not words or one.word in words)]
    if not shown:
        html.show(html.state("No match", "No medicine matches these words. Not listed does not mean safe."))
        return
    pages = math.ceil(len(shown) / AT_ONCE)
    first = (min(int(st.session_state.get(PAGE) or 1), pages) - 1) * AT_ONCE
    part = shown[first : first + AT_ONCE]
    html.show(table("All medicines", part, genes))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="medicines_foot"):
        html.show(html.note(f"{first + 1} to {first + len(part)} of {len(shown)}, most severe first"))
        if pages > 1:
            st.pagination(pages, key=PAGE, width=260)


def _spellings(one: ListedMedicine) -> str:
    """Every name that a medicine may be looked for by, in small letters."""
    known = [drugs()[name] for name in one.drugs if name in drugs()]
    spellings = (one.name, *(text for drug in known for text in (*drug.synonyms, *drug.brands, *drug.atc)))
    return "\n".join(spellings).casefold()


def _row(one: ListedMedicine, genes: Mapping[str, GeneRow]) -> tuple[html.Text, ...]:
    nobody = html.lines("CPIC, DPWG, FDA", "No row is held here") if one.drugs else html.join("Not looked up")
    says = medicines_words.source(one.leading) if one.leading else nobody
    return (
        html.chip(level_of(one.word), one.word),
        html.lines(one.name, one.detail),
        medicines_words.gene_cell(one, genes),
        medicines_words.advice_cell(one),
        says,
    )


def _nothing(one: ListedMedicine) -> None:
    """Why there is no advice."""
    html.show(html.card_heading("", one.name, level_of(one.word), one.word))
    html.show(medicines_words.advice_cell(one))


def _why(one: ListedMedicine, answer: Answer, genes: Mapping[str, GeneRow], found: Medicines) -> None:
    row, used = answer.row, [genes[gene.gene] for gene in answer.genes if gene.gene in genes]
    rows = [
        html.Row("Finding", medicines_words.finding(answer, genes)),
        html.Row("Positions called", positions(used)),
        html.Row("Rule", html.lines(medicines_words.rule(answer), medicines_words.body(row))),
        html.Row("Strength", medicines_words.strength(answer)),
    ]
    rows += [html.Row("Read in its source", "Not verified")] if not row.verified else []
    rows += [html.Row("Update pending", row.citation.update_pending)] if row.citation.update_pending else []
    possible = [f"{gene.call.gene}: {names}" for gene in used if (names := medicines_words.also_possible(gene.call))]
    rows += [html.Row("Fits too", "; ".join(possible))] if possible else []
    untested = [f"{gene.call.gene} {allele}" for gene in used for allele in gene.call.tier1_untested]
    rows += [html.Row("Key alleles that were not tested", ", ".join(untested))] if untested else []
    rows += [html.Row("Dose", one.amount)] if one.amount else []
    rows += [html.Row(f"Dose by {name}", dose) for name, dose in one.doses]
    rows += [html.Row("Beside the genes", effect) for effect in (*one.effects, *one.acts)]
    rows += (
        [html.Row("Alternatives by the same genes", medicines_words.capital(medicines_words.checked(one)))]
        if one.alternatives
        else []
    )
    if any(gene.call.positions_called for gene in used):
        rows += [html.Row("Genotypes from", ", ".join((found.file, found.build)))]
    rows += [html.Row("Knowledge", f"{row.body}, as of {medicines_words.day(row.citation.as_of)}")]
    html.show(html.card_heading("", answer.title, level_of(one.word), one.word))
    html.show(html.join(html.sentence(answer.reason), html.values(rows), html.note(NOT_CONSIDERED)))
    html.show(html.source(row.citation.title, row.citation.url))


def positions(used: Sequence[GeneRow]) -> str:
    """'CYP2C19 8 of 35', of each gene."""
    return ", ".join(f"{row.call.gene} {called(row)}" for row in used) or "None"


def called(row: GeneRow) -> str:
    """'28 of 29', '1 read, 28 assumed', or who says so."""
    if row.assumed:
        apart = row.positions - row.call.positions_called
        read = f"{row.call.positions_called - row.assumed} read, {row.assumed} assumed"
        return f"{read}, {apart} missing" if apart else read
    if row.positions:
        return f"{row.call.positions_called} of {row.positions}"
    return "laboratory report" if row.call.diplotypes or row.call.presence else "needs a laboratory result"


def _compared(label: str, answers: Sequence[Answer]) -> html.Html:
    columns = [html.Column("Source", 22), html.Column("Advice", 58), html.Column("Strength", 20)]
    several = len({_genes(answer) for answer in answers}) > 1
    return html.table(label, columns, [_told(answer, several) for answer in answers])


def _genes(answer: Answer) -> str:
    return ", ".join(one.gene for one in answer.genes)


def _told(answer: Answer, of_genes: bool) -> tuple[html.Text, ...]:
    """A row of the comparison; of_genes : it says which genes it speaks of."""
    row = answer.row
    source = html.link(medicines_words.body(row), row.citation.url)
    word = medicines_words.word_of(answer)
    fact = html.join(html.chip(level_of(word), word), " ", html.tag("span", answer.title))
    return (
        html.join(source, html.tag("span", _genes(answer), cls="qualifier")) if of_genes else source,
        html.join(fact, html.tag("span", answer.short, cls="qualifier")),
        html.join(medicines_words.strength(answer), html.tag("span", medicines_words.caveats(row), cls="qualifier")),
    )


def _upload(label: str, patient: str) -> None:
    st.page_link("pages/upload.py", label=label, icon=":material/arrow_forward:", query_params={PATIENT: patient})
