"""Worklist: who needs attention and why, what is loaded, and three demonstrations."""

from precision import ui
from precision.ui import worklist_view as view
from precision.ui.workspace import workspace

ui.page("Worklist")
space = workspace()
view.heading(space)
chosen = view.filters(space)
left, right = view.columns()
with left:
    view.listing(space, chosen)
    view.demonstrations(space)
with right:
    view.loaded(space)
    view.data_quality(space)
