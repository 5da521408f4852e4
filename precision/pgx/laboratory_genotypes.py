"""What laboratories write in the place of two alleles: bases at one position, a variant 'het' or 'hom', a phenotype."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import NamedTuple

from precision.pgx.definitions import LOWEST_FUNCTION, Gene, Variant, genes
from precision.pgx.functions import rules_of
from precision.pgx.laboratory_words import (
    allele_name,
    is_allele,
    is_no_call,
    is_phenotype,
    presence_told,
    score_told,
    worded,
)

POSITIONS: MappingProxyType[str, tuple[str, str, str]] = MappingProxyType(
    {
        "ABCG2": ("rs2231142", "421", "C>A"),
        "IFNL3": ("rs12979860", "", ""),
        "NUDT15": ("rs116855232", "415", "C>T"),
        "SLCO1B1": ("rs4149056", "521", "T>C"),
        "VKORC1": ("rs9923231", "-1639", "G>A"),
    }
)
"""Gene -> the one position that stands for it: identifier, and number and change as the gene's own strand has them."""

PROTEIN: MappingProxyType[str, str] = MappingProxyType({"ABCG2": "q141k", "NUDT15": "r139c", "SLCO1B1": "v174a"})
"""Gene -> what the change at that position makes of the protein."""

AT_POSITION = re.compile(
    r"(?P<rsid>rs\d+)?\s*(?:c\.)?(?P<number>-?\d+)?\s*(?P<change>[ACGT]>[ACGT])?\s*"
    r"(?:(?P<one>[ACGT])\s*[/|]?\s*(?P<two>[ACGT])|(?P<copies>[a-z]+))",
    re.IGNORECASE,
)
COPIES = re.compile(
    r"(?P<name>.*\S)\s+\(?(?P<copies>het|hom)(?:erozygous|erozygote|ozygous|ozygote)?\)?", re.IGNORECASE
)
HET = ("het", "heterozygous", "heterozygote")
HOM = ("hom", "homozygous", "homozygote")  # said of a change; of a position it tells no base
AT_VARIANT = re.compile(r"(?P<name>\S+)\s+(?P<bases>[ACGT]\s*[/|]?\s*[ACGT])", re.IGNORECASE)
CHANGE = re.compile(r"\S+([ACGT])>([ACGT])")
OTHER_STRAND = str.maketrans("ACGT", "TGCA")
BESIDE = re.compile(r"\s+|(?<=[^\s(\[])(?=[(\[])")  # where a diplotype may end and what is said of it begin
DASH = re.compile(r"^[-\N{EN DASH}]\s+|\s+[-\N{EN DASH}]$")  # a dash with no blank is part of a name: 'A-'
UGT1A1_REPEATS = re.compile(r"7\s*[/|]\s*7")  # no *7 is in the tables; 6 is *6 or six repeats, so it stays


class Cell(NamedTuple):
    """What a cell holds; each may be empty."""

    diplotype: str
    phenotype: str = ""
    activity_score: str = ""


def read_cell(gene: str, text: str) -> Cell:
    """What a cell for a diplotype holds, where its whole meaning is plain; else the cell as it is.

    '521 TC' of SLCO1B1 is the phenotype of this genotype, '421 CA' of ABCG2 two alleles, 'c.2846A>T het' of DPYD a
    variant on one of two strands, '*2/*3 (IM)' a diplotype with the phenotype of the laboratory, '*57:01 absent' of
    HLA-B the absence of an allele, and 'deficient' a phenotype alone. What stands beside a star allele that is 'het'
    is not told, and stays so.
    """
    if gene not in genes() or not text or is_no_call(text):
        return Cell(text)
    if genes()[gene].rules.presence:
        return Cell("", text) if presence_told(gene, text) else Cell(text)
    if bases := _bases(gene, text):
        return _of_position(genes()[gene], bases) or Cell(text)
    if is_worded(gene, text):
        return Cell("", text)
    if score := _score(gene, text):
        return Cell("", "", score)
    if gene == "UGT1A1" and UGT1A1_REPEATS.fullmatch(text):
        return Cell("*28/*28")
    return _copies(genes()[gene], text) or _at_variant(genes()[gene], text) or _with_more(gene, text)


def is_worded(gene: str, text: str) -> bool:
    """Whether a text is one of the gene's phenotypes, however it is spelt."""
    return bool(rules_of(gene)) and is_phenotype(gene, worded(gene, text))


def _position(gene: Gene) -> Variant:
    rsid = POSITIONS[gene.name][0]
    return next(variant for variant in gene.variants if variant.rsid == rsid)


def _bases(gene: str, text: str) -> str:
    """The two bases on the forward strand, 'CT'; empty where the text is no genotype of the gene's position."""
    rsid, number, change = POSITIONS.get(gene, ("", "", ""))
    name, _, copies = text.strip().partition(" ")
    text = f"{rsid} {change} {copies}" if name.casefold().removeprefix("p.") == PROTEIN.get(gene) else text.strip()
    found = AT_POSITION.fullmatch(text) if rsid else None
    if found is None:
        return ""
    told = [found[name] for name in ("rsid", "number", "change")]
    if any(one and one.casefold() != known.casefold() for one, known in zip(told, (rsid, number, change), strict=True)):
        return ""
    if not (any(told[:2]) or len(genes()[gene].variants) == 1):
        return ""
    ref, alt = _position(genes()[gene]).bases[:2]
    if found["copies"]:
        copies = found["copies"].casefold()
        return ref + alt if copies in HET and any(told) else alt + alt if copies in HOM and told[2] else ""
    written = (found["one"] + found["two"]).upper()
    bases = written if set(written) <= {ref, alt} else written.translate(OTHER_STRAND)
    if not set(bases) <= {ref, alt} or not (any(told) or _speaks_alone(gene, written)):
        return ""
    return "".join(sorted(bases, key=(ref, alt).index))


