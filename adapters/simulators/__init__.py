"""The far systems, pretended: the same behaviour over durable books (a server) or in memory (a twin)."""
