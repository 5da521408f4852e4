"""Benchmarks: what the product takes, beside its targets and its peers."""
