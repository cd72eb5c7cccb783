"""Builds the view records of each page from rows: one file per page, read-only, no request in sight."""
