"""Staff and settings: what may be said of them."""
