"""The books: accounts, transfers and lots. Everything countable moves here, as debit and credit.

Only posting.py writes; balances and lots are a guarded cache that `ganbo verify` recomputes.
"""
