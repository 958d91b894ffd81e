"""Hosting that every face shares: the row type, routing, authentication, error writing. No face's words."""
