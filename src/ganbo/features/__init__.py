"""Floor 4: the instruments of loyalty; strangers to each other."""
