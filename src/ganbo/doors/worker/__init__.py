"""Background work: subscriptions to the outbox, message sending, nightly jobs."""
