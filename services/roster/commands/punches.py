"""Punches: who came, who went. A late one settles its shift again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.roster.commands.news import CLOCKS_MAY_DIFFER, Reported, reported
from services.roster.queries.sight import name_of
from services.roster.store.attendance import add_punches
from shared.contracts.refusal import Fault, Refusal
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPunch:
    """A punch as it is reported."""

    staff_no: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PunchAnswer:
    """What became of a reported punch: `recorded`, `duplicate`, or `refused` with the reason."""

    staff_no: str
    kind: str
    at: datetime
    status: str
    code: str | None = None


async def record_punch(work: Work, *, punch: NewPunch) -> PunchAnswer:
    """Record one punch; refuses what cannot be."""
    [answer] = await record_punches(work, punches=[punch])
    if answer.code == "agent-unknown":
        params: dict[str, object] = {"staff_no": punch.staff_no, "name": ""}
        raise Refusal("invalid-value", faults=(Fault("staff_no", answer.code, params),))
    if answer.code == "punch-in-future":
        raise Refusal("invalid-value", faults=(Fault("at", answer.code, {}),))
    if answer.code:
        raise Refusal(answer.code)
    return answer


async def record_punches(work: Work, *, punches: Sequence[NewPunch]) -> list[PunchAnswer]:
    """Record punches, each with its own answer; order and repetition make no difference."""
    named = await reported(work, {one.staff_no for one in punches})
    codes = [_refusal(work, punch, named) for punch in punches]
    good = {
        (named.agents[punch.staff_no].agent_id, punch.at, punch.kind): None
        for punch, code in zip(punches, codes, strict=True)
        if code is None
    }
    recorded = {"recorded_at": work.now, "recorded_by": name_of(work.actor)}
    new = await add_punches(
        work.conn, [{"agent_id": one, "at": at, "kind": kind, **recorded} for one, at, kind in good]
    )
    await named.judge(work, [(agent_id, at, at) for agent_id, at, _ in new], reason="late punch")
    return [_answer(punch, code, named, new) for punch, code in zip(punches, codes, strict=True)]


def _refusal(work: Work, punch: NewPunch, named: Reported) -> str | None:
    in_future = "punch-in-future" if punch.at > work.now + CLOCKS_MAY_DIFFER else None
    return named.refusal(work, punch.staff_no) or in_future


def _answer(punch: NewPunch, code: str | None, named: Reported, new: set[tuple[UUID, datetime, str]]) -> PunchAnswer:
    status = "refused"
    if code is None:
        key = (named.agents[punch.staff_no].agent_id, punch.at, punch.kind)
        status = "recorded" if key in new else "duplicate"
        new.discard(key)
    return PunchAnswer(staff_no=punch.staff_no, kind=punch.kind, at=punch.at, status=status, code=code)
