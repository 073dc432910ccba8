"""Scorecards as published, the figures for new ones, rankings, and the performance quadrant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, any_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.catalogue import metric_named, of_the_same_facts
from services.kpi.domain.question import Sight
from services.kpi.domain.ranking import Place, medians, quadrants, rankable, ranked, worded
from services.kpi.domain.scorecard import Card, Definition, Measured, Weighed, period_before, stage_of
from services.kpi.queries.points import series_within
from services.kpi.queries.values import Span, asked, contenders, ids_among, newcomers, values, values_of
from services.kpi.tables import agents, rankings, scorecard_definitions, scorecards, uses
from shared.contracts.refusal import Refusal
from shared.platform.paging import Page, page

CARD = TypeAdapter(Card)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom a card can be for."""

    staff_no: str
    name: str
    team_id: UUID
    team_name: str
    hired_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """A card as it is now, with its earlier revisions."""

    card: Card
    revisions: list[Card]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleUse:
    """The same facts were used for another purpose already, by these cards' definition or this ranking."""

    metric: str
    purpose: str
    period_from: date
    period_to: date
    source_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Places by one metric, among `ranked_count` that have a rank. A published one has an id.

    `double_uses` tells where its facts count again.
    """

    of: str
    metric: str
    unit: str
    definition_version: int
    period_from: date
    period_to: date
    tz: str
    least_n: int
    as_of: datetime | None
    places: list[Place]
    ranking_id: UUID | None = None
    purpose: str | None = None
    published_at: datetime | None = None
    published_by: str | None = None
    double_uses: tuple[DoubleUse, ...] = ()
    ranked_count: int | None = None


RANKING = TypeAdapter(Ranking)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One agent in the quadrant: mean handle time, so many seconds of so many contacts, against contacts handled."""

    staff_no: str
    name: str
    handle_seconds: float
    contacts: float
    quadrant: str
    handle_numerator: float
    handle_denominator: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quadrant:
    """Handle time × volume, each against the median of all agents, whoever asks."""

    as_of: datetime | None
    items: list[Spot]
    median_handle_seconds: float | None = None
    median_contacts: float | None = None
    definition_versions: dict[str, int]


async def definition_list(conn: AsyncConnection, *, limit: int, after: str | None) -> Page[Definition]:
    """What cards weigh, oldest first."""
    table = scorecard_definitions
    order = (table.c.name, table.c.definition_id)
    return await page(conn, select(table), order=order, limit=limit, after=after, make=_definition)


def _definition(row: Row[Any]) -> Definition:
    return Definition(**dict(row._mapping) | {"weighed": tuple(Weighed(**one) for one in row.weighed)})


async def people_for(
    conn: AsyncConnection, definition: Definition, span: Span, team_id: UUID | None
) -> Sequence[Person]:
    """Whom a definition is meant for: of its role and stage, hired by the period's end, not gone before it began."""
    from_, to = _days(span)
    found = select(agents).where(literal(definition.role) == any_(agents.c.roles), agents.c.hired_on <= to)
    found = found.where(or_(agents.c.left_on.is_(None), agents.c.left_on >= from_))
    if team_id:
        found = found.where(agents.c.team_id == team_id)
    rows = (await conn.execute(found.order_by(agents.c.staff_no))).all()
    everybody = [Person(**{name: getattr(row, name) for name in Person.__slots__}) for row in rows]
    return [person for person in everybody if stage_of(person.hired_on, from_) == definition.stage]


async def measured(conn: AsyncConnection, metrics: Iterable[str], span: Span) -> dict[str, dict[str, Measured]]:
    """What each agent's metrics were, by staff number and metric."""
    questions = [asked(metric, span, Sight(), "agent") for metric in metrics]
    found: defaultdict[str, dict[str, Measured]] = defaultdict(dict)
    for what, series in zip(questions, await series_within(conn, questions), strict=True):
        for value in values_of(series, what):
            if value.group:
                point = value.point
                found[value.group][series.metric] = Measured(
                    value=point.value, numerator=point.numerator, denominator=point.denominator
                )
    return dict(found)


def before(span: Span) -> Span:
    """The period that came before, as it was judged."""
    return Span(*period_before(*_days(span)), span.zone)


def _days(span: Span) -> tuple[date, date]:
    assert not isinstance(span.from_, datetime)
    assert not isinstance(span.to, datetime)
    return span.from_, span.to


async def card_list(
    conn: AsyncConnection, *, sight: Sight, staff_no: str | None, limit: int, after: str | None
) -> Page[Card]:
    """Cards as they are now, oldest publication first; of whom the asker may see."""
    found = select(scorecards).where(scorecards.c.current)
    if staff_no:
        found = found.where(scorecards.c.staff_no == staff_no)
    if not sight.everything:
        of_teams = scorecards.c.team_id.in_(ids_among(sight.teams))
        found = found.where(or_(scorecards.c.staff_no == sight.staff_no, of_teams))
    order = (scorecards.c.published_at, scorecards.c.scorecard_id)
    return await page(conn, found, order=order, limit=limit, after=after, make=lambda row: CARD.validate_json(row.card))


