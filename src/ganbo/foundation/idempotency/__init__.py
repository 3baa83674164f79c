"""The first answer to every write with an Idempotency-Key, kept to be repeated as it was."""
