"""Certificates and their requests: RFC 5280 (X.509), RFC 2986 (PKCS#10). Knows no printer and no tenant."""
