"""What administrators changed, staff found, settings kept, refusals noted."""
