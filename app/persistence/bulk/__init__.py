"""Orders by the sheet as rows."""
