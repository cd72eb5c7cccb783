"""Rows and queries; every query is scoped by the area of the caller."""
