"""Floor 1: what any multi-business software needs. No loyalty word appears here."""
