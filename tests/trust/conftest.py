"""An address that a test can have for itself."""

import os
import socket

import pytest


@pytest.fixture
def address() -> str:
    """An address of this machine that no other run uses, with a port 443 that may be opened."""
    number = os.getpid()
    found = f"127.{64 + number % 128}.{number >> 8 & 255}.{1 + (number & 255) % 254}"
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((found, 443))
        except OSError as error:
            pytest.skip(f"port 443 cannot be opened here: {error.strerror}")
    return found
