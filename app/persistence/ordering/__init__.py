"""Orders, service orders and work orders as rows, and finding them."""
