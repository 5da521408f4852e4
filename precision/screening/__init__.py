"""What is due for each patient, when, and why: screening, monitoring and prevention rules as rows of a table."""

from precision.screening.plan import Item, Plan, plan
from precision.screening.rules import Rule, rules, unverified

__all__ = ["Item", "Plan", "Rule", "plan", "rules", "unverified"]
