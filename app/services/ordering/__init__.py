"""Orders on their way: their plans, steps and states, kept in line with the processes that carry them out."""
