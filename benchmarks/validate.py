"""How long a wide CSV of a million rows takes to be checked, and how much memory at most."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.report import Row

ROWS = 1_000_000
MEASURE = """
import json, sys, time
from benchmarks.memory import peak_bytes
start = time.perf_counter()
from precision.io import read
imported = read([sys.argv[1]])
seconds = time.perf_counter() - start
peak = peak_bytes()
counts = imported.counts.iloc[0]
print(json.dumps([seconds, peak, int(counts.rows_in), int(counts.accepted), int(counts.quarantined)]))
"""


def write_csv(path: Path, rows: int, seed: int = 1) -> None:
    """A wide CSV of 12 columns in which one row in a thousand has an impossible blood pressure.

    Identifiers are of 36 characters, as record systems give them.
    """
    random = np.random.default_rng(seed)
    header = "patient_id,sex,age,systolic_bp,total_cholesterol,hdl_cholesterol,bmi,egfr,diabetes,current_smoker"
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f"{header},antihypertensive_treatment,statin_treatment\n")
        for start in range(0, rows, 50_000):
            n = min(50_000, rows - start)
            pressure = random.normal(128, 17, n).clip(85, 220).round().astype(int)
            pressure[np.arange(start, start + n) % 1000 == 999] = 1280
            columns = [
                [f"5f8d3e13-bc80-dd66-0f1b-{i:012d}" for i in range(start, start + n)],
                random.choice(["female", "male"], n).tolist(),
                random.uniform(30, 79, n).round(1).tolist(),
                pressure.tolist(),
                random.normal(195, 38, n).clip(100, 340).round(1).tolist(),
                random.normal(52, 14, n).clip(20, 110).round(1).tolist(),
                random.normal(28, 5, n).clip(17, 50).round(2).tolist(),
                random.normal(85, 18, n).clip(20, 130).round(1).tolist(),
                *(random.choice(["yes", "no"], n, p=[p, 1 - p]).tolist() for p in (0.13, 0.15, 0.3, 0.25)),
            ]
            out.writelines(",".join(map(str, row)) + "\n" for row in zip(*columns, strict=True))


def run(rows: int = ROWS) -> list[Row]:
    """Seconds and peak resident memory of a new Python that reads the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "million.csv"
        write_csv(path, rows)
        size = path.stat().st_size
        done = subprocess.run([sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True)
    seconds, peak, rows_in, accepted, quarantined = json.loads(done.stdout)
    assert rows_in == accepted + quarantined == rows
    assert quarantined == rows // 1000
    name = f"CSV of {rows:,} rows and 12 columns ({size / 1e6:.0f} MB) checked"
    return [Row(name, seconds, target=20.0), Row(f"{name}: peak memory", peak / size, "x the file", target=4.0)]
