"""Pages of administrators: users, teams, rights, neighbours, settings, the audit."""
