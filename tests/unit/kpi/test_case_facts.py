"""What cases, their clocks, hand-offs, promises, complaints and surveys count for, in whatever order they are heard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from services.kpi.domain.fact import Fact, latest
from services.kpi.domain.kinds import (
    CASE,
    COMPLAINT,
    HANDOFF,
    HANDOFF_ACK,
    INTAKE,
    PROMISE,
    REOPENING,
    RESOLUTION,
    SLA,
    SURVEY,
    TRANSFER,
    Kind,
)
from services.kpi.domain.sources import FACTS
from shared.contracts.cases import (
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CaseResolved,
    CaseTransferred,
    ComplaintClosed,
    ComplaintRaised,
    Completeness,
    HandoffAccepted,
    HandoffAnswered,
    HandoffClosed,
    HandoffOverdue,
    HandoffRequested,
    PromiseBroken,
    PromiseCancelled,
    PromiseKept,
    PromiseMade,
    SlaBreached,
    SlaFulfilled,
    SurveyAnswered,
    SurveyRequested,
)
from shared.contracts.event import Event
from tests.unit.kpi.samples import HOUR, NOON, TEAM, enveloped, measured

CASE_ID, OTHER_TEAM = UUID(int=70), UUID(int=2)

_CASE: dict[str, Any] = {
    "case_id": CASE_ID,
    "number": "C20260302-0001",
    "case_type": "consult",
    "channel": "phone",
    "summary": "账单",
    "quadrant": 2,
    "zone": "Asia/Shanghai",
    "opened_at": NOON,
    "topic": "bill",
    "topic_name": "账单",
    "team_id": TEAM,
    "team_name": "热线一组",
    "owner": "A001",
    "owner_name": "林晓梅",
}
_HANDOFF: dict[str, Any] = _CASE | {
    "handoff_id": UUID(int=71),
    "hop": 1,
    "sender": "A001",
    "sender_name": "林晓梅",
    "to_team_id": OTHER_TEAM,
    "to_team_name": "计费组",
    "handoff_channel": "system",
    "external": False,
    "reason": "billing",
    "request": "请核对",
    "requested_at": NOON,
    "ack_due_at": NOON + HOUR,
    "due_at": NOON + 24 * HOUR,
    "from_team_id": TEAM,
    "from_team_name": "热线一组",
}
_PROMISE: dict[str, Any] = _CASE | {
    "promise_id": UUID(int=72),
    "promised_by": "A002",
    "promised_by_name": "王强",
    "text": "三点前回电",
    "made_at": NOON,
    "due_at": NOON + 3 * HOUR,
}
_COMPLAINT: dict[str, Any] = _CASE | {"stage": "raised", "raised_at": NOON, "step": "callback"}
_SURVEY: dict[str, Any] = _CASE | {
    "survey_id": UUID(int=73),
    "requested_at": NOON,
    "expires_at": NOON + 24 * HOUR,
}
_CLOCK: dict[str, Any] = _CASE | {
    "clock_id": UUID(int=74),
    "target": "first_response",
    "policy": "standard",
    "policy_version": 1,
    "target_seconds": 3600,
    "activated_at": NOON,
    "due_at": NOON + HOUR,
}


def told_of_the_case() -> dict[str, Any]:
    """What every event of the case says."""
    return dict(_CASE)


FIELDS = Completeness(required=10, given=6, refused=1, unknown=1, not_asked=2)
OPENED = CaseOpened(**_CASE, opened_by="A001")
RESOLVED = CaseResolved(
    **_CASE, resolved_at=NOON + 2 * HOUR, resolved_by="A001", resolution_seconds=7200, working_seconds=3600
)
REOPENED = CaseReopened(**_CASE, reopened_at=NOON + 3 * HOUR, reopen_count=1, reason="no")
CLOSED = CaseClosed(**_CASE, closed_at=NOON + 9 * HOUR, how="confirmed", reopen_count=1, completeness=FIELDS)


def facts_of(events: Sequence[Event], kind: Kind) -> list[Fact]:
    """The newest version of each fact of a kind that these events, in their sequence, leave: in any order the same."""
    numbered = [(event, enveloped(event, number, number=number)) for number, event in enumerate(events, start=1)]
    left = []
    for order in permutations(numbered):
        told = [
            fact
            for event, envelope in order
            for of, make in FACTS[type(event)]
            if of is kind
            for fact in make(event, envelope)
        ]
        left.append(sorted(latest(told), key=lambda fact: fact.key))
    assert all(facts == left[0] for facts in left)
    return left[0]


def counted(kind: Kind, *events: Event) -> SimpleNamespace:
    [fact] = facts_of(events, kind)
    return measured(fact)


def test_a_case_is_in_the_backlog_until_it_is_resolved_and_again_when_reopened() -> None:
    assert [counted(CASE, *events).open for events in ([OPENED], [OPENED, RESOLVED], [OPENED, RESOLVED, REOPENED])] == [
        1,
        0,
        1,
    ]
    done = counted(CASE, OPENED, RESOLVED, REOPENED, RESOLVED, CLOSED)
    assert (done.opened, done.open, done.closed, done.opened_ms) == (1, 0, 1, None)


def test_a_reopened_case_has_no_resolution_time_until_it_is_resolved_again() -> None:
    once = counted(RESOLUTION, RESOLVED)
    assert (once.resolved, once.resolution_ms, once.working_ms) == (1, 7_200_000, 3_600_000)
    undone = counted(RESOLUTION, RESOLVED, REOPENED)
    assert (undone.ever_resolved, undone.resolved, undone.resolution_ms) == (1, 0, None)
    assert counted(RESOLUTION, RESOLVED, REOPENED, RESOLVED).resolution_ms == 7_200_000
    assert counted(REOPENING, REOPENED, REOPENED).reopened == 1


def test_a_transfer_counts_for_who_gave_the_case_away_each_time() -> None:
    given = CaseTransferred(**_CASE, transferred_at=NOON, reason_code="skill", from_staff_no="A009", from_name="赵敏")
    facts = facts_of([given, given], TRANSFER)
    assert [fact.belongs.dimensions.agent for fact in facts] == ["A009", "A009"]


def test_not_asked_is_not_refused() -> None:
    fields = counted(INTAKE, OPENED, CLOSED)
    assert (fields.required, fields.given, fields.refused, fields.not_asked) == (10, 6, 1, 2)
    assert facts_of([OPENED, RESOLVED], INTAKE) == []


def stopped_clock(met: bool, seconds: int = 1800) -> SlaFulfilled:
    """The first response was given, in or out of time."""
    return SlaFulfilled(
        **_CLOCK, fulfilled_at=NOON + 9 * HOUR, counted_seconds=seconds, calendar_seconds=2 * seconds, met=met
    )


@pytest.mark.parametrize(("met", "seconds"), [(True, 1800), (False, 5400)])
def test_a_clock_is_met_or_breached_never_both(met: bool, seconds: int) -> None:
    late = [] if met else [SlaBreached(**_CLOCK, breached_at=NOON + HOUR, level=1)]
    clock = counted(SLA, *late, stopped_clock(met, seconds))
    assert (clock.met, clock.breached, clock.responded) == (int(met), int(not met), 1)
    assert (clock.response_ms, clock.response_calendar_ms) == (seconds * 1000, seconds * 2000)


def test_only_the_first_response_has_a_response_time() -> None:
    told = _CLOCK | {
        "target": "resolution",
        "fulfilled_at": NOON,
        "counted_seconds": 1,
        "calendar_seconds": 1,
        "met": True,
    }
    clock = counted(SLA, SlaFulfilled(**told))
    assert (clock.met, clock.responded, clock.response_ms) == (1, 0, None)


REQUESTED = HandoffRequested(**_HANDOFF)
ACCEPTED = HandoffAccepted(**_HANDOFF, accepted_at=NOON, accepted_by="B001", in_time=True, ack_seconds=600)
IN_TIME = HandoffAnswered(
    **_HANDOFF, answered_at=NOON + HOUR, answered_by="B001", answer="已更正", in_time=True, work_seconds=3600
)
OVERDUE = HandoffOverdue(**_HANDOFF, overdue_at=NOON + 25 * HOUR, clock="work", step=1, told=("receiver",))


def over(outcome: str, closed_loop: bool | None) -> HandoffClosed:
    return HandoffClosed(**_HANDOFF, closed_at=NOON + 26 * HOUR, outcome=outcome, closed_loop=closed_loop)


@pytest.mark.parametrize(
    ("events", "due", "closed"),
    [
        ([REQUESTED], 0, 0),
        ([REQUESTED, IN_TIME], 0, 0),
        ([REQUESTED, IN_TIME, over("answered", True)], 1, 1),
        ([REQUESTED, OVERDUE], 1, 0),
        ([REQUESTED, OVERDUE, over("answered", False)], 1, 0),
        ([REQUESTED, over("withdrawn", None)], 0, 0),
    ],
)
def test_a_loop_is_closed_when_answered_in_time_and_the_customer_was_told(
    events: list[Event], due: int, closed: int
) -> None:
    loop = counted(HANDOFF, *events)
    assert (loop.due, loop.closed_loop) == (due, closed)


def test_a_hand_off_is_its_senders_loop_and_its_acceptance_the_receivers() -> None:
    [ack] = facts_of([ACCEPTED], HANDOFF_ACK)
    assert (ack.belongs.dimensions.agent, ack.belongs.dimensions.team) == ("B001", str(OTHER_TEAM))
    assert measured(ack).handoff_ack_ms == 600_000
    [loop] = facts_of([REQUESTED], HANDOFF)
    assert (loop.belongs.dimensions.agent, loop.belongs.dimensions.to_team) == ("A001", str(OTHER_TEAM))


MADE = PromiseMade(**_PROMISE)
BROKEN = PromiseBroken(**_PROMISE, broken_at=NOON + 3 * HOUR)


def kept(in_time: bool) -> PromiseKept:
    return PromiseKept(**_PROMISE, kept_at=NOON + 4 * HOUR, kept_by="A002", in_time=in_time)


@pytest.mark.parametrize(
    ("events", "due", "was_kept"),
    [
        ([MADE], 0, 0),
        ([MADE, kept(in_time=True)], 1, 1),
        ([MADE, BROKEN], 1, 0),
        ([MADE, BROKEN, kept(in_time=False)], 1, 0),
        ([MADE, PromiseCancelled(**_PROMISE, cancelled_at=NOON, cancelled_by="A002", why="x")], 0, 0),
    ],
)
def test_a_promise_counts_for_who_made_it_once_it_was_due(events: list[Event], due: int, was_kept: int) -> None:
    [fact] = facts_of(events, PROMISE)
    assert (measured(fact).promise_due, measured(fact).promise_kept) == (due, was_kept)
    assert fact.belongs.dimensions.agent == "A002"


def complaint_raised() -> ComplaintRaised:
    """A complaint about a callback."""
    return ComplaintRaised(**_COMPLAINT, raised_by="A001")


def complaint_closed(root_cause: str) -> ComplaintClosed:
    """It is over, and its root cause is known."""
    at = NOON + timedelta(days=3)
    over = {"stage": "closed", "closed_at": at, "root_cause": root_cause, "decision": "upheld"}
    return ComplaintClosed(**_COMPLAINT | over)


def test_a_complaint_is_one_whatever_stage_and_gets_its_root_cause_at_the_end() -> None:
    [fact] = facts_of([complaint_raised(), complaint_closed("process")], COMPLAINT)
    assert (fact.belongs.dimensions.step, fact.belongs.dimensions.root_cause) == ("callback", "process")
    assert (measured(fact).complaints, fact.happened_at) == (1, NOON)


def test_of_a_survey_the_last_answer_counts_and_declining_is_no_rating() -> None:
    asked = SurveyRequested(**_SURVEY)
    first = SurveyAnswered(**_SURVEY, answered_at=NOON, declined=False, rating=2, recommend=3)
    last = SurveyAnswered(**_SURVEY, answered_at=NOON, declined=False, rating=5, recommend=9)
    survey = counted(SURVEY, asked, first, last)
    assert (survey.invited, survey.survey_rated, survey.survey_good, survey.survey_points) == (1, 1, 1, 5)
    assert (survey.promoters, survey.detractors, survey.recommend_told) == (1, 0, 1)
    declined = counted(SURVEY, asked, SurveyAnswered(**_SURVEY, answered_at=NOON, declined=True))
    assert (declined.invited, declined.declined, declined.survey_rated) == (1, 1, 0)
    assert counted(SURVEY, SurveyRequested(**_SURVEY, invited=False)).invited == 0
