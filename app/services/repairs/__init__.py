"""What left its automatic path: incidents, instances and news looked at and set right; books compared."""
