"""The verbs of Universal Print, each a plain function over one transaction. No HTTP, codec or database."""
