"""The errors of Precision: what the user can mend, and what we must mend."""


class PrecisionError(Exception):
    """Base of every error that Precision raises on purpose."""


class InputError(PrecisionError):
    """Input that cannot be used; the message names file, row, column, value, rule and the way out."""


class BuildUnknownError(InputError):
    """Genotypes whose genome build cannot be told, and that can be read once somebody names it.

    reason : why not; way_out : what the user can do
    """

    def __init__(self, reason: str, way_out: str) -> None:
        super().__init__(f"{reason}; {way_out}")
        self.reason, self.way_out = reason, way_out


class KnowledgeError(PrecisionError):
    """A shipped table or model that is broken; ours to mend."""
