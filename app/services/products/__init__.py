"""The catalogue: what is sold, the teams behind it, and the operations its drawings may name."""
