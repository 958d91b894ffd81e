"""One package a protocol: its rows, handlers, representations and error map. APIs do not know each other."""
