"""JSON Web Signatures and keys: RFC 7515 (JWS), RFC 7517 (JWK), RFC 7519 (JWT). Knows no issuer and no clock."""
