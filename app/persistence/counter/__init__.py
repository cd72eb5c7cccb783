"""Customers, places and products as rows, and finding them; what was quoted, shown and shared."""
