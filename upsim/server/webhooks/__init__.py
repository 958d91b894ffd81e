"""Change notifications on their way out: which hosts may be called, one call, and who makes the calls."""
