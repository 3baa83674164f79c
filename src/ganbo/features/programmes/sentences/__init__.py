"""The rules in the words a member reads: one sentence each, the same in the console, the terms and the changes."""
