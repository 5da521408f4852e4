"""How long `import precision` takes in a new Python."""

import subprocess
import sys

from benchmarks.report import Row, best_of


def run() -> list[Row]:
    """Import time on top of the start of Python."""

    def python(code: str) -> float:
        return best_of(lambda: subprocess.run([sys.executable, "-c", code], check=True))

    return [Row("import precision", python("import precision") - python("pass"), target=0.5)]
