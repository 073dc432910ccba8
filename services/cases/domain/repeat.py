"""Whether a customer has come before with the same matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.cases.domain.case import Case

RECENT = timedelta(days=30)
"""How long a closed case is shown to whoever meets its customer next."""


def repeated_case(known: Sequence[Case], topic: str | None, *, repeat_days: int, now: datetime) -> Case | None:
    """The case that a customer comes back to, among their cases, newest first; none when the matter is new.

    The same topic within `repeat_days` of its last change, unless it is closed; without a topic, any unfinished one.
    """
    since = now - timedelta(days=repeat_days)
    fresh = [case for case in known if case.state != "closed" and (case.is_active or case.updated_at >= since)]
    if topic is None:
        return next((case for case in fresh if case.is_active), None)
    return next((case for case in fresh if case.topic == topic), None)
