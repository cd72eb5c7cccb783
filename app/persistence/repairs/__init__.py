"""Finding what stands still: incidents, history, migrations, neighbours; repairs that were asked for."""