def _speaks_alone(gene: str, written: str) -> bool:
    """Whether bases without a position can only be those of the gene's one; rs8099917 of IFNL3 has T and G."""
    return len(genes()[gene].variants) == 1 and (gene != "IFNL3" or "C" in written)


def _of_position(gene: Gene, bases: str) -> Cell | None:
    """None where the position excludes one allele of several and nothing else."""
    if fallback := gene.rules.fallback:
        return Cell("", fallback["/".join(bases)])
    position = _position(gene)
    if len(gene.variants) > 1:
        name = next(iter(_alone(gene, position, position.bases[1])), "")
        return _strands(gene, name, [base != position.bases[0] for base in bases])
    names = dict(zip(position.bases, gene.alleles, strict=True))
    return Cell("/".join(names[base] for base in bases))


def _alone(gene: Gene, variant: Variant, base: str) -> list[str]:
    """The allele that a base at one position makes without any other, if there is one."""
    column = gene.variants.index(variant)
    has = (gene.row_code[:, column] == variant.bases.index(base)) & (gene.row_defines.sum(axis=1) == 1)
    return [gene.alleles[index] for index in gene.row_allele[has & gene.row_defines[:, column]]]


def _strands(gene: Gene, name: str, carried: list[bool]) -> Cell | None:
    """The allele on those of two strands that carry it; None where none does, for others may."""
    if not name or not any(carried):
        return None
    return Cell("/".join(name if one else gene.reference_name for one in sorted(carried)))


def _copies(gene: Gene, text: str) -> Cell | None:
    """'a/b' of an allele that stands on one strand or on both; None where the text says no such thing."""
    found = COPIES.fullmatch(text.strip())
    name = allele_name(gene.name, found["name"]) if found else ""
    if found is None or name not in gene.alleles or name == gene.reference_name:
        return None
    if found["copies"].casefold() == "hom":
        return Cell(f"{name}/{name}")
    by_variant = gene.mode == LOWEST_FUNCTION or gene.lists_variants
    return Cell(f"{gene.reference_name}/{name}") if by_variant else None


def _at_variant(gene: Gene, text: str) -> Cell | None:
    """'rs3918290 C/T' and 'c.1905+1G>A G/A' of genes whose alleles are variants; 'C/C' says nothing of the others."""
    found = AT_VARIANT.fullmatch(text.strip()) if gene.mode == LOWEST_FUNCTION else None
    if found is None:
        return None
    bases = re.sub(r"[\s/|]", "", found["bases"].upper())
    read = {_carried(gene, *change, bases) for change in _changes(gene, found["name"])} - {None}
    return read.pop() if len(read) == 1 else None


def _changes(gene: Gene, name: str) -> list[tuple[str, str, str]]:
    """Allele, base without it and base of it for an identifier (forward strand) or a name (strand of the gene)."""
    at = next((variant for variant in gene.variants if variant.rsid == name.casefold()), None)
    if at is not None:
        return [(allele, at.bases[0], base) for base in at.bases[1:] for allele in _alone(gene, at, base)]
    allele = allele_name(gene.name, name)
    change = CHANGE.fullmatch(allele.partition(" (")[0])
    return [(allele, change[1], change[2])] if change and allele in gene.alleles else []


def _carried(gene: Gene, allele: str, ref: str, alt: str, bases: str) -> Cell | None:
    """A pair of equal bases that are each other's complement, as of A>T, may be of either strand."""
    if len(ref) != 1 or len(alt) != 1 or (len(set(bases)) == 1 and ref == alt.translate(OTHER_STRAND)):
        return None
    bases = bases if set(bases) <= {ref, alt} else bases.translate(OTHER_STRAND)
    return _strands(gene, allele, [base == alt for base in bases]) if set(bases) <= {ref, alt} else None


def _score(gene: str, text: str) -> str:
    """'1.0' of 'AS 1.0', of a gene with activity scores."""
    return score_told(text, is_named=True) if any(rules.ranges for rules in rules_of(gene)) else ""


def _with_more(gene: str, text: str) -> Cell:
    """'*2/*3' and 'IM' of '*2/*3 (IM)' or 'IM *2/*3': two alleles that are known, and all of the rest is plain."""
    for blank in BESIDE.finditer(text):
        parts = (_bare(text[: blank.start()]), _bare(text[blank.end() :]))
        for head, tail in (parts, parts[::-1]):
            if found := _both(gene, head, tail):
                return found
    return Cell(text)


def _both(gene: str, head: str, tail: str) -> Cell | None:
    names = [allele_name(gene, name.strip()) for name in re.split("[/|]", head)]
    if len(names) != 2 or not all(is_allele(gene, name) for name in names):
        return None
    if is_worded(gene, tail):
        return Cell(head, tail)
    if score := _score(gene, tail):
        return Cell(head, "", score)
    return Cell(head) if tail.casefold() in (HOM if names[0] == names[1] else HET) else None


def _bare(text: str) -> str:
    """Without the signs that part it from what stands beside it, and without brackets around all of it."""
    text = DASH.sub("", text.strip(" ,;:=")).strip(" ,;:=")
    return text[1:-1].strip() if text[:1] + text[-1:] in ("()", "[]") else text
