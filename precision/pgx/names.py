"""Names of alleles and diplotypes: their order, and how two make one."""

import re
from collections.abc import Iterable
from functools import lru_cache

DIGITS = re.compile(r"(\d+)")


@lru_cache(maxsize=8192)
def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key that puts *2 before *10 and c.85T>C before c.1129-5923C>G."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in DIGITS.split(name) if part)


def allele_order(names: Iterable[str], reference: str) -> list[str]:
    """Alleles as reports list them: by number, a reference that is no star allele first."""
    first = "" if reference.startswith("*") else reference
    return sorted(names, key=lambda name: (name != first, natural(name)))


def strand(components: Iterable[str], reference: str) -> str:
    """One strand from the variants that lie on it: 'Reference', 'a', or '[a + b]'."""
    parts = sorted(components, key=natural)
    if not parts:
        return reference
    return parts[0] if len(parts) == 1 else f"[{' + '.join(parts)}]"


def diplotype(strands: Iterable[str], reference: str) -> str:
    """Strands as one name, the reference first, several variants on one strand last."""
    return "/".join(sorted(strands, key=lambda name: (name != reference, name.startswith("["), natural(name))))
