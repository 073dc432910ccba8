"""Swaps and shifts given away: offered, accepted, approved, and then in force with both sides' agreement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from services.roster.commands.cells import publish_cells
from services.roster.commands.exchange import in_the_way, require_free, require_possible
from services.roster.domain import swap as swaps
from services.roster.domain.agent import Agent
from services.roster.domain.decision import decide_by, deciders, next_reminder, reminder
from services.roster.domain.fitness import Obstacle
from services.roster.domain.roster import Roster
from services.roster.domain.shift import Shift
from services.roster.domain.swap import Swap
from services.roster.domain.team import Team
from services.roster.queries.named import agent_named
from services.roster.queries.sight import leads, name_of, require_lead
from services.roster.store import exchange as store
from services.roster.store import people, rosters
from services.roster.store.shifts import load_shifts
from shared.contracts.refusal import Fault, Refusal
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

LAPSE, CHASE = "lapse_swap", "chase_swap"


async def offer_swap(
    work: Work, *, staff_no: str | None, on: date, with_staff_no: str, with_on: date | None, note: str | None
) -> Swap:
    """Offer one's shift to somebody, for one of theirs (`with_on`) or for nothing."""
    giver = await agent_named(work.conn, staff_no or work.actor.staff_no)
    _require_oneself(work, giver.staff_no)
    taker = await agent_named(work.conn, with_staff_no, field="with_staff_no")
    if giver.agent_id == taker.agent_id:
        raise Refusal("swap-with-oneself", faults=(Fault("with_staff_no", "swap-with-oneself", {}),))
    planned = await _planned(work, [giver, taker], [one for one in (on, with_on) if one])
    given = planned.get((giver.agent_id, on))
    cell = swaps.require_tradable(given, giver, on, work.now)
    other = planned.get((taker.agent_id, with_on)) if with_on else None
    other_cell = swaps.require_tradable(other, taker, with_on, work.now) if with_on else None
    roster_id = _common_roster([one for one in (given, other) if one])
    lapses_at = min(one.starts_at for one in (cell, other_cell) if one and one.starts_at)
    team = await people.load_team(work.conn, giver.team_id)
    swap = Swap(
        swap_id=new_id(),
        kind="swap" if with_on else "give_away",
        roster_id=roster_id,
        team_id=giver.team_id,
        from_agent_id=giver.agent_id,
        from_staff_no=giver.staff_no,
        from_name=giver.name,
        from_on=on,
        from_cell=cell,
        to_agent_id=taker.agent_id,
        to_staff_no=taker.staff_no,
        to_name=taker.name,
        to_on=with_on,
        to_cell=other_cell,
        note=note,
        offered_at=work.now,
        lapses_at=lapses_at,
        decide_by=_decide_by(work, team, lapses_at),
        updated_at=work.now,
    )
    if giver.team_id != taker.team_id:
        raise Refusal("swap-between-rosters")
    await _check(work, swap, team, giver, taker)
    await store.save_swap(work.conn, swap)
    await set_timers(work, [Timer(kind=LAPSE, subject_id=swap.swap_id, due_at=swap.lapses_at)])
    await _remind(work, swap)
    work.record(swaps.offered(swap, team), sequence=swap.version)
    return swap


def _decide_by(work: Work, team: Team, lapses_at: datetime) -> datetime:
    within = timedelta(minutes=team.settings.decide_within_minutes)
    return min(decide_by(work.now, within, lapses_at), lapses_at)


def _told(swap: Swap, team: Team) -> tuple[str, ...]:
    """Whose turn it is, and who hears next: the taker, then who waits for them; or those who approve."""
    if swap.state == "offered":
        return ("taker", "giver")
    return deciders(team, swap.from_staff_no, swap.to_staff_no)


async def _remind(work: Work, swap: Swap) -> None:
    """At its end there is nothing left to remind of: it lapses."""
    due = next_reminder(swaps.waits_since(swap), swap.decide_by, work.now)
    if due < swap.lapses_at:
        await set_timers(work, [Timer(kind=CHASE, subject_id=swap.swap_id, due_at=due)])


async def chase_swap(work: Work, timer: Timer) -> None:
    """Nobody has answered the offer, or decided what both agreed to: whose turn it is hears it again."""
    swap = await store.find_swap(work.conn, timer.subject_id)
    if swap is None or swap.state not in swaps.OPEN:
        return
    team = await people.load_team(work.conn, swap.team_id)
    told = reminder(_told(swap, team), swap.decide_by, timer.due_at)
    swap, event = swaps.undecided(swap, team, told, work.now)
    await store.save_swap(work.conn, swap)
    work.record(event, sequence=swap.version)
    await _remind(work, swap)


def _common_roster(shifts: list[Shift]) -> UUID:
    found = {shift.roster_id for shift in shifts}
    roster_id = found.pop()
    if found or roster_id is None:
        raise Refusal("swap-between-rosters")
    return roster_id


async def accept_swap(work: Work, *, swap_id: UUID) -> Swap:
    """The other side says yes. It is done where the team's rules approve by themselves and nothing is to be weighed."""
    swap = await store.load_swap(work.conn, swap_id)
    _require_oneself(work, swap.to_staff_no)
    if swap.state in ("accepted", "approved"):
        return swap
    roster = await rosters.load_roster(work.conn, swap.roster_id)
    team = await people.load_team(work.conn, swap.team_id)
    due = _decide_by(work, team, swap.lapses_at)
    swap = swaps.moved(swap, "accepted", now=work.now, accepted_at=work.now, decide_by=due)
    found = await _check(work, swap, team, *await _sides(work, swap))
    if team.settings.swap_approval == "auto" and not found:
        return await _carry_out(work, swap, roster, team, by=None)
    await store.save_swap(work.conn, swap)
    await cancel_timers(work, CHASE, [swap.swap_id])
    await _remind(work, swap)
    work.record(swaps.accepted(swap, team, _told(swap, team)[:1]), sequence=swap.version)
    return swap


