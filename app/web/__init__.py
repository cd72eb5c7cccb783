"""The pages: server-rendered HTML for people, whole or as fragments from the same address."""
