"""Gene card and drug card: what is known here of one gene or one medicine, with who says so."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from precision.pgx.advice import Advice
from precision.pgx.advising import CERTAIN
from precision.pgx.answers import Answer
from precision.ui import html
from precision.ui.medicines_words import ANCESTRY, NOT_SAFE, capital, caveats, listed, rule, source
from precision.ui.severity import level_of
from precision.workbench.cards import DrugCard, GeneCard, Guided, drug_card, gene_card

ROW, IN_SIGHT = 35, 10  # px of a row; rows in sight
NOT_VERIFIED = "not verified"


def gene(name: str) -> None:
    """Open a dialog with the card of a gene."""
    st.dialog(name, width="large")(_gene)(gene_card(name))


def _gene(card: GeneCard) -> None:
    html.show(html.values(_gene_facts(card)))
    alleles, positions, frequencies, drugs = st.tabs(
        ["Alleles", "Positions", "Frequencies", "Medicines"], key="gene_card_tabs"
    )
    with alleles:
        _frame(card.alleles, "No allele of this gene has a function here.", f"Alleles of {card.gene}")
        html.show(html.note("Function and activity value as each body assigns them; empty: it assigns none."))
    with positions:
        _frame(card.positions, "This gene is read from a laboratory result only.", f"Positions of {card.gene}")
    with frequencies:
        _gene_frequencies(card)
    with drugs:
        _gene_drugs(card)


def _gene_facts(card: GeneCard) -> list[html.Row]:
    pairs = listed([f"{body} {count:,}" for body, count in card.rules.items() if count], "and")
    how = "laboratory result only" if card.laboratory else f"variant file, {len(card.positions):,} positions"
    rows = [
        html.Row("Read from", how),
        html.Row("Alleles", f"{len(card.alleles):,}"),
        html.Row("Combinations that have a phenotype", pairs or "none"),
        html.Row("Medicines with guidance", f"{len(card.guided):,}"),
        html.Row("Tables", card.version),
    ]
    return [*rows, html.Row("Update pending", card.update_pending)] if card.update_pending else rows


def _gene_frequencies(card: GeneCard) -> None:
    shown = card.frequencies.rename(columns={code: f"{words}, %" for code, words in ANCESTRY.items()})
    _frame(shown, "No allele frequencies are published here for this gene.", f"Allele frequencies of {card.gene}")
    if shown.empty:
        return
    html.show(html.note("CPIC, 2022, by biogeographical group. 0: not observed or not reported. Missing: no data."))
    if not card.add_up:
        html.show(
            html.note("Alleles of this gene are counted twice where they lie together: do not add these figures.")
        )


def _gene_drugs(card: GeneCard) -> None:
    if not card.guided:
        html.show(html.state("No guidance", f"No body links a medicine to {card.gene}. {NOT_SAFE}"))
        return
    html.show(html.note("Most cautious advice for any result of this gene, alone or with others."))
    columns = (html.Column("Advice", 26), html.Column("Medicine", 44), html.Column("Bodies", 30))
    html.show(html.table(f"Medicines with guidance for {card.gene}", columns, [_guided(one) for one in card.guided]))


def _guided(one: Guided) -> tuple[html.Text, ...]:
    return html.chip(level_of(one.word), one.word), html.tag("b", capital(one.drug)), ", ".join(one.bodies)


def drugs(title: str, ingredients: Sequence[str]) -> None:
    """Open a dialog with the card of each ingredient of a medicine."""
    st.dialog(title, width="large")(_drugs)(ingredients)


def _drugs(ingredients: Sequence[str]) -> None:
    for name in ingredients:
        if len(ingredients) > 1:
            html.show(html.heading(capital(name), level=3))
        drug_guidance(name)


def drug_guidance(name: str) -> None:
    """The card of a medicine: identifiers, enzymes, and what each body says for which result."""
    card = drug_card(name)
    html.show(html.values(_drug_facts(card)))
    if not card.advice:
        html.show(html.state("No guidance", f"No guideline links a gene to {name}. {NOT_SAFE}"))
        return
    columns = (
        html.Column("Advice", 19),
        html.Column("Result", 27),
        html.Column("What to do", 32),
        html.Column("Source", 22),
    )
    rows = [_advice(row) for row in sorted(card.advice, key=lambda row: -row.urgency)]
    html.show(html.table(f"Guidance for {name}", columns, rows))


def _advice(row: Advice) -> tuple[html.Text, ...]:
    why = capital(row.mechanism.replace("{drug}", row.drug))
    told = Answer(row, CERTAIN, row.urgency, (), ())  # as for somebody with this result
    return html.chip(level_of(row.word), row.word), rule(told), html.lines(told.title, why), source(told)


def _drug_facts(card: DrugCard) -> list[html.Row]:
    drug, unsure = card.drug, sum(bool(caveats(row)) for row in card.advice)
    roles = [f"{one.enzyme} {one.role}{'' if one.verified else f' ({NOT_VERIFIED})'}" for one in card.roles]
    known = (
        []
        if drug is None
        else [
            html.Row("RxNorm", _checked(drug.rxnorm, drug.rxnorm_verified)),
            html.Row("ATC", _checked(", ".join(drug.atc), drug.atc_verified)),
            html.Row("Brands", _checked(", ".join(drug.brands), drug.brands_verified)),
        ]
    )
    told = f"{len(card.advice):,}" + (f", {unsure:,} not verified or with an update pending" if unsure else "")
    return [*known, html.Row("Enzymes", ", ".join(roles) or "none listed"), html.Row("Rules", told)]


def _checked(text: str, verified: bool) -> str:
    return "not known here" if not text else text if verified else f"{text} ({NOT_VERIFIED})"


def _frame(rows: pd.DataFrame, nothing: str, alt: str) -> None:
    if rows.empty:
        html.show(html.state("No data", nothing))
        return
    height = ROW * (1 + min(len(rows), IN_SIGHT)) + 1
    st.dataframe(rows, hide_index=True, row_height=ROW, height=height, placeholder="no data", alt=alt, key=alt)
