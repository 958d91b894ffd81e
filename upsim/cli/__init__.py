"""The command line: `main.py` is the table of commands, `commands/` has a file for each, loaded when it runs."""
