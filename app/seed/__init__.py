"""What a new system starts with: reference data always, demo people and customers on request."""
