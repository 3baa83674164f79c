"""Households: people who spend their points together; who invited whom, who joined and who left. Lots stay each one's own."""
