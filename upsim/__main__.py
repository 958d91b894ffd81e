"""`python -m upsim` is `upsim`."""

from upsim.cli import main

main()
