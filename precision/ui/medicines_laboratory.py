"""Results of a laboratory that a reader enters for a patient's genes: they count until the session ends."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from precision.errors import InputError
from precision.pgx.answers import plain
from precision.pgx.definitions import genes
from precision.pgx.functions import rules_of
from precision.pgx.outside import PRESENCE, interpret
from precision.ui import html
from precision.ui.medicines_data import enter, entered, remove
from precision.ui.medicines_words import capital, doubted, doubts, present, read_as
from precision.workbench.medicine_list import GeneRow

GENE, ALLELES, PHENOTYPE, FAILED = (f"medicines_result_{name}" for name in ("gene", "alleles", "phenotype", "failed"))
NO_FUNCTION = "function_not_assigned"
ONE_ALLELE = "second_allele_missing"
ENTERED = "Entered here"
TWO_NEEDED = "{gene} '{text}': two alleles are needed, as in {text}/{text} or *1/{text}."
FIRST = "CYP2D6"  # the gene that most often comes from a laboratory
ONLY_NOW = "Counts on this page until the session ends. Nothing is stored."
NOTHING_GIVEN = "Write a diplotype as in *1/*4, or choose a phenotype."
NO_RULE = "{gene} '{text}': no source gives a phenotype for it. Correct it, or choose the phenotype of the report."


def laboratory(patient: str, rows: Mapping[str, GeneRow]) -> None:
    """Results of a laboratory that were entered here, and the way to enter one; rows : gene -> as it is then."""
    with st.container(border=True, gap="xsmall", key="medicines_laboratory"):
        html.show(html.card_heading("", "Enter a laboratory result"))
        for gene, (alleles, phenotype) in entered(patient).items():
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                html.show(html.remark(ENTERED, f"{gene} {_understood(gene, alleles, phenotype, rows)}. Not stored."))
                st.button(
                    "Remove", type="tertiary", key=f"medicines_remove_{gene}", on_click=remove, args=(patient, gene)
                )
            if gene in rows and doubts(rows[gene]):
                html.show(doubted(rows[gene]))
        _form(patient, tuple(genes()))
        if failure := st.session_state.pop(FAILED, ""):
            html.show(html.state("Refused", failure))
        html.show(html.note(ONLY_NOW))


def _understood(gene: str, alleles: str, phenotype: str, rows: Mapping[str, GeneRow]) -> str:
    """What counts of a result that was entered, in the words of the gene table; else as it was written."""
    understood = read_as(rows[gene].call) if gene in rows else ""
    return understood or ", ".join(filter(None, (alleles, present(plain(phenotype)))))


def _form(patient: str, names: tuple[str, ...]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="medicines_result"):
        gene = st.selectbox("Gene", names, index=names.index(FIRST), key=GENE, width=150)
        st.text_input("Diplotype", placeholder="*1/*4", key=f"{ALLELES}_{gene}", width=170)
        st.selectbox(
            "or phenotype", _phenotypes(gene), index=None, format_func=_option, key=f"{PHENOTYPE}_{gene}", width=270
        )
        st.button("Enter result", key="medicines_result_enter", on_click=_keep, args=(patient, gene))


def _phenotypes(gene: str) -> list[str]:
    """Phenotypes of a gene in the words of its first source, or the presence of its alleles."""
    if alleles := genes()[gene].rules.presence:
        return [f"{allele} {told}" for allele in alleles for told in PRESENCE]
    return list(dict.fromkeys(one for rules in rules_of(gene)[:1] for one in rules.phenotypes if one))


def _option(phenotype: str) -> str:
    return present(plain(phenotype))


def _keep(patient: str, gene: str) -> None:
    alleles = str(st.session_state.get(f"{ALLELES}_{gene}") or "").strip()
    phenotype = st.session_state.get(f"{PHENOTYPE}_{gene}") or ""
    if refusal := _refusal(gene, alleles, phenotype):
        st.session_state[FAILED] = refusal
        return
    enter(patient, gene, alleles, phenotype)
    st.session_state[f"{ALLELES}_{gene}"], st.session_state[f"{PHENOTYPE}_{gene}"] = "", None


def _refusal(gene: str, alleles: str, phenotype: str) -> str:
    """Why a result cannot count; empty where it can."""
    if not alleles and not phenotype:
        return NOTHING_GIVEN
    try:
        found = interpret(gene, alleles, phenotype)
    except InputError as error:
        return f"{capital(str(error))}."
    if ONE_ALLELE in found.reasons and not phenotype:
        return TWO_NEEDED.format(gene=gene, text=alleles)
    unknown = any(code.startswith(NO_FUNCTION) for code in found.reasons)
    told = phenotype or found.presence or (found.phenotype and not unknown)
    return "" if told else NO_RULE.format(gene=gene, text=alleles)
