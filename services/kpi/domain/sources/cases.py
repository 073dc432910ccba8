"""Facts of what cases tells: cases, their clocks, hand-offs, promises, complaints, surveys."""

from __future__ import annotations

from datetime import datetime

from services.kpi.domain.fact import Dimensions, Fact, by_rules, dimension_set, local_day
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
from services.kpi.domain.sources.source import Sources
from shared.contracts.cases import (
    CaseClosed,
    CaseFact,
    CaseOpened,
    CaseReopened,
    CaseResolved,
    CaseTransferred,
    CaseWaiting,
    ComplaintAcknowledged,
    ComplaintAppealed,
    ComplaintClosed,
    ComplaintDecided,
    ComplaintDispatched,
    ComplaintFact,
    ComplaintRaised,
    Completeness,
    HandoffAccepted,
    HandoffAnswered,
    HandoffClosed,
    HandoffFact,
    HandoffOverdue,
    HandoffRequested,
    PromiseBroken,
    PromiseCancelled,
    PromiseFact,
    PromiseKept,
    PromiseMade,
    SlaBreached,
    SlaFact,
    SlaFulfilled,
    SurveyAnswered,
    SurveyRequested,
)
from shared.contracts.event import Envelope, Event

GOOD_FROM = 4
PROMOTER_FROM, DETRACTOR_TO = 9, 6
"""Of 0 to 10, as the net promoter score (Reichheld 2003) has them."""


def open_case(event: CaseFact, envelope: Envelope) -> list[Fact]:
    """A case is open: new, waiting, going on, or open again."""
    opened_ms = int(event.opened_at.timestamp() * 1000)
    return [_fact(CASE, event, envelope, CASE.tally(opened=True, open=True), amounts=(opened_ms,))]


def settled_case(event: CaseFact, envelope: Envelope) -> list[Fact]:
    """A case is resolved or closed."""
    tallies = CASE.tally(opened=True, closed=isinstance(event, CaseClosed))
    return [_fact(CASE, event, envelope, tallies, amounts=(None,))]


def resolution(event: CaseResolved, envelope: Envelope) -> list[Fact]:
    """A case was resolved."""
    working = event.working_seconds
    tallies = RESOLUTION.tally(ever_resolved=True, resolved=True, worked=working is not None)
    amounts = (_ms(event.resolution_seconds), None if working is None else _ms(working))
    return [_fact(RESOLUTION, event, envelope, tallies, at=event.resolved_at, amounts=amounts)]


def undone_resolution(event: CaseReopened, envelope: Envelope) -> list[Fact]:
    """It was not over: the time to its resolution is not known yet."""
    tallies = RESOLUTION.tally(ever_resolved=True)
    return [_fact(RESOLUTION, event, envelope, tallies, at=event.reopened_at, amounts=(None, None))]


def reopening(event: CaseReopened, envelope: Envelope) -> list[Fact]:
    """A case was reopened, once more or for the first time."""
    return [_fact(REOPENING, event, envelope, REOPENING.tally(reopened=True), at=event.reopened_at)]


def transfer(event: CaseTransferred, envelope: Envelope) -> list[Fact]:
    """A case was given to another agent; it counts for the one who gave it."""
    giver = _dimensions(event)._replace(agent=event.from_staff_no, agent_name=event.from_name)
    told = _fact(TRANSFER, event, envelope, TRANSFER.tally(transfers=True), at=event.transferred_at, belongs=giver)
    return [told._replace(key=envelope.id)]


def completeness(event: CaseOpened | CaseResolved | CaseClosed, envelope: Envelope) -> list[Fact]:
    """How the required fields stood then; no fact where the event does not say."""
    return [_intake(event, envelope, event.completeness)] if event.completeness else []


def breached_clock(event: SlaBreached, envelope: Envelope) -> list[Fact]:
    """A clock ran out."""
    return [_clock(event, envelope, SLA.tally(breached=True), (None, None))]


def stopped_clock(event: SlaFulfilled, envelope: Envelope) -> list[Fact]:
    """What a clock measured was done, in or out of time."""
    responded = event.target == "first_response"
    took = (_ms(event.counted_seconds), _ms(event.calendar_seconds)) if responded else (None, None)
    return [_clock(event, envelope, SLA.tally(met=event.met, breached=not event.met, responded=responded), took)]


