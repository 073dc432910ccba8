"""The organisation's own working days, and the secret addresses of calendar feeds."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.roster.domain.own_day import OwnDay
from services.roster.queries.calendar import find_own_day
from services.roster.queries.feed import digest_of
from services.roster.queries.sight import name_of
from services.roster.store import calendar as store
from services.roster.store import people
from shared.contracts.refusal import Refusal
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAddress:
    """Where an agent's calendar is to be fetched, by whoever has the address. It is not shown again."""

    agent_id: UUID
    path: str
    made_at: datetime


async def set_own_day(work: Work, *, on: date, working: bool, name: str | None) -> OwnDay:
    """Decide about a day, whatever the official calendar says."""
    before = await find_own_day(work.conn, on)
    day = OwnDay(
        on=on,
        working=working,
        name=name,
        set_by=name_of(work.actor),
        version=before.version + 1 if before else 1,
        updated_at=work.now,
    )
    await store.save_own_day(work.conn, day)
    return day


async def forget_own_day(work: Work, *, on: date) -> None:
    """Let the official calendar hold again."""
    if not await store.delete_own_day(work.conn, on):
        raise Refusal("not-found", noun="calendar override", what=on)


async def open_feed(work: Work, *, agent_id: UUID) -> FeedAddress:
    """Make a new secret address of an agent's calendar; the one before is worth nothing from now on."""
    await _require_own(work, agent_id)
    secret = secrets.token_urlsafe(32)
    await store.save_feed(work.conn, agent_id, digest_of(secret), by=name_of(work.actor), now=work.now)
    path = f"/roster/v1/agents/{agent_id}/calendar.ics?key={secret}"
    return FeedAddress(agent_id=agent_id, path=path, made_at=work.now)


async def close_feed(work: Work, *, agent_id: UUID) -> None:
    """Nobody fetches the calendar any more."""
    await _require_own(work, agent_id)
    await store.delete_feed(work.conn, agent_id)


async def _require_own(work: Work, agent_id: UUID) -> None:
    """The address is the agent's alone: who has it sees all their shifts. A system may pass it on to them."""
    agent = await people.load_agent(work.conn, agent_id)
    if work.actor.staff_no != agent.staff_no and not work.actor.sees_all:
        raise Refusal("not-yours")
