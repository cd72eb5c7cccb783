"""What each kind of element does when a token reaches it."""
