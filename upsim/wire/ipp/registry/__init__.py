"""The IANA registry of IPP and additions to it: names, syntaxes, numbers. Encoding them is not here."""
