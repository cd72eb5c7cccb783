"""The catalogue as rows: every version, and what is in force."""
