"""The fact that a contact makes: what it counts for in the queue, on the floor and in the customer's eyes."""

from __future__ import annotations

from services.kpi.domain.fact import CONTACT, Dimensions, Fact, milliseconds, position
from shared.contracts.cases import ContactFact
from shared.contracts.refusal import Refusal

GOOD_FROM = 4
"""Ratings run from 1 to 5: 4 and 5 are good, 1 to 3 are bad."""


def contact_fact(contact: ContactFact) -> Fact:
    """One contact as a fact: everything it counts for, zeros left out."""
    counted = {"contacts": 1} | _in_queue(contact) | _on_the_floor(contact) | _as_rated(contact) | _as_resolved(contact)
    return Fact(
        kind=CONTACT.name,
        key=contact.contact_id,
        version=contact.version,
        happened_at=contact.queued_at,
        dimensions=_dimensions(contact),
        measures={name: value for name, value in counted.items() if value},
        positions=_waits(contact),
    )


def _dimensions(contact: ContactFact) -> Dimensions:
    return Dimensions(
        agent=contact.agent,
        agent_name=contact.agent_name,
        team=str(contact.team_id) if contact.team_id else contact.team_name,
        team_name=contact.team_name,
        topic=contact.topic,
        topic_name=contact.topic_name,
        channel=contact.channel,
        queue=contact.queue,
        zone=contact.zone,
    )


def _offered(contact: ContactFact) -> bool:
    """What the centre dials itself was never offered to it."""
    return contact.direction != "outbound"


def _in_queue(contact: ContactFact) -> dict[str, int]:
    if not _offered(contact):
        return {}
    if contact.answered:
        return {"offered": 1, "answered": 1, "answered_wait_ms": milliseconds(contact.wait_seconds)}
    return {"offered": 1, "abandoned": int(contact.abandoned)}


def _waits(contact: ContactFact) -> dict[str, int]:
    """How long it was in the queue, by the way it left: answered, abandoned, or otherwise (a callback, an overflow)."""
    if not _offered(contact):
        return {}
    left = "answered_wait" if contact.answered else "abandoned_wait" if contact.abandoned else "other_wait"
    return {left: position(milliseconds(contact.wait_seconds))}


def _on_the_floor(contact: ContactFact) -> dict[str, int]:
    """Handling time counts only where the talk time is known: an unknown one is not a short one."""
    if not contact.answered:
        return {}
    if contact.talk_seconds is None:
        return {"handled": 1}
    talk = milliseconds(contact.talk_seconds)
    around = milliseconds(contact.hold_seconds) + milliseconds(contact.wrap_seconds)
    return {"handled": 1, "timed": 1, "talk_ms": talk, "handle_ms": talk + around}


def _as_rated(contact: ContactFact) -> dict[str, int]:
    if contact.rating is None:
        return {}
    if not 1 <= contact.rating <= 5:
        raise Refusal("rating-impossible", rating=contact.rating)
    good = contact.rating >= GOOD_FROM
    return {"rated": 1, "rating_points": contact.rating, "rated_good": int(good), "rated_bad": int(not good)}


def _as_resolved(contact: ContactFact) -> dict[str, int]:
    if not contact.answered or contact.resolved is None:
        return {}
    return {"resolution_told": 1, "resolved": int(contact.resolved)}
