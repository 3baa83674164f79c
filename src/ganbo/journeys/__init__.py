"""Floor 5: one use case, one file, one transaction. Only journeys walk through several rooms."""
