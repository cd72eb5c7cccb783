"""What designers see: catalogue, drafts, reports, trials, comparisons, migrations, forms and tables."""
