"""At the counter: customers, quotes and confirmations, orders judged and taken in, faults reported."""
