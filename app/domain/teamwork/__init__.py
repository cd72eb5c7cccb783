"""The work of people: who gets it, when visits are, its states."""
