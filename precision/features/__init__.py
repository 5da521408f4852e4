"""The feature-integration core: the tables of a cohort become one matrix that knows where each value came from."""

from precision.features.codes import end_not_known, in_use, label_of, to_begin
from precision.features.derived import Derivation
from precision.features.integration import integrate
from precision.features.matrix import MODALITIES, Features, Origin, modality_of

__all__ = [
    "MODALITIES",
    "Derivation",
    "Features",
    "Origin",
    "end_not_known",
    "in_use",
    "integrate",
    "label_of",
    "modality_of",
    "to_begin",
]
