"""`python -m indexer` is the command `zhixin`."""

from indexer.cli import main

main()
