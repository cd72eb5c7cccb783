"""Orders on their way: their states, what they are split into, the plan, and what has to agree at the end."""
