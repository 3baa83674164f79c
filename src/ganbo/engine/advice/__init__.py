"""Advice about a document that is valid but may cost or promise too much: never errors, always where, why, what to do."""

from ganbo.engine.advice.assuming import Assumptions
from ganbo.engine.advice.finding import Finding
from ganbo.engine.advice.looking import look

__all__ = ["Assumptions", "Finding", "look"]
