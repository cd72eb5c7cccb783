"""Tables of the engine, and the shared declarative base."""
