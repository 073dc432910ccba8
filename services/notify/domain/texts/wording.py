"""Title and text of a message, with fields in braces: `{name}`. A brace itself is written twice: `{{`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

_PART = re.compile(r"\{\{|\}\}|\{(?P<name>[a-z][a-z0-9_]{0,63})\}|(?P<stray>[{}])")


class Wording(NamedTuple):
    """Title and text, as templates or filled in."""

    title: str
    text: str


def names_in(wording: Wording) -> frozenset[str]:
    """The fields that a template names."""
    return frozenset(found["name"] for part in wording for found in _PART.finditer(part) if found["name"])


def has_stray_brace(wording: Wording) -> bool:
    """Whether a brace neither belongs to a field nor is written twice."""
    return any(found["stray"] for part in wording for found in _PART.finditer(part))


def filled(wording: Wording, facts: Mapping[str, str]) -> Wording:
    """A template filled in; facts that are not known are left empty, and lines that are empty then are left out."""
    text = _filled(wording.text, facts)
    return Wording(_filled(wording.title, facts), "\n".join(line for line in text.splitlines() if line.strip()))


def _filled(template: str, facts: Mapping[str, str]) -> str:
    def part(found: re.Match[str]) -> str:
        return facts.get(found["name"], "") if found["name"] else found[0][0]

    return _PART.sub(part, template)
