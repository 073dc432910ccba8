"""In what manner one question is asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How one question is asked, fixed when it is: later versions of its policy do not change it."""

    event_type: str
    policy_version: int
    asked: str
    reminder: str
    silent: str
    overdue: str
    urgent: bool = False
    answerable: bool = True
