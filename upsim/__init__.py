"""upsim, a local Universal Print: one core (domain, services) behind thin protocol faces."""

__version__ = "0.1.0"
