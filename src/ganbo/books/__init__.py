"""Floor 3: the ledger and the log of events; what is written here is never changed."""
