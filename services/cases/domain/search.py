"""Finding text without a dictionary: words are cut into pairs of characters, which works for Chinese as for English."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\w+")


def grams_of(text: str) -> list[str]:
    """The pairs of neighbouring characters of a text's words, each once; a word of one character is itself."""
    found: dict[str, None] = {}
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        if len(word) == 1:
            found[word] = None
        for place in range(len(word) - 1):
            found[word[place : place + 2]] = None
    return list(found)
