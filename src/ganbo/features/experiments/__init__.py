"""Experiments: groups drawn by lot that stay, who was shown what from when, and whether a difference is more than chance."""
