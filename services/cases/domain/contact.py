"""Contacts: what a source told about one call, chat or message, checked and completed to a fact."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

from shared.contracts.cases import ContactFact
from shared.contracts.refusal import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A contact as its source tells it. Names that roster and topics do not know are kept as they are told.

    `answered`, `answered_at`, `wait_seconds`, `talk_seconds` and `ended_at` complete each other (see `completed`).
    Times are UTC.
    """

    external_id: str | None = None
    channel: str = "phone"
    direction: str = "inbound"
    queue: str | None = None
    agent: str | None = None
    team: str | None = None
    customer_id: UUID | None = None
    customer_external_id: str | None = None
    topic: str | None = None
    queued_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    answered: bool | None = None
    abandoned: bool | None = None
    wait_seconds: float | None = None
    talk_seconds: float | None = None
    hold_seconds: float | None = None
    wrap_seconds: float | None = None
    transferred: bool = False
    resolved: bool | None = None
    rating: int | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact(ContactFact):
    """A recorded contact: the fact, the source's own id for it, and when it was last recorded."""

    external_id: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a batch or a file: told, or faulty. `number` counts as the sender counts, from 1."""

    number: int
    told: Told | None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """Who and what a contact was with, as roster, customers and topics named them when it was recorded."""

    agent_name: str | None
    team_id: UUID | None
    team_name: str | None
    customer_id: UUID | None
    topic_name: str | None
    zone: str


_TOLD = tuple(field.name for field in fields(Told))
_told_values = attrgetter(*_TOLD)


def fingerprint(told: Told) -> bytes:
    """What a source told, in 16 bytes: a repeat has the same, a correction another."""
    given = {name: value for name, value in zip(_TOLD, _told_values(told), strict=True) if value is not None}
    return hashlib.blake2b(repr(given).encode(), digest_size=16).digest()


def completed(told: Told) -> Told:
    """What was told, and what follows from it; what does not follow stays unknown.

    Waiting ends with the answer, or where nobody answered with the end; an answered contact ends after talk and hold.
    A contact not answered counts as abandoned when it came in. An unanswered one of unknown length waited 0 s.
    """
    answered = told.answered_at is not None if told.answered is None else told.answered
    answered_at, wait, talk, ended_at = told.answered_at, told.wait_seconds, told.talk_seconds, told.ended_at
    held = told.hold_seconds or 0.0
    if answered and answered_at is None and wait is not None:
        answered_at = told.queued_at + timedelta(seconds=wait)
    if wait is None:
        left_queue_at = answered_at or ended_at or told.queued_at
        wait = (left_queue_at - told.queued_at).total_seconds()
    if answered_at is not None and talk is None and ended_at is not None:
        talk = max(0.0, (ended_at - answered_at).total_seconds() - held)
    if answered_at is not None and ended_at is None and talk is not None:
        ended_at = answered_at + timedelta(seconds=talk + held)
    return replace(
        told,
        answered=answered,
        abandoned=(not answered and told.direction == "inbound") if told.abandoned is None else told.abandoned,
        answered_at=answered_at,
        ended_at=ended_at,
        wait_seconds=wait,
        talk_seconds=talk,
    )


def faults_of(told: Told) -> Iterator[Fault]:
    """What contradicts itself in a told contact (before it is completed)."""
    answered_at, ended_at, answered = told.answered_at, told.ended_at, told.answered
    if answered_at is not None and answered_at < told.queued_at:
        yield Fault("answered_at", "contact-times-out-of-order", {})
    if ended_at is not None and ended_at < (answered_at or told.queued_at):
        yield Fault("ended_at", "contact-times-out-of-order", {})
    if answered is False and answered_at is not None:
        yield Fault("answered_at", "contact-not-answered", {})
    if answered and answered_at is None and told.wait_seconds is None:
        yield Fault("answered_at", "contact-wait-unknown", {})
    if told.abandoned and (answered or answered_at is not None):
        yield Fault("abandoned", "contact-answered-and-abandoned", {})
    if told.customer_id is not None and told.customer_external_id is not None:
        yield Fault("customer_external_id", "customer-named-twice", {})


def fact_of(told: Told, names: Names, *, contact_id: UUID, version: int) -> ContactFact:
    """The completed contact as the fact that others count."""
    return ContactFact(
        contact_id=contact_id,
        version=version,
        channel=told.channel,
        direction=told.direction,
        queued_at=told.queued_at,
        answered=bool(told.answered),
        abandoned=bool(told.abandoned),
        wait_seconds=told.wait_seconds or 0.0,
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
    )
