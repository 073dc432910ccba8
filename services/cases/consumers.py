"""What cases reacts to: events and timers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.cases.commands import (
    bulletins,
    case_look,
    complaint_desk,
    customers,
    duty,
    ending,
    handoff_chase,
    monitors,
    people,
    problem_answers,
    problems,
    progress,
    promises,
    sla,
    surges,
    waiting,
    word,
)
from services.cases.domain.case_look import LOOK
from shared.contracts.cases import CaseClosed, CaseOpened, ContactRecorded
from shared.contracts.event import Event
from shared.contracts.notify import (
    AcknowledgementGiven,
    AcknowledgementLapsed,
    AcknowledgementOpened,
    AcknowledgementRefused,
    MessageDelivered,
    MessageFailed,
)
from shared.contracts.roster import AgentChanged, AgentJoined, AgentLeft, DutyAssigned, TeamChanged
from shared.platform.consumer import Handler
from shared.platform.timers import Handler as TimerHandler
from shared.platform.timers import Together
from shared.platform.work import Work


def by_subject(handlers: Mapping[str, Handler]) -> Handler:
    """Hand what notify tells to whose matter it is; others' matters are none of ours."""

    async def hear(work: Work, event: Any) -> None:
        if handler := handlers.get(event.subject_type):
            await handler(work, event)

    return hear


HANDLERS: dict[type[Event], Handler] = {
    TeamChanged: people.keep_team,
    AgentJoined: people.keep_agent,
    AgentChanged: people.keep_agent,
    AgentLeft: people.keep_agent,
    DutyAssigned: duty.keep_turn,
    ContactRecorded: surges.count_contacts,
    CaseOpened: surges.count_case,
    CaseClosed: bulletins.withdraw_of_closed,
    AcknowledgementGiven: by_subject(
        {
            handoff_chase.SUBJECT: handoff_chase.take_acceptance,
            complaint_desk.SUBJECT: complaint_desk.take_onto_desk,
            surges.SUBJECT: surges.take_acknowledgement,
            problems.SUBJECT: problem_answers.note_given,
        }
    ),
    AcknowledgementRefused: by_subject(
        {handoff_chase.SUBJECT: handoff_chase.take_refusal, problems.SUBJECT: problem_answers.note_refused}
    ),
    AcknowledgementOpened: by_subject(
        {handoff_chase.SUBJECT: handoff_chase.note_opened, problems.SUBJECT: problem_answers.note_opened}
    ),
    AcknowledgementLapsed: by_subject(
        {handoff_chase.SUBJECT: handoff_chase.note_lapsed, problems.SUBJECT: problem_answers.note_lapsed}
    ),
    MessageDelivered: by_subject(
        {handoff_chase.SUBJECT: handoff_chase.note_delivery, problems.SUBJECT: problem_answers.note_delivered}
    ),
    MessageFailed: by_subject(
        {handoff_chase.SUBJECT: handoff_chase.note_failure, problems.SUBJECT: problem_answers.note_unreached}
    ),
}

TIMERS: dict[str, TimerHandler] = {
    ending.SILENCE: ending.close_silent,
    waiting.WAIT: waiting.end_wait,
    sla.SLA: Together(sla.mark_clocks),
    sla.REVISION["policy"]: sla.follow_policy,
    sla.REVISION["calendar"]: sla.follow_calendar,
    word.HANDOFF: handoff_chase.chase_handoff,
    word.PROMISE: promises.watch_promise,
    progress.CHASE: progress.chase_progress,
    surges.WATCH: surges.watch_topics,
    surges.DEADLINE: surges.chase_surge,
    surges.MEASURE: surges.measure_surge,
    surges.FORGET: surges.forget_counts,
    problems.TELL: problems.tell_customers,
    problems.NOTE: problems.note_links,
    problems.SETTLE: problems.apply_fix,
    bulletins.EXPIRY: bulletins.expire_bulletin,
    complaint_desk.STAGE_DUE: complaint_desk.chase_complaint,
    monitors.PROPOSAL_DUE: monitors.lapse_proposal,
    LOOK: Together(case_look.look_at_cases),
    customers.LATECOMERS: customers.move_latecomers,
    problems.WORD_DUE: problems.ask_for_word,
}
