"""PLCOm2012: lung cancer within 6 years in people who ever smoked (Tammemägi 2013)."""

import numpy as np

from precision.coefficients import Coefficients
from precision.kernels import logistic
from precision.model import Inputs, Mask, Model, Rule
from precision.result import Array, Citation, Estimate
from precision.risk.derivations import BMI, CURRENT_SMOKER
from precision.schema import variable

COEFFICIENT, CENTRE = 0, 1
# Groups with a term of their own; white, American Indian and Alaska Native are the reference.
GROUPS = {"black": ("black",), "hispanic": ("hispanic",), "asian": ("asian", "chinese"), "pacific_islander": ()}
NEVER = variable("smoking_status").code("never")


def risk(x: Inputs, coefficients: Coefficients) -> Array:
    """1 / (1 + exp(-log odds)), the log odds a sum of coefficient times (value - centre).

    Intensity enters as 10 / cigarettes a day; years since quitting count for those who quit.

    Returns
    -------
    (n, 1) probability in 6 years
    """
    smoker = x["current_smoker"]
    terms = {
        "age": x["age"],
        "education": x["education"] + 1,  # the paper counts its six levels from 1, the dictionary from 0
        "bmi": x["bmi"],
        "copd": x["copd"],
        "cancer_history": x["cancer_history"],
        "family_history_lung_cancer": x["family_history_lung_cancer"],
        "current_smoker": smoker,
        "cigarettes": coefficients.of("cigarettes_unit") / x["cigarettes_per_day"],
        "smoking_years": x["smoking_years"],
        "years_since_quitting": np.where(smoker == 1, 0, x["years_since_quitting"]),
    }
    for term, levels in GROUPS.items():
        codes = [variable("ancestry").code(level) for level in levels or (term,)]
        terms[term] = np.isin(x["ancestry"], codes).astype(np.float64)
    log_odds = np.full_like(smoker, coefficients.of("constant", COEFFICIENT))
    for name, values in terms.items():
        log_odds += coefficients.of(name, COEFFICIENT) * (values - coefficients.of(name, CENTRE))
    return logistic(log_odds)[:, np.newaxis]


def remarks(x: Inputs) -> dict[str, Mask]:
    """Years since quitting of someone who smokes are not used."""
    return {"ignored:years_since_quitting": (x["current_smoker"] == 1) & (x["years_since_quitting"] > 0)}


MODEL = Model(
    name="plcom2012",
    label="PLCOm2012",
    domain="lung",
    estimates=(
        Estimate(
            "lung_cancer",
            "Lung cancer",
            horizon_years=6.0,
            required=(
                ("age", "ancestry", "education", "bmi", "copd", "cancer_history", "family_history_lung_cancer")
                + ("current_smoker", "cigarettes_per_day", "smoking_years")
            ),
        ),
    ),
    coefficients=Coefficients.read("plcom2012"),
    formula=risk,
    optional=("years_since_quitting",),
    derivations=(BMI, CURRENT_SMOKER),
    ranges={"age": (50.0, 80.0)},
    levels={
        "ancestry": ("white", "black", "hispanic", "asian", "chinese", "american_indian", "pacific_islander"),
    },
    rules=(
        Rule("population", "never_smoked", lambda x: x["smoking_status"] == NEVER),
        Rule("population", "no_cigarettes", lambda x: x["cigarettes_per_day"] <= 0),
        Rule(
            "missing",
            "years_since_quitting",
            lambda x: (x["current_smoker"] == 0) & np.isnan(x["years_since_quitting"]),
        ),
    ),
    remarks=remarks,
    citation=Citation(
        "Tammemägi MC et al. Selection criteria for lung-cancer screening. N Engl J Med 2013;368:728-736",
        doi="10.1056/NEJMoa1211776",
        year=2013,
    ),
    population=(
        "People who ever smoked; derived in the control arm of the PLCO trial (United States, 55 to 74 years), "
        "validated from 50 to 80 years."
    ),
    notice=(
        "Not defined for people who never smoked. It does not decide who is screened: US screening goes by age, "
        "pack-years and years since quitting. Emphysema and chronic bronchitis count as COPD."
    ),
)
