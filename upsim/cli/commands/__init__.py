"""One file a command, named as the command is; each defines a click command called `command`."""
