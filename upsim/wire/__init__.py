"""Bytes to values and back. Each package knows its standards, not upsim, and could be published alone."""
