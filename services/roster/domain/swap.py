"""Shifts that change hands: offered by one agent to another, accepted, approved by a lead or by the team's rules.

`offered → accepted → approved`, or `rejected` (by who was asked, or by the lead), `withdrawn` (by who offered),
`lapsed` (the first of the shifts has begun).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.roster.domain.agent import Agent
from services.roster.domain.decision import Reminder
from services.roster.domain.shift import Shift
from services.roster.domain.team import Team
from shared.contracts.codec import from_json, to_json
from shared.contracts.refusal import Refusal
from shared.contracts.roster import (
    Cell,
    DayChange,
    SwapAccepted,
    SwapClosed,
    SwapCompleted,
    SwapFact,
    SwapOffered,
    SwapSide,
    SwapUndecided,
)

OPEN = ("offered", "accepted")

Planned = Mapping[tuple[UUID, date], Cell | None]
"""What is planned, by agent and day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """`from` gives the shift of `from_on`, and gets that of `to_on` (a `swap`), or nothing (a `give_away`).

    An offer waits for the taker, an accepted one for a lead, each until `decide_by`; at `lapses_at` it is too late.
    `number` is the roster version in which it took effect.
    """

    swap_id: UUID
    kind: str
    roster_id: UUID
    team_id: UUID
    from_agent_id: UUID
    from_staff_no: str
    from_name: str
    from_on: date
    from_cell: Cell
    to_agent_id: UUID
    to_staff_no: str
    to_name: str
    to_on: date | None = None
    to_cell: Cell | None = None
    note: str | None = None
    state: str = "offered"
    offered_at: datetime
    lapses_at: datetime
    decide_by: datetime
    accepted_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    number: int | None = None
    version: int = 1
    updated_at: datetime


def require_tradable(shift: Shift | None, agent: Agent, on: date, now: datetime) -> Cell:
    """The hours of a shift that can change hands: planned, confirmed by its agent, and yet to begin."""
    if shift is None or shift.planned is None or shift.planned.starts_at is None:
        raise _untradable("shift-not-there", agent, on)
    if shift.planned.starts_at <= now:
        raise _untradable("shift-has-begun", agent, on)
    if not shift.agreed:
        raise _untradable("shift-not-confirmed", agent, on)
    return shift.planned


def _untradable(code: str, agent: Agent, on: date) -> Refusal:
    return Refusal(code, staff_no=agent.staff_no, name=agent.name, on=str(on))


def require_unchanged(swap: Swap, given: Cell, taken: Cell | None) -> None:
    """What was offered has to be what is there now."""
    if (given, taken) != (swap.from_cell, swap.to_cell):
        raise Refusal("swap-shifts-changed")


def cells_after(swap: Swap, kept: Planned) -> dict[UUID, dict[date, Cell | None]]:
    """Each side's days after the exchange: they take the other's shift, and the other's day off where it had one.

    `kept`: what is planned for both on both days.
    """
    giver, taker = swap.from_agent_id, swap.to_agent_id
    given: dict[date, Cell | None] = {swap.from_on: _off(kept.get((taker, swap.from_on)))}
    taken: dict[date, Cell | None] = {}
    if swap.to_on and swap.to_cell:
        taken[swap.to_on] = _off(kept.get((giver, swap.to_on)))
        given[swap.to_on] = swap.to_cell
    return {giver: given, taker: {**taken, swap.from_on: swap.from_cell}}


def _off(cell: Cell | None) -> Cell | None:
    """The other's day off is taken over with the exchange; their hours are not."""
    return cell if cell and cell.starts_at is None else None


def moved(swap: Swap, state: str, *, now: datetime, **details: Any) -> Swap:
    """The next state of a swap that is still open."""
    require_open(swap)
    return replace(swap, state=state, version=swap.version + 1, updated_at=now, **details)


def require_open(swap: Swap) -> None:
    """Refuse what comes too late."""
    if swap.state not in OPEN:
        raise Refusal("swap-not-open", state=swap.state)


def completed(swap: Swap, team: Team, before: Planned, after: dict[UUID, dict[date, Cell | None]]) -> SwapCompleted:
    """The news of shifts that changed hands."""
    names = {
        swap.from_agent_id: (swap.from_staff_no, swap.from_name),
        swap.to_agent_id: (swap.to_staff_no, swap.to_name),
    }
    return SwapCompleted(
        swap_id=swap.swap_id,
        kind=swap.kind,
        team_id=swap.team_id,
        team_name=team.name,
        zone=team.zone,
        roster_id=swap.roster_id,
        number=swap.number or 0,
        sides=tuple(
            SwapSide(
                agent_id=agent_id,
                staff_no=names[agent_id][0],
                name=names[agent_id][1],
                days=tuple(
                    DayChange(on=on, before=before.get((agent_id, on)), after=cells[on]) for on in sorted(cells)
                ),
            )
            for agent_id, cells in after.items()
        ),
        completed_at=swap.updated_at,
        approved_by=swap.decided_by,
        note=swap.note,
    )


def offered(swap: Swap, team: Team) -> SwapOffered:
    """The news of an offer."""
    return SwapOffered(**_fact(swap, team))


def accepted(swap: Swap, team: Team, told: tuple[str, ...]) -> SwapAccepted:
    """The news that it waits for approval."""
    return SwapAccepted(**_fact(swap, team), accepted_at=swap.updated_at, told=told)


def waits_since(swap: Swap) -> datetime:
    """Since when it waits for whose turn it is."""
    return swap.accepted_at or swap.offered_at


def undecided(swap: Swap, team: Team, reminder: Reminder, now: datetime) -> tuple[Swap, SwapUndecided]:
    """Nobody has answered or decided yet."""
    after = replace(swap, version=swap.version + 1, updated_at=now)
    waits_for = "taker" if swap.state == "offered" else "approval"
    return after, SwapUndecided(**_fact(after, team), waits_for=waits_for, step=reminder.step, told=reminder.told)


def closed(swap: Swap, team: Team) -> SwapClosed:
    """The news that it came to nothing."""
    return SwapClosed(
        **_fact(swap, team),
        outcome="declined" if swap.state == "rejected" else swap.state,
        closed_at=swap.updated_at,
        closed_by=swap.decided_by,
        reason=swap.reason,
    )


def _fact(swap: Swap, team: Team) -> dict[str, Any]:
    own = {one.name: getattr(swap, one.name) for one in fields(SwapFact) if hasattr(swap, one.name)}
    return own | {
        "team_name": team.name,
        "zone": team.zone,
        "from_shift": swap.from_cell,
        "to_shift": swap.to_cell,
    }


def swap_from(record: Any) -> Swap:
    """A swap from its stored record."""
    return Swap(**{**record, "from_cell": _cell(record["from_cell"]), "to_cell": _cell(record["to_cell"])})


def _cell(stored: str | None) -> Cell | None:
    return from_json(Cell, json.loads(stored)) if stored else None


def swap_record(swap: Swap) -> dict[str, Any]:
    """A swap in its stored form."""
    plain = {name: getattr(swap, name) for name in Swap.__slots__}
    cells = {name: json.dumps(to_json(plain[name])) if plain[name] else None for name in ("from_cell", "to_cell")}
    return plain | cells
