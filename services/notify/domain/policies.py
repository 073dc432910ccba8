"""Policies: what each event asks, of whom, and who is told. Data, shipped here, overridable for a centre or a team."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.notify.domain import ladder
from services.notify.domain.families import family_of, words_of
from services.notify.domain.ladder import Step
from services.notify.domain.manner import Manner
from services.notify.domain.shipped import OUTSIDE, PHRASES, SHIPPED, Asks, Policy, Tells
from shared.contracts.event import EVENTS
from shared.contracts.refusal import Fault, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One saved version of a policy, for a team or (none) the whole centre. Without a policy: back to the shipped."""

    event_type: str
    team_id: UUID | None
    version: int
    policy: Policy | None
    saved_at: datetime
    saved_by: str


def manner_of(policy: Policy, *, outside: bool = False) -> Manner:
    """How questions under this policy are asked; `outside`: of the sender, for those outside the system."""
    assert policy.asks is not None
    topic = OUTSIDE.get(policy.event_type) if outside else None
    phrases = {name: f"{topic}.{name}" if topic else getattr(policy.asks, name) for name in PHRASES}
    return Manner(
        event_type=policy.event_type,
        policy_version=policy.version,
        urgent=policy.urgent,
        answerable=policy.asks.answerable and topic is None,
        **phrases,
    )


def shipped(event_type: str) -> Policy:
    """The policy this product comes with. 404 `policy-unknown` for an event that has none."""
    if event_type not in SHIPPED:
        raise Refusal("policy-unknown", event_type=event_type)
    return SHIPPED[event_type]


def in_force(event_type: str, kept: list[Kept], teams: tuple[UUID, ...]) -> Policy:
    """The policy that applies to a team: its own, else the nearest above it (`teams`, nearest first), the centre's,
    the shipped one."""
    saved = {one.team_id: one.policy for one in kept if one.event_type == event_type}
    for team_id in (*teams, None):
        if policy := saved.get(team_id):
            return policy
    return shipped(event_type)


def as_data(policy: Policy) -> dict[str, Any]:
    """A policy as it is stored and shown."""
    return asdict(policy)


def from_data(data: dict[str, Any]) -> Policy:
    """A stored policy."""
    asks = data["asks"]
    if asks:
        steps = tuple(Step(**step) for step in asks["ladder"])
        asks = Asks(**{**asks, "to": tuple(asks["to"]), "ladder": steps})
    tells = tuple(Tells(**{**tell, "to": tuple(tell["to"])}) for tell in data["tells"])
    return Policy(**{**data, "asks": asks, "tells": tells})


def checked(policy: Policy, templates: frozenset[str]) -> Policy:
    """A policy as it is kept. Refuses unknown words, templates, offsets and targets, and rungs out of order.

    What no yes can end as shipped, no policy makes answerable.
    """
    asks, own = policy.asks, shipped(policy.event_type).asks
    if asks and own:
        answerable = asks.answerable and own.answerable
        asks = replace(asks, ladder=ladder.placed(asks.ladder), answerable=answerable)
    policy = replace(policy, asks=asks)
    faults = [*_asks_faults(policy, templates), *_tells_faults(policy, templates)]
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))
    return policy


def _asks_faults(policy: Policy, templates: frozenset[str]) -> Iterator[Fault]:
    asks = policy.asks
    if asks is None:
        return
    if shipped(policy.event_type).asks is None:
        yield Fault("asks", "event-asks-nothing", {"event_type": policy.event_type})
        return
    yield from _words("asks.to", policy.event_type, asks.to)
    for fault in ladder.faults_in(asks.ladder):
        yield replace(fault, field=f"asks.{fault.field}")
    for name in PHRASES:
        yield from _template(f"asks.{name}", getattr(asks, name), templates)
    if asks.within is not None:
        try:
            ladder.span(asks.within)
        except ValueError:
            yield Fault("asks.within", "offset-invalid", {"offset": asks.within})


def _tells_faults(policy: Policy, templates: frozenset[str]) -> Iterator[Fault]:
    cls = EVENTS.get(policy.event_type)
    known = {field.name for field in fields(cls)} if cls else set()
    for place, tells in enumerate(policy.tells):
        yield from _words(f"tells.{place}.to", policy.event_type, tells.to)
        yield from _template(f"tells.{place}.template", tells.template, templates)
        if tells.when and tells.when.removeprefix("not ") not in known:
            yield Fault(f"tells.{place}.when", "field-unknown", {"name": tells.when})


def _words(field: str, event_type: str, to: tuple[str, ...]) -> Iterator[Fault]:
    known = words_of(family_of(event_type))
    for place, word in enumerate(to):
        if word not in known:
            yield Fault(f"{field}.{place}", "target-unknown", {"target": word})


def _template(field: str, name: str, templates: frozenset[str]) -> Iterator[Fault]:
    if name not in templates:
        yield Fault(field, "template-unknown", {"template": name})
