"""Files that cannot be read say why, and what to do."""

import gzip
from pathlib import Path

import pytest

import precision.io.vcf_issues
from precision.errors import InputError
from precision.io.vcf import read_vcf
from precision.io.vcf_issues import KINDS
from tests.vcf_files import bgzf, bgzf_block, line, vcf

BAD_FILES = {
    "empty": (b"", "is empty"),
    "only space": (b"\n \n", "is empty"),
    "empty gzip": (gzip.compress(b""), "is empty"),
    "a table": (b"patient_id,sex,age\n", "is no VCF: line 1 is 'patient_id,sex,age'"),
    "rubbish": (bytes(range(128, 256)) * 40, "is no VCF"),
    "zeros": (b"\0" * 5000, "is no VCF"),
    "BCF": (bgzf(b"BCF\2\2rest"), "bcftools view"),
    "BAM": (bgzf(b"BAM\1rest"), "a BAM file of reads"),
    "zip": (b"PK\x03\x04rest", "zip archive"),
    "packed twice": (gzip.compress(gzip.compress(vcf([]))), "compressed twice"),
    "header only cut": (b"##fileformat=VCFv4.2\n##x=y\n", "without a line of column names"),
    "no column names": (b"##fileformat=VCFv4.2\n1\t5\t.\tA\tG\t.\t.\t.\tGT\t0/1\n", "line 2: the records begin"),
    "no samples": (vcf([], ()), "line 3: the header names no sample"),
    "sites only": (b"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n", "names no sample"),
    "spaces": (b"##fileformat=VCFv4.2\n#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT A\n", "separated by tabs"),
    "sample twice": (vcf([], ("A", "B", "A")), "sample 'A' has 2 columns"),
    "bad position": (vcf([line("1:x5", "A", "G", "0/1")]), "line 4, column POS: 'x5' is no position"),
    "huge position": (vcf([line("1:9999999999", "A", "G", "0/1")]), "'9999999999' is no position"),
    "no chromosome": (vcf([]) + b"\t5\t.\tA\tG\t.\t.\t.\tGT\t0/1\n", "line 4, column CHROM: '' is no name"),
    "space before": (vcf([]) + b" 1\t5\t.\tA\tG\t.\t.\t.\tGT\t0/1\n", "line 4, column CHROM: ' 1' is no name"),
    "one column": (vcf(["hello"]), "line 4, column POS: 'hello' is no position"),
    "bad REF": (
        vcf([line("1:5", "A", "G", "0/1"), line("1:6", "Q1", "G", "0/1")]),
        r"line 5 \(1:6\), column REF: 'Q1'",
    ),
    "cut gzip": (gzip.compress(vcf([line("1:5", "A", "G", "0/1")] * 500))[:-20], "ends too early"),
    "cut BGZF": (bgzf(vcf([line("1:5", "A", "G", "0/1")] * 500))[:-40], "ends too early"),
    "damaged gzip": (gzip.compress(vcf([]))[:40] + b"xxxx" + gzip.compress(vcf([]))[44:], "damaged"),
    "damaged BGZF": (bgzf(vcf([]))[:40] + b"xxxx" + bgzf(vcf([]))[44:], "damaged"),
    "rubbish after BGZF": (bgzf_block(vcf([])) + b"rubbish that is no block", "no block of BGZF begins"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_cannot_be_read_says_why(kind: str) -> None:
    content, words = BAD_FILES[kind]
    with pytest.raises(InputError, match=words) as raised:
        read_vcf(("bad.vcf", content), None)
    assert str(raised.value).startswith("bad.vcf")


def test_a_path_that_is_not_there_is_an_input_error() -> None:
    with pytest.raises(InputError, match=r"nowhere\.vcf cannot be read: No such file"):
        read_vcf("nowhere.vcf", None)


def test_every_kind_of_issue_is_noted_somewhere() -> None:
    """A kind that nothing adds promises a report that never comes."""
    own = Path(precision.io.vcf_issues.__file__)
    sources = "".join(path.read_text(encoding="utf-8") for path in own.parent.glob("*.py") if path != own)
    assert [code for code in KINDS if f'"{code}"' not in sources] == []
