"""`python -m portal` is the command `zhixin`."""

from portal.cli import main

main()
