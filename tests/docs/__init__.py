"""The documents' own commands, run for real."""
