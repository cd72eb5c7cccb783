"""Amendments, cancels and holds of orders as rows."""
