"""How the app is started: the command, folder and environment of its server."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from precision.errors import InputError

COHORT_VARIABLE = "PRECISION_COHORT"
ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Launch:
    """What ``subprocess`` needs to start the server."""

    arguments: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]


def command(port: int = 8501, address: str = "127.0.0.1", cohort: Path | None = None) -> Launch:
    """The server on ``port`` of ``address``, showing the folder or file ``cohort``, or without one the sample cohort.

    The folder is the one that holds server.py: Streamlit reads theme and server settings from there.

    Raises
    ------
    InputError : the app's files are not beside the package, the port cannot be, or the cohort does not exist
    """
    server = ROOT / "server.py"
    if not server.is_file():
        raise InputError(f"{server} is missing: the app runs from a clone of the repository, not from a bare install")
    if not 0 < port < 65536:
        raise InputError(f"port {port} is not between 1 and 65535; 8501 is the usual one")
    arguments = [sys.executable, "-m", "streamlit", "run", server.name]
    arguments += ["--server.port", str(port), "--server.address", address]
    if address not in LOOPBACK:
        arguments += ["--server.allowedHosts", "*"]
    environment = dict(os.environ)
    if cohort is not None:
        if not cohort.exists():
            raise InputError(f"cohort {cohort} does not exist; give a folder of tables or one table")
        environment[COHORT_VARIABLE] = str(cohort.resolve())
    return Launch(tuple(arguments), ROOT, environment)


def launch(port: int = 8501, address: str = "127.0.0.1", cohort: Path | None = None) -> int:
    """Serve the app until it is ended; exit status of the server.

    Where the system can, the server takes the place of this process, so that ending the one ends the other.

    Raises
    ------
    InputError : as `command`
    """
    start = command(port, address, cohort)
    if os.name == "posix":
        os.chdir(start.folder)
        os.execve(start.arguments[0], start.arguments, start.environment)  # noqa: S606  # a fixed list of words, no shell
    try:
        return subprocess.call(start.arguments, cwd=start.folder, env=start.environment)
    except KeyboardInterrupt:
        return 0
