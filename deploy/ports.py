"""Free loopback ports."""

from __future__ import annotations

import random
import socket

PORTS = range(20_000, 32_000)
"""Below those that systems give to outgoing connections, one of which might take the port before its server does."""
_DRAWN = random.SystemRandom()


def free_port() -> int:
    """A port that nothing listens on just now; OSError when there is none."""
    for port in _DRAWN.sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port between {PORTS.start} and {PORTS.stop}")
