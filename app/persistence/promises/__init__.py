"""Clocks, rules, breaches and compensations as rows."""
