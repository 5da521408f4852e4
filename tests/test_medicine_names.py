"""Names of medicines are checked when a table is read: misspelt ones warn, unknown ones are counted."""

import difflib

import pandas as pd
import pytest

from precision.io import Import, read
from precision.io.review import Review
from precision.pgx.drugnames import drugs
from precision.pgx.drugs import near_names
from precision.workbench.checking import checked


def listed(rows: str, header: str = "patient_id,drug,code,status") -> Import:
    return checked(read([("list.csv", f"{header}\n{rows}".encode())]))


def told(imported: Import) -> pd.DataFrame:
    issues = imported.issues
    return issues[issues["code"].astype("str").str.startswith("medicine_")]


@pytest.mark.parametrize(
    "name",
    [
        "Clopidogrel bisulfate 75 mg tablets",
        "24 HR metoprolol succinate 50 MG Extended Release Oral Tablet",
        "PLAVIX 75mg",
        "acetaminophen 325 MG / hydrocodone bitartrate 7.5 MG Oral Tablet",
        "hydrocortisone cream",
    ],
)
def test_salts_strengths_forms_and_brands_are_no_issue(name: str) -> None:
    assert told(listed(f"a,{name},,\n")).empty


def test_each_row_of_a_misspelt_name_warns_and_the_page_has_one_line_for_each_name() -> None:
    imported = listed("a,clopidogrell,,\nb,codeine,,\nc,clopidogrell,,\nd,aspirin and simvastatinn,,\n")
    found = told(imported)
    assert found["row"].tolist() == [2, 4, 5]
    assert set(found["column"]) == {"drug"}
    assert set(found["severity"]) == {"warning"}
    assert imported.counts["with_warning"].tolist() == [3]
    lines = Review(imported).problems
    lines = lines[lines["found"].str.contains("near it")]
    assert lines["rows"].tolist() == ["2, rows 2 and 4", "1, row 5"]
    assert "near it: clopidogrel" in lines["found"].iloc[0]
    assert "'simvastatinn'" in lines["found"].iloc[1]


def test_many_unknown_medicines_are_one_remark_and_no_warning() -> None:
    rows = "".join(f"a,{'quxyz' * 3}{number},,\n" for number in range(200))
    imported = listed(rows)
    assert told(imported)[["row", "severity"]].to_numpy().tolist() == [[1, "info"]]
    assert "200 medicines in 200 rows are none of the" in told(imported)["reason"].iloc[0]
    assert "and 197 more" in told(imported)["reason"].iloc[0]
    assert imported.counts["with_warning"].tolist() == [0]
    assert "200" in Review(imported).problems["rows"].tolist()


def test_a_part_of_a_name_that_is_not_read_is_told_apart_from_what_is_not_known_at_all() -> None:
    found = told(listed("a,aspirin in xyzzyxyzzy,,\na,xyzzyxyzzy,,\na,,RXNORM:99999999,\n"))
    assert dict(zip(found["code"], found["severity"], strict=True)) == {
        "medicine_unknown": "info",
        "medicine_part_unread": "info",
    }
    reasons = found.set_index("code")["reason"]
    assert "'xyzzyxyzzy', 'RXNORM:99999999'" in reasons["medicine_unknown"]
    assert "'aspirin in xyzzyxyzzy'" in reasons["medicine_part_unread"]


def test_a_code_and_a_name_that_disagree_and_a_denial_warn() -> None:
    found = told(listed("a,aspirin,RXNORM:32968,\na,no aspirin,,\n"))
    assert found["severity"].tolist() == ["warning", "warning"]
    assert "the code stands for clopidogrel" in found["reason"].iloc[0]


def test_a_name_in_a_table_of_patients_is_checked_too() -> None:
    found = told(listed("a,f,50,codeine;clopidogrell 75 mg\n", "patient_id,sex,age,meds"))
    assert found[["row", "column", "value"]].to_numpy().tolist() == [[2, "meds", "clopidogrell"]]


def test_a_name_is_compared_only_with_those_that_share_its_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same names are near as by comparing each, which takes seconds for a table of unknown ones."""
    every = {text.casefold() for one in drugs().values() for text in (one.name, *one.synonyms, *one.brands)}
    compared: list[int] = []
    plain = difflib.get_close_matches

    def counted(word: str, names: list[str], n: int, cutoff: float) -> list[str]:
        compared.append(len(names))
        return plain(word, names, n, cutoff)

    monkeypatch.setattr(difflib, "get_close_matches", counted)
    for word in ("simvastatinn", "xyzopidogrel", "warfrin sodium", "qqqqqqqq", "metroprolol"):
        near = plain(word, [name for name in every if name[1:2] != " "], 3, 0.85)
        assert [name.casefold() for name in near_names([word], 0.85)] == near
    assert max(compared) < len(every) / 20
    times = len(compared)
    near_names(["simvastatinn"], 0.85)
    assert len(compared) == times


def test_a_name_and_a_code_that_stand_for_one_medicine_are_no_issue() -> None:
    assert told(listed("a,clopidogrel,RXNORM:32968,\n")).empty
