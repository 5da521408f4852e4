"""Published risk models: one module and one cited coefficient table each."""
