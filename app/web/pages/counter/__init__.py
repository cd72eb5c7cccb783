"""Pages of the counter: the desk, customers, products, new orders, papers, tickets."""
