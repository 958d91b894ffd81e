"""`python -m upsim` is `upsim`."""

from upsim.cli.main import main

main()
