"""What is this machine, by name and by address."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether the name or address is this machine (RFC 6761 section 6.3)."""
    name = host.lower().removeprefix("::ffff:")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return is_address(name) and ipaddress.ip_address(name).is_loopback


def is_address(host: str) -> bool:
    """Whether it is an address, which nobody else can give a name of their own to."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
