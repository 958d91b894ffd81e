"""One package a protocol: its table of operations, handlers, representations and error map. Faces do not know each other."""
