"""The console: staff see today, members and the programme."""
