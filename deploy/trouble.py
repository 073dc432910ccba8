"""What stops a command, told to people: a sentence in Chinese and one in English, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class Trouble(Exception):
    """A command cannot go on, for a reason that its user can mend."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def where(url: str) -> str:
    """Host and port of a URL, for messages: never its password."""
    return urlsplit(url).netloc.rpartition("@")[2] or "localhost"


@contextmanager
def told() -> Iterator[None]:
    """In a command: trouble becomes two sentences on stderr and exit code 1."""
    try:
        yield
    except Trouble as trouble:
        print(f"ringback: {trouble.zh}\nringback: {trouble.en}", file=sys.stderr)
        raise SystemExit(1) from None
