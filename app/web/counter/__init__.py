"""Routes of the counter: the desk, customers, new orders, papers, tickets."""
