"""Routes of promises: rules, calendars, what is owed."""
