"""The parts of the Sources page: what is not verified, the models, and every rule and threshold with its source."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from precision.knowledge.table import sources
from precision.model import Model, registry
from precision.ui import chrome, html
from precision.ui.risk_question import DOMAINS
from precision.workbench.facts import by_table, facts, search_text, unverified, unverified_advice
from precision.workbench.medicine_facts import names_recalled
from precision.workbench.panels import entries

ROW, MOST = 35, 15  # px of a row; rows in sight
CLOSED = "(imported)"
VARIANTS = "prevent_"  # of one publication, which stands there once


def heading() -> None:
    """What the page is for."""
    chrome.title(
        "Sources", right=[f"{len(facts()):,} rules, thresholds, effects and advice, {len(_listed_models())} models"]
    )


def not_verified() -> None:
    """Facts that nobody has read in their source: those that are not used, and those that are, which say so."""
    unused, used = unverified(), unverified_advice()
    chrome.section("Not verified", f"{len(unused) + len(used):,} of {len(facts()):,}")
    with chrome.card(key="sources_unverified"):
        _unused(unused)
    with chrome.card(key="sources_unverified_advice"):
        _used(used)


def _unused(rows: pd.DataFrame) -> None:
    """Rules and effects that decide nothing until somebody has read them."""
    if rows.empty:
        html.show(html.sentence("Every rule, threshold and effect was read in its source."))
        return
    many = _counted(len(rows), "rule, threshold or effect was", "rules, thresholds and effects were")
    html.show(html.sentence(f"{many} not read in a source. No number and no advice uses them."))
    columns = [
        html.Column("Fact", 24),
        html.Column("What it would say", 44),
        html.Column("Source", 20),
        html.Column("Year", 12, "right"),
    ]
    cells = [
        (html.lines(fact.replace("_", " "), table), says, html.link(source, _url(doi)), year)
        for table, fact, says, source, year, doi in rows.drop(columns="status").to_numpy(dtype=str).tolist()
    ]
    html.show(html.table("Facts that are not verified", columns, cells))


def _used(rows: pd.DataFrame) -> None:
    """What is told of medicines and was not read; the words 'not verified' stand beside it wherever it decides."""
    if rows.empty:
        html.show(html.sentence("Every row on medicines and enzymes was read in its source."))
    else:
        many = _counted(len(rows), "row on medicines and enzymes was", "rows on medicines and enzymes were")
        told = "not read in a source, but used: what rests on one says 'not verified' beside it."
        html.show(html.sentence(f"{many} {told}"))
    if names := names_recalled():
        many = _counted(names, "name or code of a medicine was", "names and codes of medicines were")
        html.show(html.note(f"{many} not read in a source either. It only serves to recognise the medicine."))
    if len(rows):
        rows = rows.drop(columns=["status", "doi"]).replace({"year": {"": "not known"}})
        _listed(rows, "sources_unverified_rows", "Facts on medicines that are not verified")


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _listed(rows: pd.DataFrame, key: str, alt: str) -> None:
    st.dataframe(
        rows.rename(columns=str.capitalize).rename(columns={"Doi": "DOI"}),
        hide_index=True,
        row_height=ROW,
        height=ROW * (min(len(rows), MOST) + 1) + 3,
        key=key,
        alt=alt,
    )


def models() -> None:
    """Every model with its publication; the closed ones say why they are not computed."""
    chrome.section("Models", "in the order of the Risk page")
    columns = [
        html.Column("Model", 24),
        html.Column("Domain", 10),
        html.Column("For whom", 36),
        html.Column("Publication", 30),
    ]
    rows = [_model(model) for model in _listed_models()]
    with chrome.card(key="sources_models"):
        html.show(html.table("Models", columns, rows))


def _listed_models() -> list[Model]:
    """Every model once; the variants of one publication stand there together."""
    placed = [entry.model for entry in entries()]
    apart = [name for name in registry() if name not in placed and not name.startswith(VARIANTS)]
    return [registry()[name] for name in (*placed, *apart)]


def rules() -> None:
    """Every fact, to search and sort."""
    chrome.section("Rules, thresholds, effects and advice")
    wanted = st.text_input(
        "Find", placeholder="Find a rule, a source or a status", key="sources_find", label_visibility="collapsed"
    )
    every = facts()
    shown = every[search_text().str.contains(wanted.lower(), regex=False)] if wanted else every
    if shown.empty:
        with chrome.card():
            html.show(html.state("No match", "No rule, threshold, effect or advice matches these words."))
        return
    _listed(shown, "sources_rules", "Every rule, threshold, effect and advice with its source")
    with st.popover("Facts by table", type="tertiary", key="sources_counts"):
        _by_table()
        html.show(
            html.note("Positions, alleles, functions and frequencies of genes are not among them: see Gene card.")
        )


def _by_table() -> None:
    columns = [html.Column("Table", 60), html.Column("Facts", 20, "right"), html.Column("Not verified", 20, "right")]
    cells = [(table, f"{total:,}", f"{open_:,}") for table, total, open_ in by_table().itertuples(index=False)]
    html.show(html.table("Facts by table", columns, cells))


def tables() -> None:
    """The knowledge tables with version and licence."""
    chrome.section("Knowledge tables")
    columns = [
        html.Column("Table", 26),
        html.Column("Version", 12),
        html.Column("Retrieved", 14),
        html.Column("Licence"),
    ]
    rows = [
        (html.link(one.name, one.url), one.version, f"{one.retrieved.day} {one.retrieved:%b %Y}", one.licence)
        for one in sources()
    ]
    with chrome.card(key="sources_tables"):
        html.show(html.table("Knowledge tables", columns, rows))


def _model(model: Model) -> tuple[html.Text, ...]:
    told = model.notice if CLOSED in model.label else model.population
    paper = f"{model.citation.text.partition('.')[0]}, {model.citation.year}"
    domain = DOMAINS.get(model.domain, model.domain.capitalize())
    return html.lines(model.label, model.name), domain, told, html.link(paper, model.citation.url)


def _url(doi: str) -> str:
    return f"https://doi.org/{doi}" if doi else ""
