"""Drafts, forms, cases, comments, trials and deployments as rows."""
