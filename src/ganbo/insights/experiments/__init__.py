"""What came out of an experiment: outcomes per member, store or week from the warehouse, and whether they differ by more than chance."""
