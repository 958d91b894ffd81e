"""One package a protocol: its rows, handlers, representations and error map. Faces do not know each other."""
