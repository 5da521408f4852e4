"""Plain language: the one formatter of numbers, reasons and assumptions that people read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

from precision.schema import variables

STATUS_WORDS = {
    "ok": "Estimated",
    "missing": "Not estimated",
    "out_of_range": "Out of range",
    "not_applicable": "Not applicable",
}
NO_INTERVAL = "no interval published"
UNIT_WORDS = {
    "mm[Hg]": "mmHg",
    "kg/m2": "kg/m²",
    "ug/m3": "µg/m³",
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
    "{score}": "",
    "mg/wk": "mg a week",
    "{pack_years}": "",
    "a": "years",
    "min/d": "minutes a day",
    "h/d": "hours a day",
    "d/wk": "days a week",
    "/d": "a day",
    "/wk": "a week",
    "[pH]": "",
    "{ratio}": "",
}
SOURCES = {
    "aspirin_and_other_NSAIDs": "from aspirin and other NSAIDs",
    "total_and_hdl_cholesterol": "from total and HDL cholesterol",
    "cigarettes_per_day": "from the cigarettes smoked a day",
    "type1_diabetes": "from type 1 diabetes",
    "type2_diabetes": "from type 2 diabetes",
    "ckd_stage_3_to_5": "from its stage",
    "ckd_epi_2021": "from creatinine, age and sex by CKD-EPI 2021",
}
# Variant of a model -> how its number was found.
EQUATIONS = {
    "base": "Found by the basic equation",
    "uacr": "Found by the equation that also uses urine albumin",
    "hba1c": "Found by the equation that also uses HbA1c",
    "sdi": "Found by the equation that also uses the deprivation of the area",
    "full": "Found by the equation that also uses urine albumin, HbA1c and the deprivation of the area",
    "numbers_of_white_women": "Found by the rates of white women",
    "lower_cut_2.0_from_65_years": "From 65 years the lower limit is 2.0",
}
INSTEAD = {"egfr": ", and so is creatinine, from which it follows", "bmi": ", and so is height or weight"}
POPULATIONS = {
    "breast_cancer": "This model is for women who have not had breast cancer.",
    "hereditary_breast_variant": "A carrier's risk is that of the gene: this model underrates it.",
    "hereditary_colorectal_variant": "A carrier's risk is that of the gene: this model underrates it.",
    "colorectal_cancer": "This model is for people who have not had colorectal cancer.",
    "prior_chest_radiotherapy": "After radiotherapy to the chest the risk is higher than this model says.",
    "inflammatory_bowel_disease": "In inflammatory bowel disease the risk is higher than this model says.",
    "diabetes": "This model is for people without diabetes.",
    "type1_diabetes": "This model is for type 2 diabetes.",
    "ckd": "This model is for people without chronic kidney disease.",
    "familial_hypercholesterolaemia": "Familial hypercholesterolaemia is a high risk by itself; models underrate it.",
    "prior_cvd": "This model is for people without known cardiovascular disease.",
    "dialysis": "This model is for people who are not on dialysis.",
    "kidney_transplant": "This model is for people without a kidney transplant.",
}
# Reason code -> its sentence, for the reasons that no range or level expresses.
SENTENCES: dict[str, str] = {
    "population:not_a_woman": "The breast cancer tool is for women.",
    "range:hyperplasia_without_biopsy": "Atypical hyperplasia is recorded, but no breast biopsy: check both.",
    "range:menarche_after_age": "The age at menarche is above the present age: check both.",
    "range:first_birth_before_menarche": "The first live birth is earlier than the menarche: check both.",
    "range:first_birth_after_age": "The age at the first live birth is above the present age: check both.",
    "range:projection_not_ahead": "The age to which risk is projected is not above the present age.",
    "range:projection_beyond_rates": "The age to which risk is projected is beyond 90 years, where the rates end.",
    "range:bmi_category_of_men": "BMI category 2 is of men only; for women 0 is under 30 and 1 from 30 kg/m².",
    "range:nsaid_taken_and_not": "An NSAID is recorded both as taken and as not taken: check both.",
    "population:never_smoked": "This model is for people who smoke or have smoked.",
    "population:no_cigarettes": "0 cigarettes a day: this model is for people who smoke or have smoked.",
    "population:no_diabetes": "This model is for people with type 2 diabetes.",
    "range:age_at_diabetes_diagnosis": "The age at diagnosis of diabetes is above the present age: check both.",
    "population:under_18": "These categories are for adults of 18 years and older.",
    "range:zero_alt_or_platelets": "ALT or platelets are 0, and FIB-4 divides by them: check the value.",
    "range:zero_uacr": "Urine albumin-creatinine ratio 0 has no logarithm: enter the limit of detection.",
    "population:no_atrial_fibrillation": "This score is for people with atrial fibrillation.",
    "range:cha2ds2_vasc_of_0": "No yearly rate that could be verified is published for a CHA2DS2-VASc of 0.",
    "range:cholesterol_balance": "Total and HDL cholesterol and triglycerides do not fit: LDL would be 0 or less.",
    "range:has_bled_above_5": "Above a HAS-BLED of 5 too few patients were followed for a published rate.",
    "population:cyp2c9_without_a_term": "The equation counts CYP2C9 *2 and *3 and has no term for other alleles.",
    "population:no_body_surface": "Height or weight is 0: check the value.",
    "range:warfarin_below_10_years": "Age is below 10 years, and so below that of every patient the model rests on.",
    "population:warfarin_root_not_above_0": "The factors together leave no dose above 0: the equation fails here.",
    "range:triglycerides_below_7": "Triglycerides are below 7 mg/dL, where the table begins.",
    "range:triglycerides_of_400_and_more": (
        "Triglycerides are 400 mg/dL or more: that row of the table is not verified, so no value is given."
    ),
}


class HasInterval(Protocol):
    """Anything with a value, its bounds and a unit."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def unit(self) -> str: ...


