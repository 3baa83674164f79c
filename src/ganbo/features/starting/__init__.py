"""Starting from past sales: an uploaded file or three numbers, what was found in them, and the programmes tried on them."""
