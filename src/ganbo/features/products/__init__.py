"""What the business sells: category, labels and prices of each item, for offers and conditions."""
