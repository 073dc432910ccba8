"""Who hears what: consuming service → event types. Tested to equal every service's HANDLERS.

It lets the relay tell "nobody wants this event" from "somebody's queue is gone", and lets the broker be provisioned
without loading the services.
"""

from __future__ import annotations

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
    "notify": (
        *_PEOPLE,
        "roster.shift_change.announced.v1",
        "roster.shift_change.confirmed.v1",
        "roster.shift_change.refused.v1",
        "roster.shift_change.expired.v1",
        "roster.shift_change.superseded.v1",
        "roster.shift_change.withdrawn.v1",
        "roster.shift_change.resolved.v1",
    ),
    "cases": (
        *_PEOPLE,
        "cases.contact.recorded.v1",
        "cases.case.opened.v1",
    ),
    "kpi": (
        "roster.team.changed.v1",
        "roster.shift_change.announced.v1",
        "roster.shift_change.confirmed.v1",
        "roster.shift_change.superseded.v1",
        "roster.shift_change.withdrawn.v1",
        "roster.attendance.settled.v1",
        "roster.attendance.corrected.v1",
        "cases.contact.recorded.v1",
    ),
}


def hearers_of(type_: str) -> frozenset[str]:
    """The services that consume an event type."""
    return frozenset(service for service, types in HEARS.items() if type_ in types)
