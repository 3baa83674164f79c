"""Packages: units paid in advance, such as eleven washes; sold, used, paused, shared, given back, ended."""
