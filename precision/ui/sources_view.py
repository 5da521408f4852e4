"""The parts of the Sources page: what is not verified, the models, and every rule and threshold with its source."""

from __future__ import annotations

import streamlit as st

from precision.knowledge.table import sources
from precision.model import Model, registry
from precision.ui import chrome, html
from precision.ui.risk_question import DOMAINS
from precision.workbench.facts import facts, unverified
from precision.workbench.panels import entries

ROW, MOST = 35, 15  # px of a row; rows in sight
CLOSED = "(imported)"
VARIANTS = "prevent_"  # of one publication, which stands there once


def heading() -> None:
    """What the page is for."""
    chrome.title("Sources", right=[f"{len(facts()):,} rules, thresholds and effects, {len(registry())} models"])


def not_verified() -> None:
    """Facts that nobody has read in their source; they decide nothing."""
    rows = unverified()
    chrome.section("Not verified", f"{len(rows):,} of {len(facts()):,}")
    with chrome.card(key="sources_unverified"):
        if rows.empty:
            html.show(html.sentence("Every rule, threshold and effect was read in its source."))
            return
        html.show(html.sentence("They are used in no number and no advice until read in their source."))
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


def models() -> None:
    """Every model with its publication; the closed ones say why they are not computed."""
    chrome.section("Models", "in the order of the Risk page")
    columns = [
        html.Column("Model", 24),
        html.Column("Domain", 10),
        html.Column("For whom", 36),
        html.Column("Publication", 30),
    ]
    placed = [entry.model for entry in entries()]
    apart = [name for name in registry() if name not in placed and not name.startswith(VARIANTS)]
    rows = [_model(registry()[name]) for name in (*placed, *apart)]
    with chrome.card(key="sources_models"):
        html.show(html.table("Models", columns, rows))


def rules() -> None:
    """Every fact, to search and sort."""
    chrome.section("Rules, thresholds and effects")
    wanted = st.text_input(
        "Find", placeholder="Find a rule, a source or a status", key="sources_find", label_visibility="collapsed"
    )
    every = facts()
    text = every.agg(" ".join, axis=1).str.lower()
    shown = every[text.str.contains(wanted.lower(), regex=False)] if wanted else every
    if shown.empty:
        with chrome.card():
            html.show(html.state("No match", "No rule, threshold or effect matches these words."))
        return
    st.dataframe(
        shown.rename(columns=str.capitalize).rename(columns={"Doi": "DOI"}),
        hide_index=True,
        row_height=ROW,
        height=ROW * (min(len(shown), MOST) + 1) + 3,
        key="sources_rules",
    )


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
