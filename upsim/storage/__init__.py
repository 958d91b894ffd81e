"""Engines and document stores behind the ports of `upsim.services.ports`. No rule of printing lives here."""
