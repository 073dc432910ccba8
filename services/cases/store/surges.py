"""What comes in by topic and quarter of an hour, the rules of surges, and surges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Integer, Text, bindparam, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.sketch import SIZE
from services.cases.domain.surge import EVERYTHING, Seen, Surge, SurgeRule, Tally
from services.cases.tables import contact_versions, surge_rules, surges, topic_counts, topics
from shared.contracts.refusal import Refusal
from shared.platform.db import Hot
from shared.platform.kernel import Moment


class Key(NamedTuple):
    """One quarter of an hour of one topic (empty where none was told)."""

    bucket_at: datetime
    topic: str


class Count(NamedTuple):
    """What to add to one: contacts, and a sketch of who they were."""

    contacts: int
    people: tuple[int, ...]


async def add_counts(conn: AsyncConnection, counts: Mapping[Key, Count]) -> None:
    """Add to what came in; in one order for everybody, so that two who add never wait for each other."""
    rows = [
        {"bucket_at": key.bucket_at, "topic": key.topic, "contacts": count.contacts, "people": list(count.people)}
        for key, count in sorted(counts.items())
    ]
    await _ADD.run_many(conn, rows)


async def earlier_versions(conn: AsyncConnection, versions: Sequence[tuple[UUID, int]]) -> list[dict[str, Any]]:
    """What contacts were in these versions, as they were kept."""
    wanted = dict(versions)
    query = select(contact_versions).where(contact_versions.c.contact_id.in_(wanted))
    rows = await conn.execute(query)
    return [row.contact for row in rows if row.version == wanted[row.contact_id]]


async def take_unwatched(conn: AsyncConnection, *, at_most: int) -> list[Key]:
    """Quarters that changed since surges were last looked for, oldest first; now they are looked at.

    One looks at a time: two who each saw half would raise the same surge twice.
    """
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("surges", 0))))
    oldest = (
        select(topic_counts.c.bucket_at, topic_counts.c.topic)
        .where(topic_counts.c.unwatched)
        .order_by(topic_counts.c.bucket_at)
        .limit(at_most)
        .cte("oldest")
    )
    taken = (
        update(topic_counts)
        .where(topic_counts.c.bucket_at == oldest.c.bucket_at, topic_counts.c.topic == oldest.c.topic)
        .values(unwatched=False)
        .returning(topic_counts.c.bucket_at, topic_counts.c.topic)
    )
    return sorted(Key(*row) for row in await conn.execute(taken))


async def load_counts(conn: AsyncConnection, since: datetime, until: datetime) -> list[Seen]:
    """All that came in from `since` until before `until`, by time."""
    return [Seen(*row) for row in await _COUNTS.run(conn, since=since, until=until)]


async def load_people(conn: AsyncConnection, topic: str, since: datetime, until: datetime) -> list[list[int]]:
    """The sketches of who came about a topic from `since` until before `until`."""
    return [row["people"] for row in await _PEOPLE.run(conn, topic=topic, since=since, until=until)]


async def load_tallies(conn: AsyncConnection, topic: str, windows: Sequence[tuple[datetime, datetime]]) -> list[Tally]:
    """A topic's contacts among all, window by window (from, until before)."""
    rows = await _TALLIES.run(
        conn, topic=topic, froms=[one for one, _ in windows], untils=[until for _, until in windows]
    )
    return [Tally(row["own"] or 0, row["everything"] or 0) for row in rows]


async def load_rules(conn: AsyncConnection) -> dict[str, SurgeRule]:
    """The rules by topic; the centre's own (EVERYTHING) is always among them."""
    rows = await conn.execute(select(*(column for column in surge_rules.columns if column.name != "updated_at")))
    return {EVERYTHING: SurgeRule()} | {row.topic: SurgeRule(**row._mapping) for row in rows}


async def save_rule(conn: AsyncConnection, rule: SurgeRule, *, now: datetime) -> None:
    """Store a rule, new or changed."""
    new = insert(surge_rules).values(asdict(rule) | {"updated_at": now})
    changes = {column.name: new.excluded[column.name] for column in surge_rules.columns if not column.primary_key}
    await conn.execute(new.on_conflict_do_update(index_elements=[surge_rules.c.topic], set_=changes))


async def delete_rule(conn: AsyncConnection, topic: str) -> None:
    """Forget a topic's own rule; the centre's holds."""
    await conn.execute(delete(surge_rules).where(surge_rules.c.topic == topic))


