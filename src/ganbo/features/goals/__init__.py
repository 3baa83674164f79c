"""Goals: where each figure of a programme stood when a version began, and what was said when it ended."""
