"""Results of closed models that were computed elsewhere: FRAX, BOADICEA and IBIS, each with its own citation."""

import numpy as np

from precision.coefficients import Coefficients
from precision.model import Inputs, Model
from precision.result import Array, Citation, Estimate

TABLE = Coefficients.read("imported")
CLOSED = "{name} is not computed here: {why}. A result computed with {where} can be imported and is shown as it came."


def _model(
    name: str,
    label: str,
    domain: str,
    results: tuple[tuple[str, str, str, float], ...],
    citation: Citation,
    population: str,
    notice: str,
) -> Model:
    """A model that hands on imported results: (variable, outcome, label, horizon in years) of each."""
    variables = [variable for variable, *_ in results]

    def handed_on(x: Inputs, coefficients: Coefficients) -> Array:
        """(n, K) imported percentages as probabilities."""
        return np.column_stack([coefficients.of("percent") * x[variable] for variable in variables])

    return Model(
        name=name,
        label=label,
        domain=domain,
        estimates=tuple(
            Estimate(outcome, words, horizon_years=years, required=(variable,))
            for variable, outcome, words, years in results
        ),
        coefficients=TABLE,
        formula=handed_on,
        citation=citation,
        population=population,
        notice=notice,
    )


MODELS = (
    _model(
        "frax",
        "FRAX (imported)",
        "bone",
        (
            ("frax_major_fracture", "major_osteoporotic_fracture", "Fracture of spine, forearm, hip or shoulder", 10.0),
            ("frax_hip_fracture", "hip_fracture", "Hip fracture", 10.0),
        ),
        Citation(
            "Kanis JA et al. FRAX and the assessment of fracture probability in men and women from the UK. "
            "Osteoporos Int 2008;19:385-397",
            doi="10.1007/s00198-007-0543-5",
            year=2008,
        ),
        "As the tool says for the country whose version was used.",
        CLOSED.format(name="FRAX", why="its coefficients are not published", where="the tool of its authors"),
    ),
    _model(
        "boadicea",
        "BOADICEA (imported)",
        "breast",
        (
            ("boadicea_breast_10_years", "breast_cancer", "Breast cancer", 10.0),
            ("boadicea_breast_lifetime", "breast_cancer_lifetime", "Breast cancer to age 80", np.nan),
        ),
        Citation(
            "Lee A et al. BOADICEA: a comprehensive breast cancer risk prediction model incorporating genetic and "
            "nongenetic risk factors. Genet Med 2019;21:1708-1718",
            doi="10.1038/s41436-018-0406-9",
            year=2019,
        ),
        "Women with or without a family history or a pathogenic variant, as the tool says.",
        CLOSED.format(name="BOADICEA", why="it cannot be rebuilt from its publications alone", where="CanRisk"),
    ),
    _model(
        "ibis",
        "IBIS, Tyrer-Cuzick (imported)",
        "breast",
        (
            ("ibis_breast_10_years", "breast_cancer", "Breast cancer", 10.0),
            ("ibis_breast_lifetime", "breast_cancer_lifetime", "Breast cancer, lifetime", np.nan),
        ),
        Citation(
            "Tyrer J, Duffy SW, Cuzick J. A breast cancer prediction model incorporating familial and personal risk "
            "factors. Stat Med 2004;23:1111-1130",
            doi="10.1002/sim.1668",
            year=2004,
        ),
        "Women without breast cancer, as the tool says.",
        CLOSED.format(
            name="IBIS", why="it cannot be rebuilt from its publications alone", where="the evaluator of its authors"
        ),
    ),
)
