"""Staff, teams and settings as administrators keep them."""
