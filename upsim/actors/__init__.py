"""Clients that play the people and printers around a Universal Print, over real HTTPS."""
