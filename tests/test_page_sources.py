"""The Sources page: every rule and model with its source, and what is not verified."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from precision.knowledge.table import sources
from precision.model import registry
from precision.workbench.facts import STATUS_WORDS, by_table, facts, unverified, unverified_advice

APP = str(Path(__file__).parents[1] / "app.py")


def opened() -> AppTest:
    test = AppTest.from_file(APP, default_timeout=60).run().switch_page("pages/sources.py").run()
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    return " ".join(str(block.proto.body) for block in test.get("html"))


def test_every_rule_threshold_and_effect_bears_source_year_and_status() -> None:
    every = facts()
    assert len(every) > 100
    assert every["status"].isin(list(STATUS_WORDS.values())).all()
    assert every["source"].str.len().gt(1).all()
    dated = every[every["year"] != ""]
    assert dated["year"].astype(int).between(1980, 2026).all()
    assert (every.loc[every["year"] == "", "status"] == "Not verified").all()
    assert every["fact"].str.len().gt(0).all()


def test_what_is_not_verified_is_listed_first_and_by_name() -> None:
    rows, text = unverified(), said(opened())
    assert len(rows)
    assert (facts()["status"].head(len(rows)) == "Not verified").all()
    for fact in rows["fact"]:
        assert fact.replace("_", " ") in text


def test_advice_and_enzymes_are_among_the_facts_and_the_recalled_ones_are_told_apart() -> None:
    tables = set(facts()["table"])
    assert {"CPIC advice", "DPWG advice", "FDA advice", "Enzymes: modulators", "Enzymes: shifts"} <= tables
    recalled, test = unverified_advice(), opened()
    assert set(recalled["status"]) == {"Not verified"}
    assert not set(recalled.index) & set(unverified().index)
    assert len(test.dataframe[0].value) == len(recalled)
    assert f"{len(recalled):,} rows on medicines and enzymes" in said(test)
    assert by_table()["facts"].sum() == len(facts())


def test_what_is_said_of_unverified_rows_agrees_with_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    text = said(opened())
    assert f"{len(unverified())} rules, thresholds and effects were not read in a source." in text
    assert "No number and no advice uses them." in text
    assert f"{len(unverified()) + len(unverified_advice())} of {len(facts()):,}" in text
    assert "but used: what rests on one says &#x27;not verified&#x27; beside it." in text
    rows = re.search(r'aria-label="Models".*?</table>', text, re.DOTALL)
    assert rows is not None
    assert f"{rows[0].count('<tr>') - 1} models" in text
    monkeypatch.setattr("precision.ui.sources_view.unverified", lambda: facts().iloc[:0])
    monkeypatch.setattr("precision.ui.sources_view.unverified_advice", lambda: unverified().iloc[:1])
    monkeypatch.setattr("precision.ui.sources_view.names_recalled", lambda: 1)
    text = said(opened())
    assert "Every rule, threshold and effect was read in its source." in text
    assert "1 row on medicines and enzymes was not read in a source, but used" in text
    assert "1 name or code of a medicine was not read in a source either." in text


def test_every_model_is_listed_with_its_publication_and_the_closed_ones_with_their_reason() -> None:
    text = said(opened())
    for model in (one for name, one in registry().items() if not name.startswith("prevent_")):
        assert f">{model.label}<" in text
        assert model.citation.doi in text
    for closed in ("FRAX", "BOADICEA", "IBIS"):
        assert f"{closed} is not computed here" in text


def test_every_knowledge_table_is_listed_with_its_licence() -> None:
    text = said(opened())
    for source in sources():
        assert source.name in text
        assert source.version in text


@pytest.mark.parametrize(("words", "found"), [("low-dose CT", True), ("no such rule anywhere", False)])
def test_rules_can_be_searched(words: str, found: bool) -> None:
    test = opened()
    test.text_input(key="sources_find").set_value(words).run()
    assert not test.exception
    assert any("Status" in table.value for table in test.dataframe) is found
    assert ("No match" in said(test)) is not found
