"""Codes of diagnoses and drugs with the system they belong to: ICD10CM:E11.9, SNOMED:44054006, RXNORM:617310."""

from __future__ import annotations

import re

SYSTEMS = {
    "icd10cm": "ICD10CM", "icd_10_cm": "ICD10CM", "icd10": "ICD10CM", "icd_10": "ICD10CM", "icd9cm": "ICD9CM",
    "icd9": "ICD9CM", "snomed": "SNOMED", "snomed_ct": "SNOMED", "snomedct": "SNOMED", "sct": "SNOMED",
    "sctid": "SNOMED", "mondo": "MONDO",
    "hp": "HP", "hpo": "HP", "omim": "OMIM", "orpha": "ORPHA", "rxnorm": "RXNORM", "rxcui": "RXNORM", "atc": "ATC",
    "ndc": "NDC", "loinc": "LOINC", "name": "NAME",
}  # fmt: skip
SHAPES = {
    "conditions": (
        ("ICD10CM", re.compile(r"[A-TV-Z][0-9][0-9A-Z]([._]?[0-9A-Z]{1,4})?", re.IGNORECASE)),
        ("SNOMED", re.compile(r"[0-9]{6,18}")),
    ),
    "medications": (
        ("ATC", re.compile(r"[A-DGHJLMNPRSV][0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?", re.IGNORECASE)),
        ("RXNORM", re.compile(r"[0-9]{1,8}")),
    ),
}


def with_system(table: str, code: str, system: str = "") -> str:
    """A code with its system; a bare one is told by its shape, and stays bare where it has the shape of none."""
    named, _, rest = (part.strip() for part in code.partition(":"))
    written = SYSTEMS.get(_key(named)) if rest else None
    bare = rest if written else code.strip()
    known = SYSTEMS.get(_key(system)) or written
    if known is None:
        known = next((name for name, shape in SHAPES[table] if shape.fullmatch(bare)), "")
    if not known or not bare:
        return bare
    return f"{known}:{_dotted(bare.upper()) if known == 'ICD10CM' else bare}"


def _dotted(code: str) -> str:
    """An ICD-10-CM code with its point: E119 and E11_9 are E11.9."""
    plain = re.sub(r"[._]", "", code)
    return plain if len(plain) <= 3 else f"{plain[:3]}.{plain[3:]}"


def _key(system: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", system.casefold()).strip("_")
