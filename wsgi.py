"""The door for WSGI servers: settings from the environment, then the app; nothing else."""

from app import create_app

application = app = create_app()
