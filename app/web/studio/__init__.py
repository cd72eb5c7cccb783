"""Routes of designers: catalogue, drafts, board, trials, comparing, deploying, migrating."""
