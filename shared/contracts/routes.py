"""Who hears what: consuming service → event types. Tested to equal every service's HANDLERS.

It lets the relay tell "nobody wants this event" from "somebody's queue is gone", and lets the broker be provisioned
without loading the services.
"""

from __future__ import annotations

from shared.contracts import EVENTS

SERVICES = ("roster", "notify", "cases", "kpi")

_PEOPLE = (
    "roster.team.changed.v1",
    "roster.agent.joined.v1",
    "roster.agent.changed.v1",
    "roster.agent.left.v1",
)

HEARS: dict[str, tuple[str, ...]] = {
    "roster": (
        "notify.acknowledgement.opened.v1",
        "notify.acknowledgement.given.v1",
        "notify.acknowledgement.refused.v1",
        "notify.message.delivered.v1",
        "notify.message.failed.v1",
        "notify.escalation.raised.v1",
        "notify.contact.verified.v1",
        "notify.contact.removed.v1",
    ),
    "notify": tuple(sorted(EVENTS)),  # whatever happens, a webhook may be subscribed to it
    "cases": (
        *_PEOPLE,
        "roster.duty.assigned.v1",
        "cases.contact.recorded.v1",
        "cases.case.opened.v1",
        "cases.case.closed.v1",
        "notify.acknowledgement.opened.v1",
        "notify.acknowledgement.given.v1",
        "notify.acknowledgement.refused.v1",
        "notify.acknowledgement.lapsed.v1",
        "notify.message.delivered.v1",
        "notify.message.failed.v1",
    ),
    "kpi": (
        *_PEOPLE,
        "cases.contact.recorded.v1",
        "roster.shift_change.announced.v1",
        "roster.shift_change.confirmed.v1",
        "roster.shift_change.superseded.v1",
        "roster.shift_change.withdrawn.v1",
        "roster.attendance.settled.v1",
        "roster.attendance.corrected.v1",
        "roster.adherence.measured.v1",
        "cases.case.opened.v1",
        "cases.case.waiting.v1",
        "cases.case.resolved.v1",
        "cases.case.closed.v1",
        "cases.case.reopened.v1",
        "cases.case.transferred.v1",
        "cases.sla.breached.v1",
        "cases.sla.fulfilled.v1",
        "cases.handoff.requested.v1",
        "cases.handoff.accepted.v1",
        "cases.handoff.answered.v1",
        "cases.handoff.overdue.v1",
        "cases.handoff.closed.v1",
        "cases.promise.made.v1",
        "cases.promise.kept.v1",
        "cases.promise.broken.v1",
        "cases.promise.cancelled.v1",
        "cases.complaint.raised.v1",
        "cases.complaint.acknowledged.v1",
        "cases.complaint.dispatched.v1",
        "cases.complaint.decided.v1",
        "cases.complaint.appealed.v1",
        "cases.complaint.closed.v1",
        "cases.survey.requested.v1",
        "cases.survey.answered.v1",
    ),
}


IN_ANY_ORDER = frozenset({"kpi"})
"""Services for which the order of events does not matter, not even that of one aggregate's: whatever they keep is
replaced by what is newer, never by what is older. Several of their workers may read the queue at once."""


def hearers_of(type_: str) -> frozenset[str]:
    """The services that consume an event type."""
    return frozenset(service for service, types in HEARS.items() if type_ in types)