def running_handoff(event: HandoffRequested, envelope: Envelope) -> list[Fact]:
    """A team is asked; nothing is due yet."""
    return [_handoff(event, envelope, 0)]


def late_handoff(event: HandoffAnswered | HandoffOverdue, envelope: Envelope) -> list[Fact]:
    """Its time for the work is over, or it was answered: late, so the loop cannot be closed in time any more."""
    late = not event.in_time if isinstance(event, HandoffAnswered) else event.clock == "work"
    return [_handoff(event, envelope, HANDOFF.tally(due=late))]


def closed_handoff(event: HandoffClosed, envelope: Envelope) -> list[Fact]:
    """A hop is over; one that was withdrawn counts for nothing."""
    return [_handoff(event, envelope, HANDOFF.tally(due=event.closed_loop is not None, closed_loop=event.closed_loop))]


def accepted_handoff(event: HandoffAccepted, envelope: Envelope) -> list[Fact]:
    """Somebody of the asked team took it on."""
    who = _dimensions(event)._replace(
        agent=event.accepted_by,
        agent_name=event.receiver_name,
        team=str(event.to_team_id),
        team_name=event.to_team_name,
    )
    tallies = HANDOFF_ACK.tally(accepted=True, accepted_in_time=event.in_time)
    amounts = (_ms(event.ack_seconds),)
    told = _fact(HANDOFF_ACK, event, envelope, tallies, at=event.requested_at, amounts=amounts, belongs=who)
    return [told._replace(key=event.handoff_id)]


def open_promise(event: PromiseMade | PromiseCancelled, envelope: Envelope) -> list[Fact]:
    """A promise is not due yet, or was taken back."""
    return [_promise(event, envelope, 0)]


def due_promise(event: PromiseKept | PromiseBroken, envelope: Envelope) -> list[Fact]:
    """A promise was kept, in time or late, or broken."""
    kept = isinstance(event, PromiseKept) and event.in_time
    return [_promise(event, envelope, PROMISE.tally(promise_due=True, promise_kept=kept))]


def complaint(event: ComplaintFact, envelope: Envelope) -> list[Fact]:
    """A complaint, at whatever stage."""
    cause = event.root_cause if isinstance(event, ComplaintClosed) else None
    where = _dimensions(event)._replace(step=event.step, root_cause=cause)
    return [_fact(COMPLAINT, event, envelope, COMPLAINT.tally(complaints=True), at=event.raised_at, belongs=where)]


def survey(event: SurveyRequested | SurveyAnswered, envelope: Envelope) -> list[Fact]:
    """A customer was to be asked, or has answered; the last answer counts."""
    rating = event.rating if isinstance(event, SurveyAnswered) else None
    recommend = event.recommend if isinstance(event, SurveyAnswered) else None
    tallies = SURVEY.tally(
        requested=True,
        invited=isinstance(event, SurveyAnswered) or event.invited,
        declined=isinstance(event, SurveyAnswered) and event.declined,
        survey_rated=rating is not None,
        survey_good=rating is not None and rating >= GOOD_FROM,
        survey_bad=rating is not None and rating < GOOD_FROM,
        recommend_told=recommend is not None,
        promoters=recommend is not None and recommend >= PROMOTER_FROM,
        detractors=recommend is not None and recommend <= DETRACTOR_TO,
    )
    told = _fact(SURVEY, event, envelope, tallies, at=event.requested_at, amounts=(rating,))
    return [told._replace(key=event.survey_id)]


_COMPLAINT: Sources = ((COMPLAINT, complaint),)

