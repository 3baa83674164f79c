"""Partners: what was earned and paid at theirs, what each owes the other, line by line, and what was settled."""
