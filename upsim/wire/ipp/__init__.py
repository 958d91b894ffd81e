"""The Internet Printing Protocol as bytes and values (RFC 8010); what operations do is not here, nor any I/O."""