CASES: dict[type[Event], Sources] = {
    CaseOpened: ((CASE, open_case), (INTAKE, completeness)),
    CaseWaiting: ((CASE, open_case),),
    CaseResolved: ((CASE, settled_case), (RESOLUTION, resolution), (INTAKE, completeness)),
    CaseClosed: ((CASE, settled_case), (INTAKE, completeness)),
    CaseReopened: ((CASE, open_case), (RESOLUTION, undone_resolution), (REOPENING, reopening)),
    CaseTransferred: ((TRANSFER, transfer),),
    SlaBreached: ((SLA, breached_clock),),
    SlaFulfilled: ((SLA, stopped_clock),),
    HandoffRequested: ((HANDOFF, running_handoff),),
    HandoffAccepted: ((HANDOFF_ACK, accepted_handoff),),
    HandoffAnswered: ((HANDOFF, late_handoff),),
    HandoffOverdue: ((HANDOFF, late_handoff),),
    HandoffClosed: ((HANDOFF, closed_handoff),),
    PromiseMade: ((PROMISE, open_promise),),
    PromiseKept: ((PROMISE, due_promise),),
    PromiseBroken: ((PROMISE, due_promise),),
    PromiseCancelled: ((PROMISE, open_promise),),
    ComplaintRaised: _COMPLAINT,
    ComplaintAcknowledged: _COMPLAINT,
    ComplaintDispatched: _COMPLAINT,
    ComplaintDecided: _COMPLAINT,
    ComplaintAppealed: _COMPLAINT,
    ComplaintClosed: _COMPLAINT,
    SurveyRequested: ((SURVEY, survey),),
    SurveyAnswered: ((SURVEY, survey),),
}


def _fact(
    kind: Kind,
    event: CaseFact,
    envelope: Envelope,
    tallies: int,
    *,
    at: datetime | None = None,
    amounts: tuple[int | None, ...] = (),
    belongs: Dimensions | None = None,
) -> Fact:
    """A fact of a case, belonging to its owner unless told otherwise, at its opening unless told otherwise."""
    happened_at = at or event.opened_at
    return Fact(
        dimension_set(kind, belongs or _dimensions(event)),
        event.case_id,
        envelope.sequence,
        happened_at,
        local_day(happened_at, event.zone),
        tallies,
        amounts,
        (event.case_id,),
    )


def _dimensions(event: CaseFact) -> Dimensions:
    return Dimensions(
        agent=event.owner,
        agent_name=event.owner_name,
        team=str(event.team_id) if event.team_id else event.team_name,
        team_name=event.team_name,
        topic=event.topic,
        topic_name=event.topic_name,
        channel=event.channel,
        case_type=event.case_type,
        zone=event.zone,
    )


def _intake(event: CaseFact, envelope: Envelope, found: Completeness) -> Fact:
    amounts = (found.required, found.given, found.refused, found.unknown, found.not_asked)
    return _fact(INTAKE, event, envelope, INTAKE.tally(judged=True), amounts=amounts)


def _clock(event: SlaFact, envelope: Envelope, tallies: int, took: tuple[int | None, int | None]) -> Fact:
    clock = _dimensions(event)._replace(target=event.target)
    told = _fact(SLA, event, envelope, tallies, at=event.activated_at, amounts=took, belongs=clock)
    rules = by_rules(
        policy=event.policy,
        policy_version=event.policy_version,
        calendar=event.calendar,
        calendar_version=event.calendar_version,
    )
    return told._replace(key=event.clock_id, judged_by=rules)


def _handoff(event: HandoffFact, envelope: Envelope, tallies: int) -> Fact:
    """A hand-off is its sender's loop."""
    sender = _dimensions(event)._replace(
        agent=event.sender,
        agent_name=event.sender_name,
        to_team=str(event.to_team_id),
        to_team_name=event.to_team_name,
    )
    if event.from_team_id:
        sender = sender._replace(team=str(event.from_team_id), team_name=event.from_team_name)
    told = _fact(HANDOFF, event, envelope, tallies, at=event.requested_at, belongs=sender)
    return told._replace(key=event.handoff_id)


def _promise(event: PromiseFact, envelope: Envelope, tallies: int) -> Fact:
    maker = _dimensions(event)._replace(agent=event.promised_by, agent_name=event.promised_by_name)
    told = _fact(PROMISE, event, envelope, tallies, at=event.made_at, belongs=maker)
    return told._replace(key=event.promise_id)


def _ms(seconds: int) -> int:
    return max(0, seconds) * 1000
