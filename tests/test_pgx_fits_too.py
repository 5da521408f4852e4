"""A pair of alleles that fits too, though less well, is told with what it would mean."""

import json
from pathlib import Path

import pandas as pd
import pytest

from precision.io.vcf import read_vcf
from precision.pgx.advice_lines import advice_lines
from precision.pgx.calling import Settings, call
from precision.pgx.calls import Calls
from precision.pgx.definitions import sites
from precision.pgx.lines import json_lines

HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
# Both variants of TPMT *3A, strands unknown: *1/*3A is intermediate, *3B/*3C would be poor.
TPMT_3A = "chr6\t18138997\t.\tC\tT\t.\tPASS\t.\tGT\t0/1\nchr6\t18130687\t.\tT\tC\t.\tPASS\t.\tGT\t0/1\n"


@pytest.fixture
def calls(tmp_path: Path) -> Calls:
    path = tmp_path / "one.vcf"
    path.write_text(HEADER + TPMT_3A)
    return call(read_vcf(path, sites()), Settings("38", absent_as_reference=True))


def test_a_call_names_the_pairs_that_fit_too_with_their_probability(calls: Calls) -> None:
    line = next(one for one in map(json.loads, json_lines(calls)) if one["gene"] == "TPMT")
    assert line["diplotypes"] == ["*1/*3A"]
    other = next(one for one in line["also_fits"] if one["diplotype"] == "*3B/*3C")
    assert other["phenotype"] == "Poor Metabolizer"
    low, high = map(float, other["probability"].split(".."))
    assert 0 <= low <= high < 0.5


def test_advice_names_the_phenotype_that_fits_too(calls: Calls) -> None:
    lines = [json.loads(line) for line in advice_lines(calls, [("azathioprine", "clopidogrel")], {})]
    azathioprine = [line for line in lines if line["drug"] == "azathioprine" and "TPMT" in line["genes"]]
    assert azathioprine
    assert all("TPMT Poor Metabolizer" in line["other_phenotypes"] for line in azathioprine)
    assert all(line["other_phenotypes"] == [] for line in lines if line["drug"] == "clopidogrel")


def test_a_laboratory_result_of_one_sample_hides_nothing_of_another(tmp_path: Path) -> None:
    path = tmp_path / "two.vcf"
    both = TPMT_3A.replace("0/1\n", "0/1\t0/1\n")
    path.write_text(HEADER.replace("S1\n", "S1\tS2\n") + both)
    outside = pd.DataFrame({"sample": ["S2"], "gene": ["TPMT"], "diplotype": ["*1/*3A"]})
    found = call(read_vcf(path, sites()), Settings("38", absent_as_reference=True), outside=outside)
    lines = [json.loads(line) for line in advice_lines(found, [("azathioprine",)] * 2, {})]
    told = {line["sample"]: line["other_phenotypes"] for line in lines if "TPMT" in line["genes"]}
    assert "TPMT Poor Metabolizer" in told["S1"]
    assert told["S2"] == []
