"""The fact that a contact makes: what it counts for in the queue, on the floor and in the customer's eyes."""

from __future__ import annotations

from services.kpi.domain.cuts import USUAL, Cut, longest_ms
from services.kpi.domain.fact import Dimensions, Fact, milliseconds
from services.kpi.domain.kinds import CONTACT, ContactMeasures, Waits
from shared.contracts.cases import ContactFact
from shared.contracts.refusal import Refusal

GOOD_FROM = 4
"""Ratings run from 1 to 5: 4 and 5 are good, 1 to 3 are bad."""

QUICK_MS, SHORT_MS = longest_ms(Cut.THRESHOLD, USUAL), longest_ms(Cut.SHORT, USUAL)


def contact_fact(contact: ContactFact) -> Fact:
    """One contact as a fact. What the centre dialled itself was never offered to it, and waited in no queue."""
    waits = _waits(contact)
    return Fact(
        kind=CONTACT.name,
        key=contact.contact_id,
        version=contact.version,
        happened_at=contact.queued_at,
        dimensions=_dimensions(contact),
        measures=_measures(contact, waits),
        values=waits,
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


def _waits(contact: ContactFact) -> Waits:
    """In which way it left the queue, and after how long."""
    if contact.direction == "outbound":
        return Waits()
    wait_ms = milliseconds(contact.wait_seconds)
    if contact.answered:
        return Waits(answered_wait=wait_ms)
    return Waits(abandoned_wait=wait_ms) if contact.abandoned else Waits(other_wait=wait_ms)


def _measures(contact: ContactFact, waits: Waits) -> ContactMeasures:
    """Handling time counts only where the talk time is known: an unknown one is not a short one."""
    answered, abandoned, other = waits
    timed = contact.answered and contact.talk_seconds is not None
    told = contact.answered and contact.resolved is not None
    rating = _rating(contact)
    talk_ms = milliseconds(contact.talk_seconds) if timed else 0
    around_ms = milliseconds(contact.hold_seconds) + milliseconds(contact.wrap_seconds) if timed else 0
    return ContactMeasures(
        contacts=1,
        offered=int(contact.direction != "outbound"),
        answered=int(answered is not None),
        abandoned=int(abandoned is not None),
        answered_wait_ms=answered or 0,
        handled=int(contact.answered),
        timed=int(timed),
        talk_ms=talk_ms,
        handle_ms=talk_ms + around_ms,
        rated=int(rating > 0),
        rating_points=rating,
        rated_good=int(rating >= GOOD_FROM),
        rated_bad=int(0 < rating < GOOD_FROM),
        resolution_told=int(told),
        resolved=int(told and bool(contact.resolved)),
        answered_quickly=_at_most(QUICK_MS, answered),
        abandoned_quickly=_at_most(QUICK_MS, abandoned),
        left_otherwise_quickly=_at_most(QUICK_MS, other),
        abandoned_shortly=_at_most(SHORT_MS, abandoned),
    )


def _at_most(longest_ms: int, wait_ms: int | None) -> int:
    return int(wait_ms is not None and wait_ms <= longest_ms)


def _rating(contact: ContactFact) -> int:
    """1 to 5, or 0 where none was given."""
    if contact.rating is None:
        return 0
    if not 1 <= contact.rating <= 5:
        raise Refusal("rating-impossible", rating=contact.rating)
    return contact.rating
