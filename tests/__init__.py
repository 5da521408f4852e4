"""The tests of Precision."""
