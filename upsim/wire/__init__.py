"""Codecs: octets to values and back. Each package implements standards alone and could be published by itself."""
