"""An agent's shifts and leave as an iCalendar feed (RFC 5545), for whoever knows its secret address.

A day's event keeps its UID whatever becomes of the shift. SEQUENCE is the second (since 2020) of the last publication,
answer or withdrawal that concerned the day, so it only grows; a shift that was taken away stays as CANCELLED.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.domain.agent import Agent
from services.roster.domain.change import ShiftChange
from services.roster.domain.leave import Leave
from services.roster.domain.shift import Shift
from services.roster.domain.team import Team
from services.roster.queries.attendance import days_between
from services.roster.queries.changes import changes_by_id
from services.roster.queries.leave import leave_of
from services.roster.queries.people import agent as visible_agent
from services.roster.queries.people import team_of
from services.roster.queries.schedules import planned_history, published_when
from services.roster.queries.sheets import agents_named
from services.roster.tables import calendar_feeds
from shared.contracts.refusal import Refusal
from shared.contracts.roster import Cell
from shared.platform.actor import Actor

if TYPE_CHECKING:
    from icalendar import Event

BACK, AHEAD = timedelta(days=31), timedelta(days=92)
SINCE = datetime(2020, 1, 1, tzinfo=UTC)

_WORDS = {
    "zh-CN": {
        "unconfirmed": "（待确认）",
        "leave": "请假",
        "before": "您目前确认的班次：{text}",
        "nothing": "无",
        "title": "{name} 的班表",
    },
    "en": {
        "unconfirmed": " (to be confirmed)",
        "leave": "Leave",
        "before": "The shift you have confirmed so far: {text}",
        "nothing": "none",
        "title": "Shifts of {name}",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """Whether an agent's feed is open, and since when its present address holds. The address is shown only once."""

    agent_id: UUID
    active: bool
    made_at: datetime | None
    made_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """A day of the feed: its shift, since when it is so, and (of a cancelled one) the hours that it had."""

    shift: Shift
    changed_at: datetime
    had: Cell | None


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def feed_status(conn: AsyncConnection, *, actor: Actor, agent_id: UUID) -> FeedStatus:
    """Whether an agent's feed is open."""
    await visible_agent(conn, actor=actor, agent_id=agent_id)
    row = (await conn.execute(select(calendar_feeds).where(calendar_feeds.c.agent_id == agent_id))).one_or_none()
    return FeedStatus(
        agent_id=agent_id,
        active=row is not None,
        made_at=row.made_at if row else None,
        made_by=row.made_by if row else None,
    )


async def feed(conn: AsyncConnection, *, agent_id: UUID, secret: str, now: datetime) -> bytes:
    """The feed; 404 for whoever does not know the secret."""
    query = select(calendar_feeds.c.digest).where(calendar_feeds.c.agent_id == agent_id)
    digest = (await conn.execute(query)).scalar()
    if digest is None or not hmac.compare_digest(digest, digest_of(secret)):
        raise Refusal("not-found", noun="calendar", what=agent_id)
    [agent] = await agents_named(conn, agent_ids=[agent_id])
    team = await team_of(conn, agent.team_id)
    today = now.astimezone(team.tz).date()
    days = await _days(conn, agent_id, today - BACK, today + AHEAD)
    leave = await leave_of(conn, agent_id, today - BACK, today + AHEAD, states=("approved", "cancelled"))
    return _written(agent, team, days, leave)


async def _days(conn: AsyncConnection, agent_id: UUID, from_on: date, to_on: date) -> list[_Day]:
    shifts = (await days_between(conn, [agent_id], from_on, to_on)).get(agent_id, {})
    planned = [shifts[on] for on in sorted(shifts) if shifts[on].roster_id and shifts[on].planned_number]
    published = await published_when(
        conn, {(one.roster_id, one.planned_number) for one in planned if one.roster_id and one.planned_number}
    )
    changes = await changes_by_id(conn, {one.change_id for one in planned if one.change_id})
    gone = [one for one in planned if not _has_hours(one.planned)]
    had = await _last_hours(conn, agent_id, gone)
    return [
        _Day(shift=one, changed_at=_changed_at(one, published, changes), had=had.get(one.on))
        for one in planned
        if _has_hours(one.planned) or one.on in had
    ]