async def card_view(conn: AsyncConnection, *, scorecard_id: UUID, sight: Sight) -> CardView:
    """A card with all its revisions, the newest first; 404 `not-found`."""
    mine = select(scorecards).where(scorecards.c.scorecard_id == scorecard_id).order_by(scorecards.c.revision.desc())
    rows = (await conn.execute(mine)).all()
    if not rows:
        raise Refusal("not-found", noun="scorecard", what=scorecard_id)
    if not (sight.everything or rows[0].staff_no == sight.staff_no or rows[0].team_id in ids_among(sight.teams)):
        raise Refusal("not-yours")
    cards = [CARD.validate_json(row.card) for row in rows]
    return CardView(card=cards[0], revisions=cards[1:])


async def ranking(conn: AsyncConnection, *, of: str, metric: str, span: Span, least: int, sight: Sight) -> Ranking:
    """Agents or teams by one metric, as it is now: ranked among all, told of those whom the asker may see."""
    known, (from_, to) = rankable(metric_named(metric)), _days(span)
    found = await values(conn, asked(metric, span, Sight(), of))
    seen = await _seen(conn, metric, span, sight, of)
    new = await newcomers(conn, from_) if of == "agent" else set()
    places = ranked(known, contenders(found, new), least)
    return Ranking(
        of=of,
        metric=metric,
        unit=known.unit,
        definition_version=known.version,
        period_from=from_,
        period_to=to,
        tz=span.zone,
        least_n=least,
        as_of=max((value.point.as_of for value in found if value.point.as_of), default=None),
        places=[place for place in places if seen is None or place.key in seen],
        ranked_count=sum(place.rank is not None for place in places),
    )


async def _seen(conn: AsyncConnection, metric: str, span: Span, sight: Sight, of: str) -> set[str | None] | None:
    """Whose place an asker may see; none: everybody's. The places themselves are the same for whoever asks."""
    if sight.everything:
        return None
    if of == "team":
        return set(sight.teams)
    return {value.group for value in await values(conn, asked(metric, span, sight, of))}


async def ranking_list(conn: AsyncConnection, *, metric: str | None, limit: int, after: str | None) -> Page[Ranking]:
    """Rankings as they were published, oldest first."""
    found = select(rankings).where(rankings.c.metric == metric) if metric else select(rankings)
    order = (rankings.c.published_at, rankings.c.ranking_id)
    return await page(conn, found, order=order, limit=limit, after=after, make=_published)


def _published(row: Row[Any]) -> Ranking:
    """As it was published; what was, before notes had words, has them too."""
    kept = RANKING.validate_json(row.ranking)
    return replace(kept, places=[worded(place) for place in kept.places])


async def other_uses(
    conn: AsyncConnection, metrics: Iterable[str], *, from_: date, to: date, purpose: str, staff_nos: list[str] | None
) -> tuple[DoubleUse, ...]:
    """Where the same facts were used for something else: those of the same agents, a team's being its agents'."""
    same = {each for metric in metrics for each in of_the_same_facts(metric)}
    others = [uses.c.metric.in_(same), uses.c.period_from <= to, uses.c.period_to >= from_, uses.c.purpose != purpose]
    if staff_nos is not None:
        others.append(or_(uses.c.staff_nos.is_(None), uses.c.staff_nos.overlap(staff_nos)))
    source = func.coalesce(uses.c.definition_id, uses.c.source_id).label("source_id")
    shown = (source, *(uses.c[name] for name in ("metric", "purpose", "period_from", "period_to")))
    rows = await conn.execute(select(*shown).distinct().where(*others).order_by(*shown))
    return tuple(DoubleUse(**row._mapping) for row in rows)


async def quadrant(conn: AsyncConnection, *, span: Span, sight: Sight) -> Quadrant:
    """Agents by mean handle time and contacts handled, against the medians of all."""
    questions = [asked(metric, span, Sight(), "agent") for metric in ("aht", "contacts_handled")]
    seen = await _seen(conn, "contacts_handled", span, sight, "agent")
    times, volumes = [
        {value.group: value for value in values_of(series, what)}
        for what, series in zip(questions, await series_within(conn, questions), strict=True)
    ]
    known = [
        (group, value.name or group, times[group].point.value, value.point.value or 0.0)
        for group, value in volumes.items()
        if group and group in times
    ]
    spots = [
        Spot(
            staff_no=key,
            name=name,
            handle_seconds=time,
            contacts=volume,
            quadrant=where,
            handle_numerator=times[key].point.numerator,
            handle_denominator=times[key].point.denominator,
        )
        for key, name, time, volume, where in quadrants(known)
        if seen is None or key in seen
    ]
    time, volume = medians(known)
    return Quadrant(
        as_of=max((v.point.as_of for v in volumes.values() if v.point.as_of), default=None),
        items=spots,
        median_handle_seconds=time,
        median_contacts=volume,
        definition_versions={what.metric.id: what.metric.version for what in questions},
    )
