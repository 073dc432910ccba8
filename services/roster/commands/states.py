"""Agent states from the switch. Late ones settle their shifts again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.roster.commands.news import CLOCKS_MAY_DIFFER, Reported, reported
from services.roster.domain.states import LONGEST_STATE, AgentState
from services.roster.queries.sight import name_of
from services.roster.store.attendance import add_states
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class NewState:
    """An interval as it is reported."""

    staff_no: str
    state: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StateAnswer:
    """What became of a reported interval: `recorded`, `duplicate`, or `refused` with the reason."""

    staff_no: str
    status: str
    code: str | None = None


async def record_states(work: Work, *, states: Sequence[NewState]) -> list[StateAnswer]:
    """Record intervals, each with its own answer; order and repetition make no difference."""
    named = await reported(work, {one.staff_no for one in states})
    codes = [_refusal(work, one, named) for one in states]
    good = {
        (named.agents[one.staff_no].agent_id, AgentState(one.starts_at, one.ends_at, one.state)): None
        for one, code in zip(states, codes, strict=True)
        if code is None
    }
    new = await add_states(
        work.conn,
        [
            {
                "agent_id": agent_id,
                "starts_at": state.starts_at,
                "ends_at": state.ends_at,
                "state": state.state,
                "recorded_at": work.now,
                "recorded_by": name_of(work.actor),
            }
            for agent_id, state in good
        ],
    )
    seen = [(agent_id, state.starts_at, state.ends_at) for agent_id, state in new]
    await named.judge(work, seen, reason="late state")
    return [_answer(one, code, named, new) for one, code in zip(states, codes, strict=True)]


def _refusal(work: Work, report: NewState, named: Reported) -> str | None:
    if report.ends_at <= report.starts_at:
        return "state-backwards"
    if report.ends_at - report.starts_at > LONGEST_STATE:
        return "state-too-long"
    in_future = "state-in-future" if report.ends_at > work.now + CLOCKS_MAY_DIFFER else None
    return named.refusal(work, report.staff_no) or in_future


def _answer(report: NewState, code: str | None, named: Reported, new: set[tuple[UUID, AgentState]]) -> StateAnswer:
    status = "refused"
    if code is None:
        key = (named.agents[report.staff_no].agent_id, AgentState(report.starts_at, report.ends_at, report.state))
        status = "recorded" if key in new else "duplicate"
        new.discard(key)
    return StateAnswer(staff_no=report.staff_no, status=status, code=code)
