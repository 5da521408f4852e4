"""The one place that knows all domains: assess a cohort, then ask who needs attention, why, and from what data."""

from precision.workbench.assessment import Assessment, account, assess
from precision.workbench.data import DataBehind, Quality, completeness, data_behind, loaded, quality
from precision.workbench.ranking import worklist

__all__ = [
    "Assessment",
    "DataBehind",
    "Quality",
    "account",
    "assess",
    "completeness",
    "data_behind",
    "loaded",
    "quality",
    "worklist",
]
