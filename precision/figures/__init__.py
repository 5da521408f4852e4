"""Figures: pure functions from results to plotly figures, each with words that say the same."""
