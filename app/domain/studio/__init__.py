"""What designers make: forms, deployments, and what a trial may show."""
