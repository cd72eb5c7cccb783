"""The catalogue and its characteristics, and whether they fit together."""
