"""The IPP API: what printers, connectors and desktops find at `/printers` (RFC 8011, PWG 5100.18)."""
