"""What the world should be told, written in the same transaction as what happened.

The worker takes facts from here and deletes them once every subscriber has its work queued.
"""
