"""The position of a value in a text: the line of a path such as `("users", 2, "password")` in TOML or JSON."""
