"""How long a large synthetic cohort takes to write, and whether its memory stays bounded: 50,000 people at a time."""

import json
import subprocess
import sys
import tempfile
from typing import NamedTuple

from benchmarks.report import Row

CHILD = """
import json, sys, time
from pathlib import Path
from benchmarks.memory import peak_bytes
from precision.synth import write
out = Path(sys.argv[2])
start = time.perf_counter()
write(int(sys.argv[1]), 1, out)
seconds = time.perf_counter() - start
peak = peak_bytes() / 1e6
print(json.dumps([seconds, peak, sum(path.stat().st_size for path in out.rglob("*")) / 1e6]))
"""


class Measured(NamedTuple):
    """What writing one cohort took: seconds, peak resident memory and size of the files in MB."""

    seconds: float
    peak: float
    size: float


def measure(patients: int) -> Measured:
    """Write a cohort of this many in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [sys.executable, "-c", CHILD, str(patients), folder]
        return Measured(*json.loads(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout))


def run() -> list[Row]:
    """Two partitions against four: time may double, memory must not grow."""
    two, four = measure(100_000), measure(200_000)
    return [
        Row("Synthetic cohort of 200,000, written", four.seconds),
        Row(
            "Synthetic cohort of 200,000, peak memory; at most 1.15 x that of 100,000", four.peak, "MB", 1.15 * two.peak
        ),
        Row("Synthetic cohort of 200,000, size of its files", four.size, "MB"),
    ]
