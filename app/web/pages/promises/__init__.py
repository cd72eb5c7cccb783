"""Pages of promises: clocks, rules, calendars, what is owed."""
