"""The watchdog's alarm: raised once when ladders stand still, said again every hour, cleared when all is well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

SAID_AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm as it stands."""

    name: str
    raised_at: datetime
    told_at: datetime
    cleared_at: datetime | None = None
    version: int = 1


def sounded(before: Alarm | None, name: str, now: datetime) -> Alarm | None:
    """Something is wrong: the alarm as it is to be said now; none while it was said within the hour."""
    if before is None:
        return Alarm(name=name, raised_at=now, told_at=now)
    if before.cleared_at is not None:
        return Alarm(name=name, raised_at=now, told_at=now, version=before.version + 1)
    if now < before.told_at + SAID_AGAIN_AFTER:
        return None
    return replace(before, told_at=now, version=before.version + 1)


def cleared(before: Alarm | None, now: datetime) -> Alarm | None:
    """All is well: the alarm as it ends; none when there was none."""
    if before is None or before.cleared_at is not None:
        return None
    return replace(before, cleared_at=now, version=before.version + 1)
