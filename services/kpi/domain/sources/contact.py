"""The fact that a contact makes: what it counts for in the queue, on the floor and in the customer's eyes.

cases refuses impossible values. Should one arrive nevertheless, only it is lost, and not the contacts beside it.
A worker makes thousands of these a second, so what occurs over and over is worked out once.
"""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from services.kpi.domain.cuts import USUAL, Cut, longest_ms
from services.kpi.domain.fact import Dimensions, DimensionSet, Fact, dimension_set, local_day, milliseconds
from services.kpi.domain.kinds import CONTACT
from services.kpi.domain.sources.source import Sources
from shared.contracts.cases import ContactFact, ContactRecorded
from shared.contracts.event import Envelope, Event

GOOD_FROM = 4
"""Ratings run from 1 to 5: 4 and 5 are good, 1 to 3 bad."""

QUICK_MS, SHORT_MS = longest_ms(Cut.THRESHOLD, USUAL), longest_ms(Cut.SHORT, USUAL)


class Course(NamedTuple):
    """What happened to a contact, as far as it is counted."""

    left_by: str
    offered: bool
    timed: bool
    quickly: bool
    shortly: bool
    resolved: bool | None
    rating: int | None
    transferred: bool
    with_topic: bool
    converted: bool | None


def contact_fact(contact: ContactFact) -> Fact:
    """One contact as a fact. What the centre dialled itself was never offered to it, and waited in no queue.

    Handling time (talk, hold and wrap-up) counts only where the talk time is known: an unknown one is not a short one.
    """
    offered, wait, talk = contact.direction != "outbound", contact.wait_seconds, contact.talk_seconds
    answered, team_id, queued_at = contact.answered, contact.team_id, contact.queued_at
    left_by = "answered" if answered else "abandoned" if contact.abandoned else "otherwise"
    wait_ms = milliseconds(wait) if offered and wait is not None else None
    talk_ms = handling_ms = None
    if answered and talk is not None:
        talk_ms = milliseconds(talk)
        handling_ms = talk_ms + milliseconds(contact.hold_seconds) + milliseconds(contact.wrap_seconds)
    tallies, rating = _counted(
        left_by,
        offered,
        talk_ms is not None,
        wait_ms is not None and wait_ms <= QUICK_MS,
        wait_ms is not None and wait_ms <= SHORT_MS,
        contact.resolved,
        contact.rating,
        contact.transferred,
        contact.topic is not None,
        contact.converted,
    )
    return Fact(
        _belongs(team_id and team_id.int, *_told(contact)),
        contact.contact_id,
        contact.version,
        queued_at,
        local_day(queued_at, contact.zone),
        tallies,
        (*_waits(left_by, wait_ms), talk_ms, handling_ms, rating),
        (contact.customer_id,),
    )


def recorded_contacts(event: ContactRecorded, envelope: Envelope) -> list[Fact]:
    """Contacts were recorded or corrected; each carries its own version."""
    return list(map(contact_fact, event.contacts))


CONTACTS: dict[type[Event], Sources] = {ContactRecorded: ((CONTACT, recorded_contacts),)}

_told = attrgetter("team_name", "agent", "agent_name", "topic", "topic_name", "channel", "queue", "zone")


@lru_cache(maxsize=100_000)
def _belongs(team_id: int | None, team_name: str | None, *told: str | None) -> DimensionSet:
    """The team's id as a number, which is compared much faster."""
    agent, agent_name, topic, topic_name, channel, queue, zone = told
    team = str(UUID(int=team_id)) if team_id else team_name
    known = Dimensions(agent, agent_name, team, team_name, topic, topic_name, channel, queue, zone=zone)
    return dimension_set(CONTACT, known)


def _waits(left_by: str, wait_ms: int | None) -> tuple[int | None, int | None, int | None]:
    """How long it was in the queue, by the way it left."""
    if left_by == "answered":
        return wait_ms, None, None
    return (None, wait_ms, None) if left_by == "abandoned" else (None, None, wait_ms)


@lru_cache(maxsize=5_000)
def _counted(*course: Any) -> tuple[int, int | None]:
    """What a contact of this course counts for, and its rating, if it is one."""
    told = Course(*course)
    answered, abandoned = told.left_by == "answered", told.left_by == "abandoned"
    rating = told.rating if told.rating in range(1, 6) else None
    tallies = CONTACT.tally(
        contacts=True,
        offered=told.offered,
        answered=told.offered and answered,
        abandoned=told.offered and abandoned,
        handled=answered,
        timed=told.timed,
        rated=rating is not None,
        rated_good=rating is not None and rating >= GOOD_FROM,
        rated_bad=rating is not None and rating < GOOD_FROM,
        resolution_told=answered and told.resolved is not None,
        resolved=answered and told.resolved,
        answered_quickly=told.quickly and answered,
        abandoned_quickly=told.quickly and abandoned,
        left_otherwise_quickly=told.quickly and told.left_by == "otherwise",
        abandoned_shortly=told.shortly and abandoned,
        transferred=answered and told.transferred,
        transferred_bad=answered and told.transferred and rating is not None and rating < GOOD_FROM,
        with_topic=told.with_topic,
        conversion_told=answered and told.converted is not None,
        converted=answered and told.converted,
    )
    return tallies, rating
