"""The registration service: `POST /api/v1.0/register` and its poll. Services issue the certificates."""
