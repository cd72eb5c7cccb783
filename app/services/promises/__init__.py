"""Promises: clocks started, stopped and watched; breaches, measurements and what is owed for them."""
