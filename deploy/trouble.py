"""What stops a command, told to people: a sentence in Chinese and one in English, never a traceback."""

from __future__ import annotations

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
