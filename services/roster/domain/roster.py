"""A roster: a team's period, its draft's revision and its published versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.contracts.refusal import Fault, Refusal
from shared.contracts.roster import RosterPublished

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """One team's period. `number` is the last published version, 0 before the first.

    `edited_by` wrote last into the draft since then.
    """

    roster_id: UUID
    team_id: UUID
    from_on: date
    to_on: date
    number: int = 0
    version: int = 1
    edited_by: str | None = None
    created_at: datetime
    updated_at: datetime

    def covers(self, day: date) -> bool:
        """Whether a day belongs to the period."""
        return self.from_on <= day <= self.to_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A published version, never changed. `problems` were overridden for `override_reason`."""

    roster_id: UUID
    number: int
    note: str | None
    published_by: str
    published_at: datetime
    override_reason: str | None
    problems: list[dict[str, Any]]
    change_count: int


def roster_view(record: Any) -> dict[str, Any]:
    """A roster, or its stored record, as the API shows it: its period is `from` and `to`."""
    get = (lambda name: getattr(record, name)) if isinstance(record, Roster) else record.__getitem__
    return {
        "roster_id": get("roster_id"),
        "team_id": get("team_id"),
        "from": get("from_on"),
        "to": get("to_on"),
        "number": get("number"),
        "version": get("version"),
        "created_at": get("created_at"),
        "updated_at": get("updated_at"),
    }


def require_sensible_period(from_on: date, to_on: date) -> None:
    """A period runs forward and is at most a year."""
    if to_on < from_on:
        raise Refusal("invalid-value", faults=(Fault("to", "period-backwards", {}),))
    if (to_on - from_on).days >= LONGEST_DAYS:
        raise Refusal("invalid-value", faults=(Fault("to", "period-too-long", {"days": LONGEST_DAYS}),))


def published(roster: Roster, version: Version, team_name: str) -> RosterPublished:
    """The news of a publication."""
    return RosterPublished(
        roster_id=roster.roster_id,
        team_id=roster.team_id,
        team_name=team_name,
        number=version.number,
        from_on=roster.from_on,
        to_on=roster.to_on,
        change_count=version.change_count,
        published_by=version.published_by,
        published_at=version.published_at,
        note=version.note,
        override_reason=version.override_reason,
    )
