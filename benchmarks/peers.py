"""The peers that need packages of their own: an environment under build/peers, made when a benchmark first asks."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = HERE / "peers.txt"
ENVIRONMENT = HERE.parent / "build" / "peers"
MINUTES = 15  # to install them in


class PeersError(Exception):
    """The peers cannot run here; the message says why and what would help."""


def measured(name: str, code: str, work: object) -> float:
    """Seconds that the program of a peer prints after its work, which it reads as JSON.

    Raises
    ------
    PeersError : the environment cannot be made, or the program failed
    """
    python = interpreter()
    ended = subprocess.run([python, "-c", code], input=json.dumps(work), capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise PeersError(f"{name} failed in {ENVIRONMENT}:\n{ended.stderr[-2000:]}")
    return float(ended.stdout.split()[-1])


def interpreter() -> Path:
    """The Python that has the packages of peers.txt, in those versions; made (in about 2 minutes) where absent.

    Raises
    ------
    PeersError : no environment can be made here, or not all packages can be installed
    """
    python = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = ENVIRONMENT / f"holds-{hashlib.sha256(PACKAGES.read_bytes()).hexdigest()[:12]}"
    if stamp.exists():
        return python
    sys.stderr.write(f"Installing the peers of {PACKAGES.name} in {ENVIRONMENT} (once) ...\n")
    try:
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", PACKAGES]
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=60 * MINUTES)
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout or "").strip()[-2000:]
        raise PeersError(f"{error.cmd} ended with {error.returncode}; is a package index in reach?\n{said}") from None
    except subprocess.TimeoutExpired:
        raise PeersError(f"the packages of {PACKAGES} were not installed within {MINUTES} minutes") from None
    except OSError as error:
        raise PeersError(f"no Python environment can be made in {ENVIRONMENT}: {error}") from None
    stamp.touch()
    return python
