"""What laboratories write in the place of two alleles: bases at one position, a variant 'het' or 'hom', a phenotype."""

from __future__ import annotations

import re
from types import MappingProxyType

from precision.pgx.definitions import LOWEST_FUNCTION, Gene, Variant, genes
from precision.pgx.functions import rules_of
from precision.pgx.laboratory_words import allele_name, is_no_call, is_phenotype, worded

POSITIONS: MappingProxyType[str, tuple[str, str, str]] = MappingProxyType(
    {
        "ABCG2": ("rs2231142", "421", "C>A"),
        "IFNL3": ("rs12979860", "", ""),
        "SLCO1B1": ("rs4149056", "521", "T>C"),
        "VKORC1": ("rs9923231", "-1639", "G>A"),
    }
)
"""Gene -> the one position that stands for it: identifier, and number and change as the gene's own strand has them."""

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
OTHER_STRAND = str.maketrans("ACGT", "TGCA")
BRACKETS = "()[],;: "


def read_cell(gene: str, text: str) -> tuple[str, str]:
    """The diplotype and the phenotype that a cell for a diplotype holds, where its meaning is plain; else as it is.

    '521 TC' of SLCO1B1 is the phenotype of this genotype, '421 CA' of ABCG2 two alleles, 'c.2846A>T het' of DPYD a
    variant on one of two strands, '*2/*3 (IM)' a diplotype with the phenotype of the laboratory, and 'deficient' that
    alone. What stands beside a star allele that is 'het' is not told, and stays so.
    """
    if gene not in genes() or genes()[gene].rules.presence or not text or is_no_call(text):
        return text, ""
    if bases := _bases(gene, text):
        return _of_position(genes()[gene], bases)
    if is_worded(gene, text):
        return "", text
    return _copies(genes()[gene], text) or _with_phenotype(gene, text)


def is_worded(gene: str, text: str) -> bool:
    """Whether a text is one of the gene's phenotypes, however it is spelt."""
    return bool(rules_of(gene)) and is_phenotype(gene, worded(gene, text))


def _position(gene: Gene) -> Variant:
    rsid = POSITIONS[gene.name][0]
    return next(variant for variant in gene.variants if variant.rsid == rsid)


def _bases(gene: str, text: str) -> str:
    """The two bases on the forward strand, 'CT'; empty where the text is no genotype of the gene's position."""
    found = AT_POSITION.fullmatch(text.strip()) if gene in POSITIONS else None
    if found is None:
        return ""
    rsid, number, change = POSITIONS[gene]
    told = [found[name] for name in ("rsid", "number", "change")]
    if any(one and one.casefold() != known.casefold() for one, known in zip(told, (rsid, number, change), strict=True)):
        return ""
    ref, alt = _position(genes()[gene]).bases[:2]
    if found["copies"]:
        copies = found["copies"].casefold()
        return ref + alt if copies in HET and any(told) else alt + alt if copies in HOM and told[2] else ""
    bases = (found["one"] + found["two"]).upper()
    bases = bases if set(bases) <= {ref, alt} else bases.translate(OTHER_STRAND)
    if not set(bases) <= {ref, alt} or not (any(told) or _speaks_alone(gene, bases)):
        return ""
    return "".join(sorted(bases, key=(ref, alt).index))


def _speaks_alone(gene: str, bases: str) -> bool:
    """Whether bases without a position can only be those of the gene's one; rs8099917 of IFNL3 has T and G."""
    return len(genes()[gene].variants) == 1 and (gene != "IFNL3" or "C" in bases)


def _of_position(gene: Gene, bases: str) -> tuple[str, str]:
    fallback = gene.rules.fallback
    if fallback:
        return "", fallback["/".join(bases)]
    names = dict(zip(_position(gene).bases, gene.alleles, strict=True))
    return "/".join(names[base] for base in bases), ""


def _copies(gene: Gene, text: str) -> tuple[str, str] | None:
    """'a/b' of an allele that stands on one strand or on both; None where the text says no such thing."""
    found = COPIES.fullmatch(text.strip())
    name = allele_name(gene.name, found["name"]) if found else ""
    if found is None or name not in gene.alleles or name == gene.reference_name:
        return None
    if found["copies"].casefold() == "hom":
        return f"{name}/{name}", ""
    by_variant = gene.mode == LOWEST_FUNCTION or gene.lists_variants
    return (f"{gene.reference_name}/{name}", "") if by_variant else None


def _with_phenotype(gene: str, text: str) -> tuple[str, str]:
    """'*2/*3' and 'IM' of '*2/*3 (IM)'; 'c.1905+1G>A normal' speaks of one variant and not of the gene."""
    for blank in re.finditer(r"\s+", text):
        head, tail = text[: blank.start()].rstrip(BRACKETS), text[blank.end() :].strip(BRACKETS)
        if re.fullmatch(r"[^/|]+[/|][^/|]+", head) and is_worded(gene, tail):
            return head, tail
    return text, ""
