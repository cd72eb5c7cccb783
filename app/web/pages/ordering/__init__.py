"""Pages of one order: list, head, chart, drawings, history."""
