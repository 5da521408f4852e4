"""Precision: precision medicine for one patient or a cohort, with the source of every number."""

__version__ = "0.1.0"
