"""How long importing the library takes in a new Python."""

import subprocess
import sys

from benchmarks.report import Row, best_of


def run() -> list[Row]:
    """Import times on top of the start of Python: the package alone, and everything it can compute."""

    def python(code: str) -> float:
        return best_of(lambda: subprocess.run([sys.executable, "-c", code], check=True))

    start = python("pass")
    return [
        Row("import precision", python("import precision") - start, target=0.5),
        Row("import precision.workbench, all models", python("import precision.workbench") - start),
    ]
