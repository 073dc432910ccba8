"""Everything that opening a case asks for, in one statement; and the customer's other cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, and_, bindparam, cast, func, literal_column, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.case import Person, case_from
from services.cases.domain.fields import CaseType, case_type_from
from services.cases.domain.repeat import Known
from services.cases.tables import agents, case_columns, case_types, cases, customers, teams, topics
from shared.platform.db import Hot
from shared.platform.kernel import Moment


@dataclass(frozen=True, slots=True)
class Team:
    """A team as roster names it now."""

    team_id: UUID
    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class Client:
    """What an agent has to know of a customer before speaking to them."""

    customer_id: UUID
    name: str
    tier: str
    handle_with_care: bool
    care_note: str | None


@dataclass(frozen=True, slots=True)
class Topic:
    """What a case is about, and what that means for its quadrant."""

    code: str
    name: str
    urgency: str | None
    importance: str | None


@dataclass(frozen=True, slots=True)
class Setting:
    """Who and what a new case is with; none where it was not named, or where nobody knows it."""

    case_type: CaseType | None
    client: Client | None
    topic: Topic | None
    opener: Person | None
    own_team: Team | None
    named_team: Team | None
    responsible_team: Team | None


async def setting_of(
    conn: AsyncConnection,
    *,
    case_type: str,
    topic: str | None,
    customer_id: UUID | None,
    team: str | None,
    staff_no: str | None,
    own_team: str | None,
) -> Setting:
    """Look everything up, a merged customer as the one it became; and let nobody else open for that customer now."""
    [row] = await _SETTING.run(
        conn,
        case_type=case_type,
        topic=topic,
        customer_id=customer_id,
        team=team,
        staff_no=staff_no,
        own_team=own_team,
    )
    return Setting(
        case_type=case_type_from(row) if row["code"] else None,
        client=Client(*(row[name] for name in _CLIENT)) if row["customer_id"] else None,
        topic=Topic(*(row[name] for name in _TOPIC)) if row["topic_code"] else None,
        opener=Person(row["staff_no"], row["agent_name"]) if row["staff_no"] else None,
        own_team=_team(row, "own"),
        named_team=_team(row, "named"),
        responsible_team=_team(row, "responsible"),
    )


async def find_client(conn: AsyncConnection, customer_id: UUID) -> Client | None:
    """What to know of a customer before speaking to them; none when nobody knows them."""
    rows = await _CLIENT_OF.run(conn, customer_id=customer_id)
    return Client(*rows[0]) if rows else None


async def cases_of_customer(conn: AsyncConnection, customer_id: UUID, *, since: datetime) -> list[Known]:
    """A customer's unfinished cases and those closed after `since`, newest first, at most twenty."""
    rows = await _THEIRS.run(conn, customer_id=customer_id, since=since)
    return [Known(case_from(row), row["repeat_days"]) for row in rows]


def _team(row: Any, which: str) -> Team | None:
    if row[f"{which}_id"] is None:
        return None
    return Team(row[f"{which}_id"], row[f"{which}_name"], row[f"{which}_zone"])


_CLIENT = ("customer_id", "customer_name", "tier", "handle_with_care", "care_note")
_TOPIC = ("topic_code", "topic_name", "topic_urgency", "topic_importance")


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _named(table: Any, name: str) -> Any:
    return or_(table.c.code == _text(name), cast(table.c.team_id, Text) == func.lower(_text(name)))


def _setting() -> Hot:
    newest = (
        select(case_types)
        .where(case_types.c.code == _text("case_type"))
        .order_by(case_types.c.version.desc())
        .limit(1)
        .lateral("newest")
    )
    asked = customers.alias("asked")
    named = select(teams).where(_named(teams, "team")).limit(1).lateral("named")
    own = teams.alias("own")
    claimed = and_(agents.c.staff_no.is_(None), _named(own, "own_team"))
    responsible = select(teams).where(teams.c.code == newest.c.team).limit(1).lateral("responsible")
    found = (
        select(func.pg_advisory_xact_lock(func.hashtextextended(cast(_customer_id, Text), 0)).label("locked"))
        .subquery("turn")
        .outerjoin(newest, true())
        .outerjoin(topics, topics.c.code == _text("topic"))
        .outerjoin(asked, asked.c.customer_id == _customer_id)
        .outerjoin(customers, customers.c.customer_id == func.coalesce(asked.c.merged_into, asked.c.customer_id))
        .outerjoin(agents, agents.c.staff_no == _text("staff_no"))
        .outerjoin(own, or_(own.c.team_id == agents.c.team_id, claimed))
        .outerjoin(named, true())
        .outerjoin(responsible, true())
    )
    of_teams = [
        column.label(f"{which}_{name}")
        for which, table in (("own", own), ("named", named), ("responsible", responsible))
        for name, column in (("id", table.c.team_id), ("name", table.c.name), ("zone", table.c.zone))
    ]
    return Hot(
        select(
            *newest.c,
            customers.c.customer_id,
            customers.c.name.label("customer_name"),
            customers.c.tier,
            customers.c.handle_with_care,
            customers.c.care_note,
            topics.c.code.label("topic_code"),
            topics.c.name.label("topic_name"),
            topics.c.urgency.label("topic_urgency"),
            topics.c.importance.label("topic_importance"),
            agents.c.staff_no,
            agents.c.name.label("agent_name"),
            *of_teams,
        )
        .select_from(found)
        .limit(literal_column("1"))
    )


_customer_id = bindparam("customer_id", type_=Uuid)
_SETTING = _setting()
_CLIENT_OF = Hot(
    select(
        customers.c.customer_id,
        customers.c.name,
        customers.c.tier,
        customers.c.handle_with_care,
        customers.c.care_note,
    ).where(customers.c.customer_id == _customer_id)
)
_THEIRS = Hot(
    select(*case_columns, case_types.c.repeat_days)
    .join(case_types, and_(case_types.c.code == cases.c.case_type, case_types.c.version == cases.c.type_version))
    .where(cases.c.customer_id == _customer_id)
    .where(or_(cases.c.state != "closed", cases.c.closed_at > bindparam("since", type_=Moment)))
    .order_by(cases.c.opened_at.desc(), cases.c.case_id.desc())
    .limit(literal_column("20"))
)
