"""Floor 6: how people and programs come in. A door writes only through journeys."""
