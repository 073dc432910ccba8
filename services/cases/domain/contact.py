"""Contacts: what a source told about one call, chat or message, checked and completed to a fact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from shared.contracts.cases import ContactFact
from shared.contracts.refusal import Fault

BATCH = 500
"""Contacts to one event."""

DEFAULT_ZONE = "Asia/Shanghai"
"""For a contact or a case whose team and zone nobody knows."""


class Told(NamedTuple):
    """A contact as its source tells it, with what follows from that (see `tell`). Times are UTC.

    Names that roster and topics do not know are kept as they are told. A tuple, because many thousands a second are
    made, and handed to the database column by column.
    """

    external_id: str | None
    channel: str
    direction: str
    queue: str | None
    agent: str | None
    team: str | None
    customer_id: UUID | None
    customer_external_id: str | None
    topic: str | None
    queued_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    answered: bool
    abandoned: bool
    wait_seconds: float | None
    talk_seconds: float | None
    hold_seconds: float | None
    wrap_seconds: float | None
    transferred: bool
    resolved: bool | None
    rating: int | None
    zone: str | None
    converted: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(ContactFact):
    """A recorded contact: the fact, the source's own id for it, when it was last recorded, and its case."""

    external_id: str | None
    updated_at: datetime
    case_id: UUID | None = None


class Row(NamedTuple):
    """One row of a batch or a file: told, or faulty. `number` counts as the sender counts, from 1."""

    number: int
    told: Told | None
    faults: tuple[Fault, ...] = ()


class Names(NamedTuple):
    """Who and what a contact was with, as roster, customers and topics named them when it was recorded."""

    agent_name: str | None
    team_id: UUID | None
    team_name: str | None
    customer_id: UUID | None
    topic_name: str | None
    zone: str


def tell(
    *,
    external_id: str | None = None,
    channel: str = "phone",
    direction: str = "inbound",
    queue: str | None = None,
    agent: str | None = None,
    team: str | None = None,
    customer_id: UUID | None = None,
    customer_external_id: str | None = None,
    topic: str | None = None,
    queued_at: datetime,
    answered_at: datetime | None = None,
    ended_at: datetime | None = None,
    answered: bool | None = None,
    abandoned: bool | None = None,
    wait_seconds: float | None = None,
    talk_seconds: float | None = None,
    hold_seconds: float | None = None,
    wrap_seconds: float | None = None,
    transferred: bool = False,
    resolved: bool | None = None,
    rating: int | None = None,
    zone: str | None = None,
    converted: bool | None = None,
) -> Told:
    """A contact from what its source gives, completed; what does not follow from anything stays unknown.

    Waiting ends with the answer, or where nobody answered with the end; an answered contact ends after talk and hold.
    A contact not answered counts as abandoned when it came in. How long it waited may stay unknown.
    """
    held = hold_seconds or 0.0
    if answered is None:
        answered = answered_at is not None
    if answered and answered_at is None and wait_seconds is not None:
        answered_at = queued_at + timedelta(seconds=wait_seconds)
    if wait_seconds is None and (left_at := answered_at or ended_at):
        wait_seconds = (left_at - queued_at).total_seconds()
    if answered_at is not None and talk_seconds is None and ended_at is not None:
        talk_seconds = max(0.0, (ended_at - answered_at).total_seconds() - held)
    if answered_at is not None and ended_at is None and talk_seconds is not None:
        ended_at = answered_at + timedelta(seconds=talk_seconds + held)
    if abandoned is None:
        abandoned = not answered and direction == "inbound"
    who = (external_id, channel, direction, queue, agent, team, customer_id, customer_external_id, topic)
    when = (queued_at, answered_at, ended_at, answered, abandoned)
    how = (wait_seconds, talk_seconds, hold_seconds, wrap_seconds, transferred, resolved, rating, zone, converted)
    return Told._make(who + when + how)


def faults_of(told: Told) -> Iterator[Fault]:
    """What contradicts itself in a told contact."""
    answered_at, ended_at = told.answered_at, told.ended_at
    if answered_at is not None and answered_at < told.queued_at:
        yield Fault("answered_at", "contact-times-out-of-order", {})
    if ended_at is not None and ended_at < (answered_at or told.queued_at):
        yield Fault("ended_at", "contact-times-out-of-order", {})
    if not told.answered and answered_at is not None:
        yield Fault("answered_at", "contact-not-answered", {})
    if told.answered and answered_at is None:
        yield Fault("answered_at", "contact-wait-unknown", {})
    if told.abandoned and told.answered:
        yield Fault("abandoned", "contact-answered-and-abandoned", {})
    if told.customer_id is not None and told.customer_external_id is not None:
        yield Fault("customer_external_id", "customer-named-twice", {})


_fact_names = [field.name for field in fields(ContactFact)]


def fact_again(contact: Contact) -> ContactFact:
    """A recorded contact as the fact that others count."""
    return ContactFact(**{name: getattr(contact, name) for name in _fact_names})


def fact_of(told: Told, names: Names, *, contact_id: UUID, version: int) -> ContactFact:
    """A told contact as the fact that others count."""
    return ContactFact(
        contact_id=contact_id,
        version=version,
        channel=told.channel,
        direction=told.direction,
        queued_at=told.queued_at,
        answered=told.answered,
        abandoned=told.abandoned,
        wait_seconds=told.wait_seconds,
        zone=names.zone,
        answered_at=told.answered_at,
        ended_at=told.ended_at,
        talk_seconds=told.talk_seconds,
        hold_seconds=told.hold_seconds,
        wrap_seconds=told.wrap_seconds,
        transferred=told.transferred,
        resolved=told.resolved,
        rating=told.rating,
        queue=told.queue,
        agent=told.agent,
        agent_name=names.agent_name,
        team_id=names.team_id,
        team_name=names.team_name,
        customer_id=names.customer_id,
        topic=told.topic,
        topic_name=names.topic_name,
        converted=told.converted,
    )
