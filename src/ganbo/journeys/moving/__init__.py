"""A business leaves or moves: everything it has in open files, and those files into an empty business."""
