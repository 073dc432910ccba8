"""How the events about one kind of matter are read: whom their words mean, and which question they ask or end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.notify.domain.ladder import DUTY_MANAGER
from shared.contracts.event import Event

BROADCAST = "notify.broadcast"
"""The family (and the policy) of broadcasts: asked by people here, not by another service's event."""

ABOVE = ("lead", "supervisor", DUTY_MANAGER, "manager")
"""Words that every family knows: those above the matter's home team."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Whom a word of a policy means. All are names of the event's fields.

    `staff` holds staff numbers (one or several), `team` the team whose lead stands in while nobody is named; above that
    team (`outside`, where the other side works outside the system) the ladder climbs. `each`: the `lead` or every
    `member` of the teams in `team` (none named: of all teams).
    """

    staff: str = ""
    team: str = ""
    each: str = ""
    outside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The events about one kind of matter. `home` is the field of the team that the matter belongs to."""

    home: str = ""
    parties: Mapping[str, Party] = field(default_factory=dict)
    strict: bool = False
    """No answer counts after the deadline, because its owner decides there and then."""


FAMILIES: dict[str, Family] = {
    "roster.shift_change": Family(
        home="team_id", parties={"agent": Party(staff="staff_no", team="team_id")}, strict=True
    ),
    "roster.roster": Family(home="team_id", parties={"told": Party(staff="told", team="team_id")}),
    "roster.leave": Family(
        home="team_id",
        parties={
            "agent": Party(staff="staff_no", team="team_id"),
            "requester": Party(staff="requested_by", team="team_id"),
            "told": Party(staff="told", team="team_id"),
        },
    ),
    "roster.swap": Family(
        home="team_id",
        parties={
            "sides": Party(staff="sides", team="team_id"),
            "giver": Party(staff="from_staff_no", team="team_id"),
            "taker": Party(staff="to_staff_no", team="team_id"),
            "told": Party(staff="told", team="team_id"),
        },
    ),
    "roster.open_shift": Family(
        home="team_id",
        parties={
            "members": Party(team="team_id", each="member"),
            "opener": Party(staff="opened_by", team="team_id"),
            "told": Party(staff="told", team="team_id"),
        },
    ),
    "roster.correction": Family(
        home="team_id",
        parties={
            "agent": Party(staff="staff_no", team="team_id"),
            "requester": Party(staff="requested_by", team="team_id"),
            "told": Party(staff="told", team="team_id"),
        },
    ),
    "roster.duty": Family(
        home="team_id",
        parties={
            "assigned": Party(staff="staff_no", team="team_id"),
            "previous": Party(staff="previous_staff_no", team="team_id"),
        },
    ),
    "cases.case": Family(
        home="team_id",
        parties={
            "owner": Party(staff="owner", team="team_id"),
            "previous owner": Party(staff="previous_owner"),
            "told": Party(staff="told", team="team_id"),
        },
    ),
    "cases.handoff": Family(
        home="to_team_id",
        parties={
            "receiver": Party(staff="receiver", team="to_team_id", outside="from_team_id"),
            "sender": Party(staff="sender", team="from_team_id"),
            "told": Party(staff="told", team="to_team_id"),
        },
    ),
    "cases.progress": Family(
        home="to_team_id",
        parties={
            "handler": Party(staff="handler", team="to_team_id", outside="team_id"),
            "sender": Party(staff="sender", team="team_id"),
        },
    ),
    "cases.promise": Family(home="team_id", parties={"promiser": Party(staff="promised_by", team="team_id")}),
    "cases.sla": Family(
        home="team_id",
        parties={"owner": Party(staff="owner", team="team_id"), "level": Party(staff="level", team="team_id")},
    ),
    "cases.complaint": Family(
        home="team_id",
        parties={
            "handler": Party(staff="handler", team="team_id"),
            "raiser": Party(staff="raised_by", team="team_id"),
            "owner": Party(staff="owner", team="team_id"),
            "department": Party(team="to_team_id"),
            "told": Party(staff="told", team="team_id"),
        },
    ),
    "cases.bulletin": Family(
        parties={"poster": Party(staff="posted_by"), "members": Party(team="team_ids", each="member")}
    ),
    "cases.problem": Family(
        home="owner_team_id",
        parties={
            "departments": Party(team="team_ids", each="lead"),
            "owner": Party(team="owner_team_id"),
            "announcer": Party(staff="announced_by"),
        },
    ),
    "cases.topic": Family(home="owner_team_id", parties={"owner": Party(team="owner_team_id")}),
    "kpi.alert": Family(home="team_id", parties={"subject": Party(staff="staff_no", team="team_id")}),
    "kpi.pattern": Family(home="team_id"),
    "kpi.scorecard": Family(home="team_id", parties={"subject": Party(staff="staff_no", team="team_id")}),
    "kpi.ranking": Family(parties={"ranked": Party(staff="places")}),
    BROADCAST: Family(parties={"audience": Party()}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question that an event asks: from when, until when (by the event's fields), about what."""

    subject_type: str
    since: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What a matter is by an event's word, and which questions are over. `lapses`: the silence itself ended it, so
    whoever the ladder leads up to must have heard."""

    state: str
    subjects: tuple[str, ...]
    lapses: bool = False


_HANDOFF, _HANDOFF_ANSWER = "cases.handoff", "cases.handoff_answer"
_CHANGE, _COMPLAINT = ("roster.shift_change",), ("cases.complaint",)

ASKED: dict[str, Asked] = {
    "roster.shift_change.announced.v1": Asked(
        subject_type="roster.shift_change", since="announced_at", by="confirm_by"
    ),
    "cases.handoff.requested.v1": Asked(subject_type=_HANDOFF, since="requested_at", by="ack_due_at"),
    "cases.handoff.answered.v1": Asked(subject_type=_HANDOFF_ANSWER, since="answered_at"),
    "cases.progress.requested.v1": Asked(subject_type="cases.progress", since="requested_at", by="due_at"),
    "cases.promise.made.v1": Asked(subject_type="cases.promise", since="made_at", by="due_at"),
    "cases.complaint.raised.v1": Asked(subject_type="cases.complaint", since="raised_at", by="due_at"),
    "cases.problem.announced.v1": Asked(subject_type="cases.problem", since="announced_at", by="ack_by"),
    "cases.problem.updated.v1": Asked(subject_type="cases.problem", since="updated_at", by="ack_by"),
    "cases.topic.surged.v1": Asked(subject_type="cases.surge", since="detected_at", by="ack_by"),
    "kpi.alert.raised.v1": Asked(subject_type="kpi.alert", since="raised_at", by="ack_by"),
}

ENDINGS: dict[str, Ending] = {
    "roster.shift_change.confirmed.v1": Ending(state="confirmed", subjects=_CHANGE),
    "roster.shift_change.refused.v1": Ending(state="refused", subjects=_CHANGE),
    "roster.shift_change.expired.v1": Ending(state="expired", subjects=_CHANGE, lapses=True),
    "roster.shift_change.superseded.v1": Ending(state="superseded", subjects=_CHANGE),
    "roster.shift_change.withdrawn.v1": Ending(state="withdrawn", subjects=_CHANGE),
    "roster.shift_change.resolved.v1": Ending(state="resolved", subjects=_CHANGE),
    "cases.handoff.accepted.v1": Ending(state="accepted", subjects=(_HANDOFF,)),
    "cases.handoff.refused.v1": Ending(state="refused", subjects=(_HANDOFF,)),
    "cases.handoff.returned.v1": Ending(state="returned", subjects=(_HANDOFF,)),
    "cases.handoff.answered.v1": Ending(state="answered", subjects=(_HANDOFF,)),
    "cases.handoff.closed.v1": Ending(state="closed", subjects=(_HANDOFF, _HANDOFF_ANSWER)),
    "cases.progress.answered.v1": Ending(state="answered", subjects=("cases.progress",)),
    "cases.promise.kept.v1": Ending(state="kept", subjects=("cases.promise",)),
    "cases.promise.broken.v1": Ending(state="broken", subjects=("cases.promise",)),
    "cases.promise.cancelled.v1": Ending(state="cancelled", subjects=("cases.promise",)),
    "cases.complaint.acknowledged.v1": Ending(state="acknowledged", subjects=_COMPLAINT),
    "cases.complaint.dispatched.v1": Ending(state="dispatched", subjects=_COMPLAINT),
    "cases.complaint.decided.v1": Ending(state="decided", subjects=_COMPLAINT),
    "cases.complaint.closed.v1": Ending(state="closed", subjects=_COMPLAINT),
    "cases.problem.fixed.v1": Ending(state="fixed", subjects=("cases.problem",)),
    "cases.topic.acknowledged.v1": Ending(state="acknowledged", subjects=("cases.surge",)),
    "cases.topic.acted.v1": Ending(state="acted", subjects=("cases.surge",)),
    "kpi.alert.resolved.v1": Ending(state="resolved", subjects=("kpi.alert",)),
}

LEVELS = {1: ("owner", "lead"), 2: ("supervisor", DUTY_MANAGER)}
"""Who hears that a clock ran out, by the level of its escalation; from the third on it is the manager."""


def family_of(event_type: str) -> Family:
    """The family of an event type (or of broadcasts)."""
    return FAMILIES[".".join(event_type.split(".")[:2])]


def words_of(family: Family) -> frozenset[str]:
    """Whom a policy of this family may name."""
    return frozenset({*family.parties, *ABOVE})


def subject_of(event: Event) -> str:
    """The kind of matter an event is about, as answers name it."""
    kind = ".".join(event.type.split(".")[:2])
    return "cases.surge" if kind == "cases.topic" else kind


def is_strict(subject_type: str) -> bool:
    """Whether answers after the deadline are refused."""
    return subject_type in FAMILIES and FAMILIES[subject_type].strict


def times(event: Event, asked: Asked, within: timedelta) -> tuple[datetime, datetime]:
    """From when until when a question is open: by the event's own deadline or, where it names none, `within`."""
    since: datetime = getattr(event, asked.since)
    by: datetime | None = getattr(event, asked.by) if asked.by else None
    return since, by if by and by > since else since + within


def is_outside(event: Event) -> bool:
    """Whether the other side of a matter works outside the system, so that its sender is asked."""
    return bool(getattr(event, "external", False))


def team_field(event: Event, party: Party) -> str:
    """The field of the team that a party of an event belongs to."""
    return party.outside if party.outside and is_outside(event) else party.team


def named_staff(event: Event, party: Party) -> tuple[str, ...]:
    """The staff numbers (or, for steps of a chase, the words) that an event names for a party."""
    said: Any = getattr(event, party.staff, None) if party.staff else None
    if party.staff == "level":
        return LEVELS.get(said or 1, ("manager",))
    if said is None:
        return ()
    if isinstance(said, str):
        return (said,)
    return tuple(one if isinstance(one, str) else _staff_no_of(one) for one in said)


def named_teams(event: Event, field_name: str) -> tuple[UUID, ...]:
    """The teams that an event names in a field; none for "all" or "nobody said"."""
    said = getattr(event, field_name, None) if field_name else None
    if said is None:
        return ()
    return tuple(said) if isinstance(said, tuple) else (said,)


def _staff_no_of(one: Any) -> str:
    """A side of a swap, a place in a ranking."""
    return str(getattr(one, "staff_no", None) or getattr(one, "key", ""))
