"""A settled shift as a record: its fact, its evidence, and when it has to be settled anew."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.roster.domain.agent import Agent
from services.roster.domain.attendance import Notice, Outcome
from services.roster.domain.change import ShiftChange
from services.roster.domain.difference import reason_of
from services.roster.domain.excuse import Evidence
from services.roster.domain.shift import Shift
from services.roster.domain.team import Team
from shared.contracts.codec import from_json, plain, to_json
from shared.contracts.roster import AttendanceCorrected, AttendanceFact, AttendanceSettled

_TOLD = (
    *("change_id", "number", "state", "late_notice", "announced_at", "confirm_by"),
    *("diff_hash", "answer", "resolution"),
)
_LEAVE = ("leave_id", "kind", "from_on", "to_on", "starts_at", "ends_at", "decided_by", "decided_at")
_CORRECTION = ("correction_id", "came_at", "went_at", "reason", "requested_by", "decided_by", "decided_at", "decision")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One revision of one agent's settled day, with what it rests on."""

    fact: AttendanceSettled | AttendanceCorrected
    evidence: dict[str, Any]
    settled_at: datetime
    current: bool = True


def notice_of(change: ShiftChange | None) -> Notice | None:
    """What the change's history says about how its agent was told."""
    if change is None:
        return None
    happened = {step.what for step in change.history}
    return Notice(
        state=change.state,
        late_notice=change.late_notice,
        reached=bool({"delivered", "opened", "confirmed", "refused"} & happened),
        failed="failed" in happened,
    )


def evidence_of(change: ShiftChange | None, shift: Shift, known: Evidence) -> dict[str, Any]:
    """Version numbers, the change with its answer, the deliveries; leave and corrections; how presence is known."""
    states = bool(known.at_work) and not known.punches
    evidence: dict[str, Any] = {
        "planned_number": shift.planned_number,
        "accountable_number": shift.accountable_number,
        "why_different": None if shift.agreed else reason_of(change),
        "source": "punches" if known.punches else "states" if states else "none",
        "leave": [_named(one, _LEAVE) for one in known.leave if one.from_on <= shift.on <= one.to_on],
        "corrections": [_named(one, _CORRECTION) for one in known.corrections],
    }
    if change is None:
        return evidence | {"change": None}
    deliveries = [to_json(step) for step in change.history if step.what in ("delivered", "failed", "opened")]
    return evidence | {"change": _named(change, _TOLD), "deliveries": deliveries}


def _named(thing: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: plain(getattr(thing, name)) for name in names}


def changes_anything(earlier: Settlement, shift: Shift, outcome: Outcome) -> bool:
    """Whether settling again says something new."""
    fact = earlier.fact
    sides = (fact.planned, fact.accountable) != (shift.planned, shift.accountable)
    return sides or any(getattr(fact, name) != getattr(outcome, name) for name in Outcome.__slots__)


def attendance_fact(
    outcome: Outcome,
    shift: Shift,
    agent: Agent,
    team: Team,
    *,
    attendance_id: UUID,
    revision: int,
    reason: str,
) -> AttendanceSettled | AttendanceCorrected:
    """The news of a settled day, or (from the second revision on) of its correction."""
    fact: dict[str, Any] = {
        **{name: getattr(outcome, name) for name in Outcome.__slots__},
        "attendance_id": attendance_id,
        "revision": revision,
        "agent_id": agent.agent_id,
        "staff_no": agent.staff_no,
        "agent_name": agent.name,
        "team_id": team.team_id,
        "team_name": team.name,
        "zone": team.zone,
        "shift_on": shift.on,
        "planned": shift.planned,
        "accountable": shift.accountable,
        "planned_number": shift.planned_number,
        "accountable_number": shift.accountable_number,
        "change_id": shift.change_id,
    }
    return AttendanceSettled(**fact) if revision == 1 else AttendanceCorrected(**fact, reason=reason)


def settlement_from(record: Any) -> Settlement:
    """A settlement from its stored record."""
    stored = json.loads(record["record"])
    kind: type[AttendanceFact] = AttendanceCorrected if record["revision"] > 1 else AttendanceSettled
    fact: Any = from_json(kind, stored["fact"])
    return Settlement(
        fact=fact, evidence=stored["evidence"], settled_at=record["settled_at"], current=record["current"]
    )
