"""The embedded engine: one SQLite file, or memory. One writer that commits for all who wait together."""