async def forget_counts(conn: AsyncConnection, *, before: datetime) -> bool:
    """Drop what is older than baselines reach back, unless it has yet to be looked at; whether any are left."""
    await conn.execute(delete(topic_counts).where(topic_counts.c.bucket_at < before, ~topic_counts.c.unwatched))
    return (await conn.execute(select(topic_counts.c.bucket_at).limit(1))).one_or_none() is not None


async def latest_surges(conn: AsyncConnection, topics_: Sequence[str]) -> list[Surge]:
    """Each topic's latest surge of today's contacts, and its latest of history."""
    query = (
        select(surges)
        .ext(distinct_on(surges.c.topic, surges.c.historic))
        .where(surges.c.topic.in_(topics_))
        .order_by(surges.c.topic, surges.c.historic, surges.c.detected_at.desc())
    )
    return [Surge(**row._mapping) for row in await conn.execute(query)]


async def load_surge(conn: AsyncConnection, surge_id: UUID) -> Surge:
    """A surge, locked; 404 `not-found`."""
    surge = await find_surge(conn, surge_id)
    if surge is None:
        raise Refusal("not-found", noun="surge", what=surge_id)
    return surge


async def find_surge(conn: AsyncConnection, surge_id: UUID) -> Surge | None:
    """A surge, locked; none when there is none."""
    query = select(surges).where(surges.c.surge_id == surge_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    return Surge(**row._mapping) if row else None


async def save_surge(conn: AsyncConnection, surge: Surge) -> None:
    """Store a surge, new or changed."""
    new = insert(surges).values(asdict(surge))
    changes = {column.name: new.excluded[column.name] for column in surges.columns if not column.primary_key}
    await conn.execute(new.on_conflict_do_update(index_elements=[surges.c.surge_id], set_=changes))


async def name_of_topic(conn: AsyncConnection, code: str) -> str | None:
    """A topic's name; none where nobody named it."""
    name: str | None = (await conn.execute(select(topics.c.name).where(topics.c.code == code))).scalar_one_or_none()
    return name


def _add() -> Hot:
    given = {
        "bucket_at": bindparam("bucket_at", type_=Moment),
        "topic": bindparam("topic", type_=Text),
        "contacts": bindparam("contacts", type_=Integer),
        "people": bindparam("people", type_=ARRAY(BigInteger)),
        "unwatched": True,
    }
    new = insert(topic_counts).values(given)
    both = func.unnest(topic_counts.c.people.op("||")(new.excluded.people)).table_valued("person").render_derived("b")
    smallest = select(both.c.person).distinct().order_by(both.c.person).limit(SIZE).subquery("smallest")
    people = func.coalesce(select(func.array_agg(smallest.c.person)).scalar_subquery(), new.excluded.people)
    return Hot(
        new.on_conflict_do_update(
            index_elements=[topic_counts.c.bucket_at, topic_counts.c.topic],
            set_={
                "contacts": topic_counts.c.contacts + new.excluded.contacts,
                "people": people,
                "unwatched": True,
            },
        )
    )


def _between() -> tuple[Any, Any]:
    return (
        topic_counts.c.bucket_at >= bindparam("since", type_=Moment),
        topic_counts.c.bucket_at < bindparam("until", type_=Moment),
    )


def _tallies() -> Hot:
    arrays = (bindparam("froms", type_=ARRAY(Moment)), bindparam("untils", type_=ARRAY(Moment)))
    windows = func.unnest(*arrays).table_valued("since", "until", with_ordinality="place").render_derived("windows")
    own = case((topic_counts.c.topic == bindparam("topic", type_=Text), topic_counts.c.contacts), else_=0)
    counted = (
        select(func.sum(own).label("own"), func.sum(topic_counts.c.contacts).label("everything"))
        .where(topic_counts.c.bucket_at >= windows.c.since, topic_counts.c.bucket_at < windows.c.until)
        .lateral("counted")
    )
    return Hot(select(counted.c.own, counted.c.everything).select_from(windows, counted).order_by(windows.c.place))


_ADD = _add()
_TALLIES = _tallies()
_COUNTS = Hot(
    select(topic_counts.c.bucket_at, topic_counts.c.topic, topic_counts.c.contacts)
    .where(*_between())
    .order_by(topic_counts.c.bucket_at)
)
_PEOPLE = Hot(select(topic_counts.c.people).where(topic_counts.c.topic == bindparam("topic", type_=Text), *_between()))