async def approve_swap(work: Work, *, swap_id: UUID, reason: str | None) -> Swap:
    """A lead approves what both agreed to: the next version has it, and both have confirmed it already."""
    swap = await store.load_swap(work.conn, swap_id)
    team = await people.load_team(work.conn, swap.team_id)
    require_lead(work.actor, team)
    if work.actor.staff_no in (swap.from_staff_no, swap.to_staff_no):
        raise Refusal("decision-is-anothers")
    if swap.state == "approved":
        return swap
    if swap.state == "offered":
        raise Refusal("swap-not-accepted")
    swaps.require_open(swap)
    roster = await rosters.load_roster(work.conn, swap.roster_id)
    await _check(work, swap, team, *await _sides(work, swap))
    return await _carry_out(work, swap, roster, team, by=name_of(work.actor), reason=reason)


async def reject_swap(work: Work, *, swap_id: UUID, reason: str | None) -> Swap:
    """Who was asked says no, or a lead does."""
    swap = await store.load_swap(work.conn, swap_id)
    team = await people.load_team(work.conn, swap.team_id)
    if work.actor.staff_no != swap.to_staff_no and not leads(work.actor, team):
        raise Refusal("not-yours")
    return await _close(work, swap, "rejected", reason)


async def withdraw_swap(work: Work, *, swap_id: UUID) -> Swap:
    """Who offered takes it back."""
    swap = await store.load_swap(work.conn, swap_id)
    _require_oneself(work, swap.from_staff_no)
    return await _close(work, swap, "withdrawn", None)


async def lapse_swap(work: Work, timer: Timer) -> None:
    """The first of its shifts begins; what is not approved by now will not be."""
    swap = await store.find_swap(work.conn, timer.subject_id)
    if swap and swap.state in swaps.OPEN and swap.lapses_at <= work.now:
        await _keep_closed(work, swaps.moved(swap, "lapsed", now=work.now))


async def _close(work: Work, swap: Swap, state: str, reason: str | None) -> Swap:
    if swap.state == state:
        return swap
    by = name_of(work.actor)
    return await _keep_closed(
        work, swaps.moved(swap, state, now=work.now, decided_by=by, decided_at=work.now, reason=reason)
    )


async def _keep_closed(work: Work, swap: Swap) -> Swap:
    """It is over, and both sides hear so."""
    await store.save_swap(work.conn, swap)
    await _forget_timers(work, swap)
    work.record(swaps.closed(swap, await people.load_team(work.conn, swap.team_id)), sequence=swap.version)
    return swap


async def _forget_timers(work: Work, swap: Swap) -> None:
    for kind in (LAPSE, CHASE):
        await cancel_timers(work, kind, [swap.swap_id])


async def _check(work: Work, swap: Swap, team: Team, giver: Agent, taker: Agent) -> list[Obstacle]:
    """Refuse what cannot be, or is not what was offered; what is left is for the lead to weigh."""
    planned = await _planned(work, [giver, taker], _days(swap))
    given = swaps.require_tradable(planned.get((giver.agent_id, swap.from_on)), giver, swap.from_on, work.now)
    taken = None
    if swap.to_on:
        taken = swaps.require_tradable(planned.get((taker.agent_id, swap.to_on)), taker, swap.to_on, work.now)
    swaps.require_unchanged(swap, given, taken)
    cells = _cells(planned)
    if swap.to_on != swap.from_on:
        require_free(taker, swap.from_on, cells.get((taker.agent_id, swap.from_on)))
        if swap.to_on:
            require_free(giver, swap.to_on, cells.get((giver.agent_id, swap.to_on)))
    found = await in_the_way(work, team, [giver, taker], swaps.cells_after(swap, cells))
    require_possible(found)
    return found


async def _carry_out(
    work: Work, swap: Swap, roster: Roster, team: Team, *, by: str | None, reason: str | None = None
) -> Swap:
    planned = _cells(await _planned(work, await _sides(work, swap), _days(swap)))
    after = swaps.cells_after(swap, planned)
    made = await publish_cells(work, roster=roster, team=team, cells=after, note=swap.note, agreed=True)
    details = {"decided_by": by, "decided_at": work.now, "reason": reason, "number": made.number}
    swap = swaps.moved(swap, "approved", now=work.now, **details)
    await store.save_swap(work.conn, swap)
    await _forget_timers(work, swap)
    work.record(swaps.completed(swap, team, planned, after), sequence=swap.version)
    return swap


async def _sides(work: Work, swap: Swap) -> tuple[Agent, Agent]:
    giver = await agent_named(work.conn, swap.from_staff_no)
    return giver, await agent_named(work.conn, swap.to_staff_no)


async def _planned(
    work: Work, sides: list[Agent] | tuple[Agent, ...], days: list[date]
) -> dict[tuple[UUID, date], Shift]:
    shifts = await load_shifts(work.conn, [agent.agent_id for agent in sides], min(days), max(days))
    return {(shift.agent_id, shift.on): shift for shift in shifts if shift.on in days}


def _cells(planned: Mapping[tuple[UUID, date], Shift]) -> swaps.Planned:
    return {key: shift.planned for key, shift in planned.items()}


def _days(swap: Swap) -> list[date]:
    return [one for one in (swap.from_on, swap.to_on) if one]


def _require_oneself(work: Work, staff_no: str) -> None:
    """Nobody agrees for somebody else; a system may pass on what they said."""
    if work.actor.staff_no != staff_no and not work.actor.sees_all:
        raise Refusal("not-yours")
