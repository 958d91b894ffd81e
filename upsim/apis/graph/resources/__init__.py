"""One file for each Graph type: how it is written (`represent_*`), how it is read (`read_*`), its handlers."""
