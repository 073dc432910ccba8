"""One spelling for texts that people type in many: full-width letters, capitals, spaces."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping


def folded(text: str) -> str:
    """A text without its accidents: `ａ 001 ` and `A001` are the same."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def by_spelling(texts: Iterable[str]) -> Mapping[str, str]:
    """Texts by their folded form, without those that only their accidents tell apart."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for text in texts:
        key = folded(text)
        if found.setdefault(key, text) != text:
            twice.add(key)
    return {key: text for key, text in found.items() if key not in twice}
