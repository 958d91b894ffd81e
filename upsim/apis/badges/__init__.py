"""Badges: the administrator's interface on the print-graph host, the device's look-up on the print host."""
