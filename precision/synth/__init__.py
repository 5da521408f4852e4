"""Synthetic people: correlated, plausible, of several ancestries, and none of them real."""

from precision.synth.assemble import synthesise
from precision.synth.files import write
from precision.synth.sample import load_sample

__all__ = ["load_sample", "synthesise", "write"]
