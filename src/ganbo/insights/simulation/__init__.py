"""Back-tests: a merchant's own sales lived through once more under a draft, before anything is promised.

The rules are the very ones of the books, handed in as a function by the door; here sales become pasts, pasts are dealt out
to processes, and what became of the members is added up, compared and told.
"""
