"""`ganbo bench`: the hot path over HTTP beside PostgreSQL's own limit for the same rows, measured in the same minute."""
