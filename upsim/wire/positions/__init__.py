"""Where in a text a value stands: the line of a path such as `("users", 2, "password")` in TOML or JSON."""