def label(name: str) -> str:
    """The dictionary's label of a variable, or the name in words."""
    known = variables().get(name)
    return known.label if known else name.replace("_", " ").capitalize()


def unit(name: str) -> str:
    """The unit of a variable as people write it."""
    known = variables().get(name)
    return unit_text(known.unit) if known else ""


def unit_text(ucum: str) -> str:
    """A UCUM unit as people write it."""
    if ucum in UNIT_WORDS:
        return UNIT_WORDS[ucum]
    if ucum.startswith("{") and ucum.endswith("}"):
        return ucum[1:-1].replace("_", " ")
    return ucum


def percent(probability: float) -> str:
    """A probability for people: one decimal below 20 %, none above, never 0 or 100."""
    points = 100 * probability
    if math.isnan(points):
        return "not estimated"
    if points < 1:
        return "<1%"
    if points > 99:
        return ">99%"
    return f"{points:.1f}%" if round(points, 1) < 20 else f"{points:.0f}%"


def points(difference: float) -> str:
    """A signed difference of probabilities in percentage points, one decimal."""
    rounded = round(100 * difference, 1)
    return f"{rounded:+.1f}" if rounded else "0.0"


def number(value: float) -> str:
    """A measured value with as many digits as a reader can use."""
    if math.isnan(value):
        return "missing"
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"


def level(name: str) -> str:
    """The name of a class as people read it: 'very high'."""
    return name.replace("_", " ")


def quantity(value: float, ucum: str) -> str:
    """A value with its unit; a probability as percent."""
    if ucum == "probability":
        return percent(value)
    return f"{number(value)} {unit_text(ucum)}".strip()


def interval(finding: HasInterval) -> str:
    """'8.1% to 11.9%', or the words for its absence."""
    if math.isnan(finding.low) or math.isnan(finding.high):
        return NO_INTERVAL
    return f"{quantity(finding.low, finding.unit)} to {quantity(finding.high, finding.unit)}"


def span(low: float, high: float) -> str:
    """A validated range: '30 to 79'; '18.5 to less than 40' where the upper bound itself is outside."""
    bound = float(math.ceil(high))
    excluded = math.nextafter(bound, low) == high
    return f"{number(low)} to {'less than ' if excluded else ''}{number(bound if excluded else high)}"


def value_text(name: str, value: float) -> str:
    """The value of a variable as people read it: level word, yes or no, or number with unit."""
    known = variables().get(name)
    if math.isnan(value):
        return "missing"
    if known is None:
        return number(value)
    if known.kind == "boolean":
        return "yes" if value else "no"
    if known.levels:
        return level(known.levels[int(value)])
    text = unit_text(known.unit)
    return f"{number(value)}{'' if text == '%' else ' '}{text}".strip()


def short_reason(code: str) -> str:
    """A reason in a few words, for counts: 'total cholesterol missing'."""
    kind, _, name = code.partition(":")
    words = {"missing": "{} missing", "range": "{} out of range", "population": "{}", "level": "{} not covered"}
    template = "{}" if code in SENTENCES else words.get(kind, "{}")
    return template.format(_inside(label(name)))


def reason(code: str, inputs: Mapping[str, float], ranges: Mapping[str, tuple[float, float]]) -> str:
    """A reason as a sentence with the patient's value and the model's range."""
    kind, _, name = code.partition(":")
    if code in SENTENCES:
        return SENTENCES[code]
    if kind == "missing":
        return f"{label(name)} is missing{INSTEAD.get(name, '')}."
    if kind == "range":
        low, high = ranges[name]
        here = number(inputs.get(name, math.nan))
        return f"{label(name)} {here} is outside {span(low, high)} {unit(name)}".strip() + "."
    if kind == "level":
        return f"{label(name)} '{value_text(name, inputs.get(name, math.nan))}' is not covered by this model."
    if kind == "population":
        return POPULATIONS.get(name, f"{label(name)}: this model does not apply.")
    return code


def assumption(code: str, inputs: Mapping[str, float]) -> str:
    """What was derived, assumed or left out, as a sentence."""
    kind, _, rest = code.partition(":")
    name, _, source = rest.partition(":")
    here = value_text(name, inputs.get(name, math.nan))
    sentences = {
        "derived": f"{label(name)} {here} was calculated {SOURCES.get(source, 'from ' + source.replace('_', ' '))}.",
        "variant": f"{EQUATIONS.get(name, name.replace('_', ' ').capitalize())}.",
        "assumed": f"{label(name)} is not recorded; {source.replace('_', ' ')} was assumed.",
        "ignored": f"{label(name)} {here} is outside the range of this model and was not used.",
        "limited": f"{label(name)} {here} is beyond the model's limit; the limit itself was used, as published.",
        "absent": f"{label(name)} is not recorded; the model allows for that.",
        "extrapolated": f"{label(name)} {here} is outside what the model was validated for: this is an extrapolation.",
    }
    return sentences.get(kind, code)


def capital(text: str) -> str:
    """The first letter large, where the first word has none: 'eGFR' stays as it is."""
    return text if any(letter.isupper() for letter in text.partition(" ")[0]) else text[:1].upper() + text[1:]


def _inside(text: str) -> str:
    """A label inside a sentence: lower case unless it is an abbreviation."""
    first = text.partition(" ")[0]
    return text if text[:2].isupper() or any(letter.isupper() for letter in first[1:]) else text[:1].lower() + text[1:]
