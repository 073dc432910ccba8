"""Opening a case: everybody and everything named as they are now, and no second case for the same matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.cases.commands.customers import PERSONAL
from services.cases.commands.keeping import keep_opened
from services.cases.commands.linking import attach_contact, link_repeat
from services.cases.domain.case import Case, Person, importance_of_tier, level_of, opened, quadrant_of
from services.cases.domain.contact import DEFAULT_ZONE
from services.cases.domain.fields import CaseType, completeness_of, with_fields
from services.cases.domain.repeat import RECENT, Known, repeated_case
from services.cases.queries.case_views import OpenedCase, case_values, in_short
from services.cases.queries.problems import known_problems
from services.cases.queries.sight import person_of
from services.cases.store.cases import add_entry, next_number
from services.cases.store.opening import Client, Setting, Team, cases_of_customer, setting_of
from services.cases.store.topics import owner_team_of
from shared.contracts.refusal import Fault, Refusal
from shared.platform.ids import new_id
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A case as somebody wants it opened. `link` false opens a second case even for the same matter."""

    case_type: str
    topic: str | None
    customer_id: UUID | None
    subject: str
    description: str | None
    channel: str
    urgency: str | None
    importance: str | None
    fields: dict[str, Any]
    team: str | None
    contact_id: UUID | None
    link: bool


async def open_case(work: Work, *, wish: Wish, language: str) -> OpenedCase:
    """Open a case, or link to the one that the customer comes back to; missing fields never block it."""
    setting = await _setting(work, wish)
    case_type = _known(setting, wish)
    fields = with_fields(case_type.fields, {}, wish.fields)
    client = setting.client
    theirs = await cases_of_customer(work.conn, client.customer_id, since=work.now - RECENT) if client else []
    repeat = repeated_case(theirs, wish.topic, now=work.now) if wish.topic else None
    if repeat and wish.link:
        case = await link_repeat(work, repeat, contact_id=wish.contact_id, told=wish.description or wish.subject)
        return await _answer(work, case, setting, theirs, outcome="linked", language=language)
    case = await _new_case(work, wish, setting, case_type, fields)
    event = opened(case, completeness=completeness_of(case_type.fields, fields))
    case = await keep_opened(work, case, event)
    await add_entry(work, case, "opened", "shared", {"channel": case.channel, "type": case.case_type})
    if wish.contact_id is not None:
        await attach_contact(work, case, wish.contact_id)
    return await _answer(work, case, setting, theirs, outcome="opened", language=language)


async def _setting(work: Work, wish: Wish) -> Setting:
    return await setting_of(
        work.conn,
        case_type=wish.case_type,
        topic=wish.topic,
        customer_id=wish.customer_id,
        team=wish.team,
        staff_no=work.actor.staff_no,
        own_team=work.actor.teams[0] if work.actor.teams else None,
    )


def _known(setting: Setting, wish: Wish) -> CaseType:
    """The type; refuses everything that was named and nobody knows, all at once."""
    unknown: tuple[tuple[str, str, dict[str, object], bool], ...] = (
        ("type", "case-type-unknown", {"type": wish.case_type}, setting.case_type is None),
        ("customer_id", "customer-unknown", {}, wish.customer_id is not None and setting.client is None),
        ("topic", "topic-unknown", {"topic": wish.topic}, wish.topic is not None and setting.topic is None),
        ("team", "team-unknown", {"team": wish.team}, wish.team is not None and setting.named_team is None),
    )
    faults = tuple(Fault(field, code, params) for field, code, params, wrong in unknown if wrong)
    if faults or setting.case_type is None:
        raise Refusal("invalid-value", faults=faults)
    return setting.case_type


async def _new_case(work: Work, wish: Wish, setting: Setting, case_type: CaseType, fields: dict[str, Any]) -> Case:
    team = await _team(work, setting)
    owner = _owner(work, setting, team)
    topic, client = setting.topic, setting.client
    urgency, importance = _levels(wish, setting, case_type)
    zone = team.zone if team else DEFAULT_ZONE
    return Case(
        case_id=new_id(),
        number=await next_number(work.conn, work.now.astimezone(ZoneInfo(zone)).date()),
        case_type=case_type.code,
        type_version=case_type.version,
        channel=wish.channel,
        subject=wish.subject,
        description=wish.description,
        urgency=urgency,
        importance=importance,
        quadrant=quadrant_of(urgency, importance),
        zone=zone,
        customer_id=client.customer_id if client else None,
        tier=client.tier if client else None,
        topic=topic.code if topic else None,
        topic_name=topic.name if topic else None,
        team_id=team.team_id if team else None,
        team_name=team.name if team else None,
        owner=owner.staff_no if owner else None,
        owner_name=owner.name if owner else None,
        opened_at=work.now,
        opened_by=person_of(work.actor).staff_no,
        contact_id=wish.contact_id,
        fields=fields,
        contact_count=int(wish.contact_id is not None),
        updated_at=work.now,
    )


def _levels(wish: Wish, setting: Setting, case_type: CaseType) -> tuple[str, str]:
    """Urgency and importance: as told, else what type, topic and tier ask for at most."""
    topic, client = setting.topic, setting.client
    of_topic = (topic.urgency, topic.importance) if topic else (None, None)
    of_tier = importance_of_tier(client.tier if client else None)
    urgency = wish.urgency or level_of(case_type.urgency, of_topic[0])
    return urgency, wish.importance or level_of(case_type.importance, of_topic[1], of_tier)


async def _team(work: Work, setting: Setting) -> Team | None:
    """The team named; else the type's, else the opener's own, else the one that answers for the topic."""
    known = setting.named_team or setting.responsible_team or setting.own_team
    if known is not None or setting.topic is None:
        return known
    return await owner_team_of(work.conn, setting.topic.code)


def _owner(work: Work, setting: Setting, team: Team | None) -> Person | None:
    """The opener keeps what is their own team's to do; anything else waits in its team's queue."""
    if work.actor.staff_no is None or "partner" in work.actor.roles:
        return None
    if team is not None and team != setting.own_team:
        return None
    return setting.opener or person_of(work.actor)


async def _answer(
    work: Work, case: Case, setting: Setting, theirs: Sequence[Known], *, outcome: str, language: str
) -> OpenedCase:
    assert setting.case_type
    values = case_values(case, setting.case_type, language=language, personal=PERSONAL in work.actor.scopes)
    others = [in_short(one.case) for one in theirs if one.case.case_id != case.case_id]
    known = await known_problems(work.conn, case.topic)
    return OpenedCase(**values, **_client(setting.client), outcome=outcome, similar_cases=others, known_problems=known)


def _client(client: Client | None) -> dict[str, Any]:
    if client is None:
        return {}
    return {
        "customer_name": client.name,
        "handle_with_care": client.handle_with_care,
        "care_note": client.care_note,
    }
