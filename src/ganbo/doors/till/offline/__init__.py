"""The till without a network: what it keeps, what it tells afterwards, and the page it shows meanwhile."""
