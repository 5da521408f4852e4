"""What all tests share: the developers' reference material and the Hypothesis profile."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SHARED = Path(__file__).resolve().parents[2] / "shared"

SLOW = [HealthCheck.too_slow]  # a busy machine is no fault of what is tested
settings.register_profile("local", deadline=None, suppress_health_check=SLOW)
settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=SLOW)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_make_parametrize_id(val: object) -> str | None:
    """A test whose case is a file's bytes is named after their number, so that every worker finds the same names.

    Packed bytes hold the time of packing, and no terminal shows them well.
    """
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference vectors and real data that developers keep beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("the folder '../shared' with the developers' reference vectors is absent: nothing to compare with")
    return SHARED
