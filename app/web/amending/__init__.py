"""Routes of orders that change: amended, cancelled, held."""
