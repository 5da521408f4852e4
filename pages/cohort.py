"""Cohort: filter the patients, see their risk and what they are due for together, then open, compare or export them."""

from precision import ui
from precision.ui import cohort_filters, cohort_list, cohort_medicines, cohort_rules, cohort_view
from precision.ui.workspace import workspace
from precision.workbench.population import summary
from precision.workbench.query import Filter
from precision.workbench.roster import select

ui.page("Cohort")
space = workspace()
line = cohort_view.heading(space)
if not len(space.roster):
    cohort_view.nobody()
else:
    cohort_filters.enter(space.roster)
    people, wanted = cohort_filters.filters(space)
    kept = select(people, wanted)
    found = summary(people, kept)
    cohort_view.strip(people, found, filtered=wanted != Filter())
    if found.patients:
        cohort_view.cards(people, kept, found)
        cohort_rules.sections(people, kept)
        cohort_medicines.section(people, kept)
        cohort_list.patients(people, kept)
    else:
        cohort_view.no_match(wanted.words(people.grouping))
    with line:
        cohort_filters.copy_link(space)
        cohort_filters.export(people, wanted, kept)
    cohort_filters.keep()
    cohort_view.sources(people)
