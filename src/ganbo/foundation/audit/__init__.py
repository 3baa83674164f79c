"""Who did what, when: append-only lines for sign-ins, corrections, keys and publications."""
