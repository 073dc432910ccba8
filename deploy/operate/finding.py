"""What an examination found: a level, a sentence in both languages, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "failure"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. A fix is told for everything that is not ok."""

    level: Level
    about: str
    zh: str
    en: str
    fix_zh: str = ""
    fix_en: str = ""


def ok(about: str, zh: str, en: str) -> Finding:
    """All is well."""
    return Finding("ok", about, zh, en)


def warning(about: str, zh: str, en: str, fix_zh: str, fix_en: str) -> Finding:
    """It works, but somebody should look."""
    return Finding("warning", about, zh, en, fix_zh, fix_en)


def failure(about: str, zh: str, en: str, fix_zh: str, fix_en: str) -> Finding:
    """Something does not work."""
    return Finding("failure", about, zh, en, fix_zh, fix_en)
