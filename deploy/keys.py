"""Secrets made once and kept in files that only their owner reads."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def make_link_key(file: Path) -> None:
    """A secret for signing answer links, in `file`, unless one is there."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_hex(32))
