"""Promises: policies, calendars, clocks, what was measured, and what is owed when one is broken."""
