"""Hosting that every API shares: the row type, routing, authentication, error writing. No API's words."""
