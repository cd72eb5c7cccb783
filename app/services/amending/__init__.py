"""Orders that change on their way: amended, cancelled, held."""
