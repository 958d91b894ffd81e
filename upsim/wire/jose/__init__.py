"""JSON Web Signatures and keys: RFC 7515 (JWS), RFC 7517 (JWK), RFC 7519 (JWT).

Nothing here depends on an issuer or a clock.
"""
