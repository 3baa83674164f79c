"""How a member is reached: messages queued, sent or failed, and the senders (SMTP)."""
