"""Floor 1: pure rules. A programme document (text in) becomes a programme; facts become effects and why.

No Django, no database, no clock, no chance, no files: times and ids are arguments.
"""
