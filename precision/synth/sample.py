"""The sample cohort that comes with the source: 300 synthetic people."""

from pathlib import Path

from precision.cohort import Cohort
from precision.errors import InputError
from precision.io import read

PATIENTS = 300
SEED = 1
FOLDER = Path(__file__).parents[2] / "sample_data"


def load_sample(folder: Path = FOLDER) -> Cohort:
    """The sample cohort, read like any folder of tables.

    Raises
    ------
    InputError : the folder is not there, as when the package was installed without its source
    """
    found = read([folder / "tables"]).cohort if (folder / "tables" / "patients.csv").is_file() else None
    if found is None:
        raise InputError(
            f"there is no sample cohort at {folder}; start from a clone of the source, "
            f"or make one with 'precision synth --patients {PATIENTS} --seed {SEED} --out {folder}'"
        )
    return found
