"""Engines that keep the state behind the ports of `upsim.services.ports`. No rule of printing lives here."""
