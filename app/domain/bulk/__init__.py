"""Orders by the sheet: its columns and lines."""
