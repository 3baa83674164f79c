"""Insights: what the facts say. Reads; writes nobody's truth."""
