"""Floor 2: members and the channels that reach them."""
