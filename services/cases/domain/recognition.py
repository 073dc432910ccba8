"""How a customer whom nobody could call back is recognised: identities they are known by, and words about them.

What is looked up are hashes of normalised texts; the texts themselves stay with the bulletin.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from services.cases.domain.customer import Identity, normalise
from shared.contracts.refusal import Refusal

NAME = "name"
"""A name, or a part of one."""

WORDS = (NAME, "order", "vehicle", "word")
"""Kinds of hint that are no identity; others (phone, email, wechat, account…) are."""

LONGEST_NAME = 20
"""Characters of a name whose parts are looked up."""

KEY_SIZE = 16


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing to recognise a customer by."""

    kind: str
    value: str


def read_hint(hint: Hint) -> Hint:
    """A hint in its one written form; an identity's as customers' are (`phone-invalid`, …)."""
    kind = hint.kind.lower()
    if kind in WORDS:
        if not plain(hint.value):
            raise Refusal("text-too-short", min_length=1)
        return Hint(kind, hint.value.strip())
    known = normalise(Identity(kind, hint.value))
    return Hint(known.kind, known.value)


def key_of(hint: Hint) -> bytes:
    """What a hint is looked up by. An order or plate number said as a mere word is the same."""
    if hint.kind == NAME:
        return _key(NAME, plain(hint.value))
    if hint.kind in WORDS:
        return _key("word", plain(hint.value))
    return _key(hint.kind, hint.value)


def keys_of_visitor(identities: Iterable[Identity], names: Iterable[str], words: Iterable[str]) -> dict[bytes, str]:
    """What somebody who comes now could be recognised by, with the kind of hint each is.

    A word they say may also be a name. Identities are normalised ones.
    """
    said = [plain(word) for word in words]
    found = {_key("word", word): "word" for word in said if word}
    found |= {_key(NAME, part): NAME for name in (*names, *said) for part in _parts(plain(name))}
    return found | {_key(one.kind, one.value): one.kind for one in identities}


def plain(text: str) -> str:
    """A text without what people write differently: width, case, blanks and punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def _parts(name: str) -> Iterable[str]:
    """Every part of a name: somebody remembers 张 of 张伟, or the end of it."""
    name = name[:LONGEST_NAME]
    return {name[start:end] for start in range(len(name)) for end in range(start + 1, len(name) + 1)}


def _key(kind: str, value: str) -> bytes:
    return hashlib.blake2b(f"{kind}\x1f{value}".encode(), digest_size=KEY_SIZE).digest()
