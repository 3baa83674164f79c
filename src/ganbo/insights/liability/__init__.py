"""What the business still owes its members: open points, what they are worth, what will never be asked for, and the entries.

Pure mathematics on plain tables (allocation, roll_forward, breakage, worth, stress, journal); reading.py brings the tables,
statement.py puts everything together for a door.
"""
