"""Routes for many at once: sheets of orders, files of the catalogue and of rules."""
