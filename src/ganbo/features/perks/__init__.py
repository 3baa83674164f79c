"""Perks: small favours of a level, each use kept, so that none is given more often than promised."""
