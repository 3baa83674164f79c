"""The programme documents of a business, their versions in force, what limits have used up, and the words for why."""
