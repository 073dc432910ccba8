"""Whether a customer has come before with the same matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.cases.domain.case import Case

RECENT = timedelta(days=30)
"""How long a closed case is shown to whoever meets its customer next."""


@dataclass(frozen=True, slots=True)
class Known:
    """A customer's case, and for how many days after its last change the same matter is no new case."""

    case: Case
    repeat_days: int

    def is_fresh(self, now: datetime) -> bool:
        """Whether the customer may still come back to it."""
        return self.case.is_active or (
            self.case.state == "resolved" and self.case.updated_at >= now - timedelta(days=self.repeat_days)
        )


def repeated_case(known: Sequence[Known], topic: str | None, *, now: datetime) -> Case | None:
    """The case that a customer comes back to, among theirs, newest first; none when the matter is new.

    The same topic, unfinished or resolved within the window; without a topic, the newest unfinished case.
    """
    fresh = [one.case for one in known if one.is_fresh(now)]
    if topic is None:
        return next((case for case in fresh if case.is_active), None)
    return next((case for case in fresh if case.topic == topic), None)
