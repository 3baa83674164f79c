"""Tills without a network: leases that bound what they may give, and what a manager must know of afterwards."""
