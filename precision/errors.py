"""The errors of Precision: what the user can mend, and what we must mend."""


class PrecisionError(Exception):
    """Base of every error that Precision raises on purpose."""


class InputError(PrecisionError):
    """Input that cannot be used; the message names file, row, column, value, rule and the way out."""


class KnowledgeError(PrecisionError):
    """A shipped table or model that is broken; ours to mend."""
