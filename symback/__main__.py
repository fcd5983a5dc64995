"""``python -m symback`` is the command ``symback``."""

from symback.cli import main

main(prog_name="symback")
