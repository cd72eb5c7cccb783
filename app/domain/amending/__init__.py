"""Orders that change on their way: what may be amended, cancelled and held, and when."""
