"""What designers do: drafts, checks, trials, cases, deployments, versions and migrations of models."""
