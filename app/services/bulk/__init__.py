"""Many at once: orders by the sheet, and one act on many incidents, instances or to-dos."""
