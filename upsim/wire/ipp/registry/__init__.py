"""What IANA has registered for IPP, and what it has not: names, syntaxes, numbers. Encoding them is not here."""
