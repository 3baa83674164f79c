"""The programme editor: forms made from the shapes of the document, a draft, and a bill to try."""
