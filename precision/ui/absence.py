"""Why there is no number, in one sentence: what is missing and how much is there, or what is out of range."""

from __future__ import annotations

from precision import wording
from precision.result import Finding
from precision.treatment.phrases import inside, listed

NO_NUMBER = "No number is shown, because none can be trusted."


def absence(finding: Finding, required: int) -> str:
    """The sentence for a finding without a value; ``required`` counts the inputs that it cannot do without."""
    if finding.status == "out_of_range":
        return " ".join((*finding.warnings, NO_NUMBER))
    if finding.status != "missing":
        return " ".join(finding.warnings)
    absent = listed([inside(name) for name in finding.missing])
    others = required - len(finding.missing)
    verb = "is" if len(finding.missing) == 1 else "are"
    return f"{wording.capital(absent)} {verb} missing." + (
        f" The other {others} inputs are present." if others > 0 else ""
    )
