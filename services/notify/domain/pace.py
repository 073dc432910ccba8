"""How fast a channel may be used towards one reader, and what is said together so that nobody is flooded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")

DIGEST_FROM = 3
"""So many waiting for one reader are one message; fewer stay apart."""


@dataclass(frozen=True, slots=True)
class Pace:
    """At most so many messages to one reader within a window; `together`: at most so many in one digest."""

    most: int
    within: timedelta = timedelta(minutes=1)
    together: int = 10

    def bundled(self, waiting: Sequence[T]) -> list[list[T]]:
        """Messages waiting for one reader, as they go out."""
        if len(waiting) < DIGEST_FROM:
            return [[one] for one in waiting]
        return [list(waiting[start : start + self.together]) for start in range(0, len(waiting), self.together)]
