"""Events as kpi hears them, with only what a test is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from services.kpi.domain.fact import Fact
from shared.contracts.cases import ContactFact
from shared.contracts.event import Envelope, Event
from shared.contracts.roster import (
    AttendanceSettled,
    Cell,
    ShiftChangeAnnounced,
    ShiftChangeConfirmed,
    ShiftChangeSuperseded,
    ShiftChangeWithdrawn,
)

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""Monday noon in Shanghai."""

TEAM = UUID(int=1)
HOUR = timedelta(hours=1)


def contact(number: int = 1, *, version: int = 1, answered: bool = True, wait: float = 10, **more: Any) -> ContactFact:
    """An answered phone call of agent A001, or one abandoned."""
    told: dict[str, Any] = {
        "channel": "phone",
        "direction": "inbound",
        "queued_at": NOON,
        "abandoned": not answered,
        "zone": "Asia/Shanghai",
        "agent": "A001",
        "agent_name": "林晓梅",
        "team_id": TEAM,
        "team_name": "热线一组",
    }
    known = {"contact_id": UUID(int=number), "version": version, "answered": answered, "wait_seconds": wait}
    return ContactFact(**told | known | more)


_CHANGE: dict[str, Any] = {
    "change_id": UUID(int=7),
    "roster_id": UUID(int=8),
    "number": 2,
    "agent_id": UUID(int=9),
    "staff_no": "A001",
    "agent_name": "林晓梅",
    "team_id": TEAM,
    "team_name": "热线一组",
    "announced_at": NOON,
    "confirm_by": NOON + 8 * HOUR,
    "first_start_at": NOON + 20 * HOUR,
}


def announced(**more: Any) -> ShiftChangeAnnounced:
    """A change was announced."""
    told = {"zone": "Asia/Shanghai", "days": (), "late_notice": False, "diff_hash": "x"}
    return ShiftChangeAnnounced(**_CHANGE | told | more)


def confirmed(at: datetime = NOON + HOUR, **more: Any) -> ShiftChangeConfirmed:
    """It was confirmed."""
    return ShiftChangeConfirmed(**_CHANGE | {"channel": "link", "confirmed_at": at} | more)


def superseded(**more: Any) -> ShiftChangeSuperseded:
    """A newer publication replaced it."""
    return ShiftChangeSuperseded(**_CHANGE | {"superseded_at": NOON + HOUR, "by_number": 3} | more)


def withdrawn(**more: Any) -> ShiftChangeWithdrawn:
    """The supervisor took it back."""
    return ShiftChangeWithdrawn(**_CHANGE | {"withdrawn_at": NOON + HOUR, "reason": "mistake"} | more)


def settled(number: int = 1, *, deviation: str = "none", cause: str | None = None, **more: Any) -> AttendanceSettled:
    """An early shift on 2 March, settled."""
    shift = Cell(code="早", starts_at=NOON - 4 * HOUR, ends_at=NOON + 4 * HOUR)
    told: dict[str, Any] = {
        "attendance_id": UUID(int=number),
        "revision": 1,
        "agent_id": UUID(int=9),
        "staff_no": "A001",
        "agent_name": "林晓梅",
        "team_id": TEAM,
        "team_name": "热线一组",
        "zone": "Asia/Shanghai",
        "shift_on": date(2026, 3, 2),
        "planned": shift,
        "accountable": shift,
        "came_at": None,
        "went_at": None,
        "deviation_minutes": 0,
        "scheduled_seconds": 8 * 3600,
        "worked_seconds": 8 * 3600,
    }
    return AttendanceSettled(**told | {"deviation": deviation, "cause": cause} | more)


def measured(fact: Fact) -> SimpleNamespace:
    """What a fact adds to each sum, by name; an amount that it has not is none."""
    kind = fact.belongs.kind
    counts = {name: fact.tallies >> kind.bit(name) & 1 for name in kind.counts}
    return SimpleNamespace(**counts, **dict(zip(kind.amounts, fact.amounts, strict=True)))


def enveloped(event: Event, sequence: int = 1, *, number: int = 1) -> Envelope:
    """An event on its way."""
    return Envelope(
        id=UUID(int=number),
        source="/test",
        type=event.type,
        subject=event.subject,
        time=NOON,
        sequence=sequence,
        data=event,
        correlation_id="test",
    )
