"""`python -m app.cli`: the `yizhan` command without its script."""

from app.cli import main

main(prog_name="yizhan")
