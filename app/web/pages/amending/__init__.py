"""Pages of orders that change: amended, cancelled, held."""
