"""Medicines and genes on the Cohort page: phenotypes beside published frequencies, and who takes what fits badly."""

from __future__ import annotations

import streamlit as st

from precision.figures import pharmacogenes as figures
from precision.figures.style import CONFIG
from precision.pgx.answers import plain
from precision.ui import chrome, html
from precision.ui.cohort_takers import medicines
from precision.ui.gene_cards import gene
from precision.ui.identity import SIMILARITY
from precision.ui.medicines_words import ANCESTRY, listed
from precision.workbench import disclosure, pharmacogenes
from precision.workbench.memberships import Mask
from precision.workbench.pharmacogenes import PhenotypeShare, PhenotypeShares, genetic_groups, in_genetic_group
from precision.workbench.roster import Roster

GENE, GROUP = "cohort_gene", "cohort_gene_group"
EVERYBODY = ""
GROUPS = {
    "AFR": "African",
    "AMR": "Admixed American",
    "EAS": "East Asian",
    "EUR": "European",
    "MID": "Middle Eastern",
    "OTH": "Other",
    "SAS": "South Asian",
}
PUBLISHED = "Published: CPIC allele frequencies of 2022, as phenotypes by Hardy-Weinberg."
CPIC_FREQUENCIES = "https://cpicpgx.org/guidelines/"


@st.fragment
def section(people: Roster, kept: Mask) -> None:
    """Both cards, side by side where there is room. Only this part runs again when a gene or medicine is chosen."""
    chrome.section(
        "Medicines and genes", "Of this selection. Patients who deny this use of gene results are not counted."
    )
    grid = st.grid(2, min_column_width=480, border=True)
    with grid.cell():
        _phenotypes(people, kept)
    with grid.cell():
        medicines(people, kept)


def _phenotypes(people: Roster, kept: Mask) -> None:
    html.show(html.card_heading("", "Phenotypes of a gene"))
    found = people.phenotypes
    genes = pharmacogenes.genes_with_phenotypes(found)
    if not genes:
        words = "No gene result is known of a patient of this cohort. Load a variant file or laboratory results."
        html.show(html.state("No data", words))
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="cohort_gene_line"):
        name = st.selectbox("Gene", genes, index=pharmacogenes.leading(genes), key=GENE, width=140)
        group = st.selectbox(
            SIMILARITY,
            (EVERYBODY, *genetic_groups(people)),
            format_func=lambda code: f"{GROUPS[code]} ({code})" if code else "All of this selection",
            key=GROUP,
            width=220,
        )
        if st.button("Gene card", icon=":material/genetics:", type="tertiary", key="cohort_gene_card"):
            gene(name)
    here = kept & in_genetic_group(people, group) if group else kept
    shares = pharmacogenes.phenotype_shares(found, name, here, group or pharmacogenes.one_group(people, here))
    if not shares.rows:
        _nothing(shares)
        return
    html.show(html.note(_said(shares)))
    st.plotly_chart(
        figures.phenotypes(shares), config=CONFIG, key="cohort_figure_gene", alt=figures.phenotypes_alt(shares)
    )
    html.show(html.note(_compared(shares)))
    with st.popover("As a table", type="tertiary", key="cohort_table_gene"):
        _twin(shares)


def _nothing(shares: PhenotypeShares) -> None:
    if shares.too_few:
        html.show(html.state(disclosure.FEW, disclosure.WHY))
    elif not shares.people:
        html.show(html.state("No match", "No patient of this selection belongs to this group."))
    else:
        words = f"{shares.gene} has no result for the {shares.people:,} patients of this group."
        html.show(html.state("Not determined", f"{words} This does not mean normal."))


def _said(shares: PhenotypeShares) -> str:
    """Of how many the shares are, and who stands apart."""
    whole = f"Shares of the {shares.with_result:,} patients with a result, with 95% interval."
    apart = (
        f" {disclosure.told(shares.unknown)} without one are not determined, which does not mean normal."
        if shares.unknown
        else ""
    )
    several = (
        f" Hatched: {disclosure.inside(shares.several)} patients whose genotype fits several phenotypes, "
        "counted in each of them."
        if shares.several
        else ""
    )
    return f"{whole}{apart}{several}"


def _compared(shares: PhenotypeShares) -> html.Html:
    """What the marks are, or why there are none."""
    if shares.compared:
        groups = listed([ANCESTRY[one] for one in shares.compared], "and")
        two = " The line joins both groups." if len(shares.compared) > 1 else ""
        return html.join(
            html.tag("b", "◆ ", style="color: var(--harm)"),
            html.link(PUBLISHED, CPIC_FREQUENCIES),
            f" Group: {groups}.{two}",
        )
    if shares.gene not in pharmacogenes.published():
        return html.join(f"No frequencies of {shares.gene} phenotypes are published that could stand beside these.")
    return html.join("Published figures are by group: choose one group by genetic similarity to compare with them.")


def _twin(shares: PhenotypeShares) -> None:
    columns = (
        html.Column("Phenotype", 34),
        html.Column("Patients", 18, "right"),
        html.Column("Share (95% interval)", 28, "right"),
        html.Column("Published", 20, "right"),
    )
    rows = [
        (
            html.tag("b", plain(row.phenotype)),
            _count(row),
            "not shown" if row.count is None else figures.words(row),
            figures.published(row),
        )
        for row in shares.rows
    ]
    html.show(html.table(f"{shares.gene} phenotypes", columns, rows))


def _count(row: PhenotypeShare) -> html.Text:
    if row.count is None or row.possible is None:
        return disclosure.FEW
    more = f"up to {row.possible:,}" if row.possible > row.count else ""
    return html.join(f"{row.count:,}", html.tag("span", more, cls="qualifier") if more else html.NOTHING)
