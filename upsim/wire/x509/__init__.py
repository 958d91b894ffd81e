"""Certificates and their requests: RFC 5280 (X.509), RFC 2986 (PKCS#10).

Nothing here depends on printers or tenants.
"""
