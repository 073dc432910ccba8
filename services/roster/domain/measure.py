"""One measured figure of one agent's day, and when it has to be measured anew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.roster.domain.adherence import Done, Figures, measured
from services.roster.domain.agent import Agent
from services.roster.domain.attendance import there
from services.roster.domain.excuse import Evidence, true_punches
from services.roster.domain.schedule import Plan, plan_from, schedule_of
from services.roster.domain.shift import Shift
from services.roster.domain.states import BREAK, BUSY, READY, WORKING, AgentState, times_in
from services.roster.domain.team import Team
from shared.contracts.codec import from_json
from shared.contracts.roster import AdherenceMeasured


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A revision of a figure, with the plan it is measured against."""

    fact: AdherenceMeasured
    plan: Plan


def done_by(shift: Shift, evidence: Evidence, states: Sequence[AgentState]) -> tuple[Done, str]:
    """What an agent did that day, and how it is known: by `states`, by `punches`, or not at all (`none`)."""
    if states:
        done = Done(
            work=times_in(states, WORKING),
            breaks=times_in(states, BREAK),
            busy=times_in(states, BUSY),
            ready=times_in(states, READY),
        )
        return done, "states"
    work = there(true_punches(evidence), evidence.at_work, shift.planned, shift.accountable)
    return Done(work=work), "punches" if work else "none"


def measure(
    plan: Plan,
    shift: Shift,
    evidence: Evidence,
    states: Sequence[AgentState],
    *,
    agent: Agent,
    team: Team,
    measure_id: UUID,
    attendance_id: UUID,
    now: datetime,
) -> Measure:
    """Measure a day against a plan, for the first time."""
    done, source = done_by(shift, evidence, states)
    figures = measured(schedule_of(plan, shift.on, evidence.leave), done)
    fact = AdherenceMeasured(
        measure_id=measure_id,
        attendance_id=attendance_id,
        revision=1,
        basis=plan.basis,
        agent_id=agent.agent_id,
        staff_no=agent.staff_no,
        agent_name=agent.name,
        team_id=team.team_id,
        team_name=team.name,
        zone=team.zone,
        shift_on=shift.on,
        shift_code=plan.code,
        planned_number=plan.number,
        source=source,
        measured_at=now,
        **{name: getattr(figures, name) for name in Figures.__slots__},
    )
    return Measure(fact=fact, plan=plan)


def after(earlier: Measure, anew: Measure) -> Measure | None:
    """The next revision; none when measuring again says nothing new."""
    names = ("source", *Figures.__slots__)
    if all(getattr(earlier.fact, name) == getattr(anew.fact, name) for name in names):
        return None
    return replace(anew, fact=replace(anew.fact, revision=earlier.fact.revision + 1))


def says_anything(found: Measure) -> bool:
    """Whether there is anything to measure: a plan, or work."""
    return bool(found.plan.hours) or bool(found.fact.worked_seconds)


def measure_from(record: Any) -> Measure:
    """A figure from its stored record."""
    return Measure(fact=from_json(AdherenceMeasured, json.loads(record["record"])), plan=plan_from(record["schedule"]))
