"""The running parts: database, web server, workers, simulated neighbours."""
