"""What goes in and out of the JSON doors; camelCase of TM Forum lives here and nowhere else."""
