"""The outside: what we need from other systems, who does it, and who pretends."""
