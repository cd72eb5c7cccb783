"""What may be ordered by whom: customers, quotes, and everything an order is judged by when it is taken in."""
