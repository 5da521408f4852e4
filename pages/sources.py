"""Sources: what is not verified, every model with its publication, every rule and threshold with its source."""

from precision import ui
from precision.ui import sources_view as view

ui.page("Sources")
view.heading()
view.not_verified()
view.models()
view.rules()
view.tables()