async def _last_hours(conn: AsyncConnection, agent_id: UUID, gone: Sequence[Shift]) -> dict[date, Cell]:
    """The hours that days without a shift last had in any version; none when they never had any."""
    if not gone:
        return {}
    rosters = {one.roster_id for one in gone if one.roster_id}
    history = await planned_history(conn, [agent_id], rosters, {one.on for one in gone})
    found: dict[date, Cell] = {}
    for (_, _, on), versions in history.items():
        for one in versions:
            if one.cell and _has_hours(one.cell):
                found[on] = one.cell
    return found


def _has_hours(cell: Cell | None) -> bool:
    return cell is not None and cell.starts_at is not None


def _changed_at(
    shift: Shift, published: Mapping[tuple[UUID, int], datetime], changes: Mapping[UUID, ShiftChange]
) -> datetime:
    assert shift.roster_id
    at = published.get((shift.roster_id, shift.planned_number or 0), SINCE)
    change = changes.get(shift.change_id) if shift.change_id else None
    moved = [step.at for step in change.history if step.what in ("confirmed", "withdrawn")] if change else []
    return max(at, *moved) if moved else at


def _written(agent: Agent, team: Team, days: Iterable[_Day], leave: Iterable[Leave]) -> bytes:
    words = _WORDS.get(agent.language, _WORDS["zh-CN"])
    from icalendar import Calendar  # noqa: PLC0415 - heavy, and asked for now and then

    calendar = Calendar()
    calendar.add("prodid", "-//Ringback//roster//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", words["title"].format(name=agent.name))
    calendar.add("x-wr-timezone", team.zone)
    calendar.refresh_interval = timedelta(hours=1)
    for day in days:
        calendar.add_component(_shift_event(agent, team, day, words))
    for one in leave:
        calendar.add_component(_leave_event(one, words))
    written: bytes = calendar.to_ical()
    return written


def _shift_event(agent: Agent, team: Team, day: _Day, words: Mapping[str, str]) -> Event:
    shift, cell = day.shift, day.shift.planned if _has_hours(day.shift.planned) else day.had
    assert cell
    cancelled = not _has_hours(shift.planned)
    event = _event(f"shift-{agent.agent_id}-{shift.on}", day.changed_at)
    event.add("dtstart", cell.starts_at)
    event.add("dtend", cell.ends_at)
    event.add("sequence", int((day.changed_at - SINCE).total_seconds()))
    event.add("summary", f"{cell.code}{'' if shift.agreed or cancelled else words['unconfirmed']} {team.name}")
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED" if shift.agreed else "TENTATIVE")
    if not shift.agreed:
        event.add("description", words["before"].format(text=_told(shift.accountable, team, words)))
    return event


def _told(cell: Cell | None, team: Team, words: Mapping[str, str]) -> str:
    if cell is None or cell.starts_at is None or cell.ends_at is None:
        return cell.code if cell else words["nothing"]
    hours = f"{cell.starts_at.astimezone(team.tz):%H:%M}-{cell.ends_at.astimezone(team.tz):%H:%M}"
    return hours if cell.code == hours else f"{cell.code} {hours}"


def _leave_event(leave: Leave, words: Mapping[str, str]) -> Event:
    event = _event(f"leave-{leave.leave_id}", leave.updated_at)
    event.add("dtstart", leave.starts_at or leave.from_on)
    event.add("dtend", leave.ends_at or leave.to_on + timedelta(days=1))
    event.add("sequence", leave.version)
    event.add("summary", words["leave"])
    event.add("status", "CONFIRMED" if leave.state == "approved" else "CANCELLED")
    event.add("transp", "OPAQUE")
    return event


def _event(uid: str, at: datetime) -> Event:
    from icalendar import Event  # noqa: PLC0415 - as above

    event = Event()
    event.add("uid", f"{uid}@ringback")
    event.add("dtstamp", at)
    event.add("last-modified", at)
    return event
