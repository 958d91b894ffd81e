"""One module for each grant type of the token endpoint; `token.py` chooses among them."""
