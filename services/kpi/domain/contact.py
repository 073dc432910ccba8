"""The fact that a contact makes: what it counts for in the queue, on the floor and in the customer's eyes.

cases refuses impossible values. Should one arrive nevertheless, only it is lost, and not the contacts beside it.
"""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from services.kpi.domain.cuts import USUAL, Cut, longest_ms
from services.kpi.domain.fact import Dimensions, Fact, milliseconds
from services.kpi.domain.kinds import CONTACT, ContactMeasures, Waits
from shared.contracts.cases import ContactFact

GOOD_FROM = 4
"""Ratings run from 1 to 5: 4 and 5 are good, 1 to 3 are bad."""

RATINGS = {points: (1, points, int(points >= GOOD_FROM), int(points < GOOD_FROM)) for points in range(1, 6)}
"""What a rating counts for: rated, points, good, bad."""

UNRATED = (0, 0, 0, 0)

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
        team=_text_of(contact.team_id) if contact.team_id else contact.team_name,
        team_name=contact.team_name,
        topic=contact.topic,
        topic_name=contact.topic_name,
        channel=contact.channel,
        queue=contact.queue,
        zone=contact.zone,
    )


@lru_cache(maxsize=10_000)
def _text_of(team_id: UUID) -> str:
    """The same few ids come over and over."""
    return str(team_id)


def _waits(contact: ContactFact) -> Waits:
    """In which way it left the queue, and after how long; a wait that nobody knows was neither quick nor short."""
    if contact.direction == "outbound" or contact.wait_seconds is None:
        return Waits()
    wait_ms = milliseconds(contact.wait_seconds)
    if contact.answered:
        return Waits(answered_wait=wait_ms)
    return Waits(abandoned_wait=wait_ms) if contact.abandoned else Waits(other_wait=wait_ms)


def _measures(contact: ContactFact, waits: Waits) -> ContactMeasures:
    """Handling time counts only where the talk time is known: an unknown one is not a short one."""
    answered, abandoned, other = waits
    offered = contact.direction != "outbound"
    timed = contact.answered and contact.talk_seconds is not None
    talk_ms = milliseconds(contact.talk_seconds) if timed else 0
    around_ms = milliseconds(contact.hold_seconds) + milliseconds(contact.wrap_seconds) if timed else 0
    told = contact.answered and contact.resolved is not None
    rated, rating_points, rated_good, rated_bad = RATINGS.get(contact.rating or 0, UNRATED)
    return ContactMeasures(
        contacts=1,
        offered=int(offered),
        answered=int(offered and contact.answered),
        abandoned=int(offered and contact.abandoned),
        answered_wait_ms=answered or 0,
        handled=int(contact.answered),
        timed=int(timed),
        talk_ms=talk_ms,
        handle_ms=talk_ms + around_ms,
        rated=rated,
        rating_points=rating_points,
        rated_good=rated_good,
        rated_bad=rated_bad,
        resolution_told=int(told),
        resolved=int(told and bool(contact.resolved)),
        answered_quickly=int(answered is not None and answered <= QUICK_MS),
        abandoned_quickly=int(abandoned is not None and abandoned <= QUICK_MS),
        left_otherwise_quickly=int(other is not None and other <= QUICK_MS),
        abandoned_shortly=int(abandoned is not None and abandoned <= SHORT_MS),
    )
