"""Publishing scorecards and rankings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.kpi.domain import scorecard as rules
from services.kpi.domain.catalogue import metric_named
from services.kpi.domain.question import Sight
from services.kpi.domain.scorecard import Card, Definition, Measured, Stage, Weighed
from services.kpi.queries.scores import (
    RANKING,
    DoubleUse,
    Person,
    Ranking,
    before,
    measured,
    other_uses,
    people_for,
    ranking,
)
from services.kpi.queries.teams import require_team
from services.kpi.queries.values import Span
from services.kpi.store.scores import add_card, add_ranking, load_definition, newest_cards, note_use, save_definition
from shared.contracts.kpi import RankedFact, RankingPublished
from shared.contracts.refusal import Refusal
from shared.platform.ids import new_id, stable_id
from shared.platform.work import Work

Figures = Mapping[str, Mapping[str, Measured]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCards:
    """What was published: cards that are new or say something new, and how many say what they said before."""

    items: list[Card]
    unchanged_count: int
    double_uses: tuple[DoubleUse, ...] = ()


async def define_scorecard(
    work: Work, *, name: str, role: str, stage: Stage, weighed: tuple[Weighed, ...]
) -> Definition:
    """Say what cards weigh, for agents of a role and stage."""
    definition = Definition(
        definition_id=new_id(),
        name=name,
        role=role,
        stage=stage,
        weighed=weighed,
        version=1,
        changed_by=work.actor.sub,
        changed_at=work.now,
    )
    await save_definition(work.conn, rules.define(definition))
    return definition


async def redefine_scorecard(
    work: Work, *, definition_id: UUID, seen: int, name: str | None, weighed: tuple[Weighed, ...] | None
) -> Definition:
    """Weigh otherwise from now on: a new version of the definition. Published cards stay as they are."""
    definition = await load_definition(work.conn, definition_id)
    if definition.version != seen:
        raise Refusal("stale-version", current=definition.version)
    changed = replace(
        definition,
        name=name or definition.name,
        weighed=definition.weighed if weighed is None else weighed,
        version=definition.version + 1,
        changed_by=work.actor.sub,
        changed_at=work.now,
    )
    await save_definition(work.conn, rules.define(changed))
    return changed


async def publish_scorecards(
    work: Work, *, definition_id: UUID, span: Span, team_id: UUID | None, purpose: str | None
) -> PublishedCards:
    """Publish a card for everybody the definition is meant for; a card whose figures changed since is a revision."""
    definition = await load_definition(work.conn, definition_id)
    _require_over(span, work.now)
    if team_id:
        await require_team(work.conn, team_id)
    people = await people_for(work.conn, definition, span, team_id)
    metrics = [weighed.metric for weighed in definition.weighed]
    now = await measured(work.conn, metrics, span)
    earlier = await measured(work.conn, metrics, before(span))
    cards = [_card(work, definition, span, person, now=now, earlier=earlier) for person in people]
    known = await newest_cards(work.conn, [card.scorecard_id for card in cards])
    told = [found for card in cards if (found := _revised(card, known.get(card.scorecard_id)))]
    for card in told:
        await add_card(work.conn, card)
        work.record(rules.published(card, *_instants(span)), sequence=card.revision)
    doubles = await _used_for_cards(work, definition, span, purpose, people) if purpose and people else ()
    return PublishedCards(items=told, unchanged_count=len(cards) - len(told), double_uses=doubles)


def _card(work: Work, definition: Definition, span: Span, person: Person, *, now: Figures, earlier: Figures) -> Card:
    lines = rules.lines_of(definition, now.get(person.staff_no, {}), earlier.get(person.staff_no, {}))
    previous = rules.lines_of(definition, earlier.get(person.staff_no, {}), {})
    from_, to = _dates(span)
    points = rules.score(lines)
    return Card(
        scorecard_id=stable_id("scorecard", definition.definition_id, person.staff_no, from_, to),
        revision=1,
        definition_id=definition.definition_id,
        definition_version=definition.version,
        definition_name=definition.name,
        stage=definition.stage,
        staff_no=person.staff_no,
        agent_name=person.name,
        team_id=person.team_id,
        team_name=person.team_name,
        period_from=from_,
        period_to=to,
        tz=span.zone,
        lines=lines,
        score=points,
        tier=rules.tier_of(points),
        previous_score=rules.score(previous),
        published_at=work.now,
        published_by=work.actor.sub,
    )


def _revised(card: Card, known: Card | None) -> Card | None:
    """The card as its next revision; none when it says what it said before."""
    if known is None:
        return card
    return None if rules.same_figures(card, known) else replace(card, revision=known.revision + 1)


async def publish_ranking(work: Work, *, of: str, metric: str, span: Span, least: int, purpose: str | None) -> Ranking:
    """Publish a ranking as it is now; where its facts were used for something else, it says so."""
    _require_over(span, work.now)
    found = await ranking(work.conn, of=of, metric=metric, span=span, least=least, sight=Sight())
    id_ = new_id()
    doubles = await _used(work, [metric], of, span, purpose=purpose, source_id=id_) if purpose else ()
    published = replace(
        found,
        ranking_id=id_,
        purpose=purpose,
        published_at=work.now,
        published_by=work.actor.sub,
        double_uses=doubles,
    )
    columns = ("ranking_id", "of", "metric", "period_from", "period_to", "published_at")
    values = {name: getattr(published, name) for name in columns}
    await add_ranking(work.conn, values | {"ranking": RANKING.dump_json(published).decode()})
    work.record(_told(published, id_, span, work), sequence=1)
    return published


def _told(ranking: Ranking, ranking_id: UUID, span: Span, work: Work) -> RankingPublished:
    starts_at, ends_at = _instants(span)
    name = metric_named(ranking.metric).name
    return RankingPublished(
        ranking_id=ranking_id,
        of=f"{ranking.of}s",
        metric=ranking.metric,
        definition_version=ranking.definition_version,
        period_from=starts_at,
        period_to=ends_at,
        published_at=work.now,
        published_by=work.actor.sub,
        places=tuple(
            RankedFact(
                key=place.key,
                name=place.name,
                n=place.n,
                rank=place.rank,
                value=place.value,
                lower_bound=place.bound,
                note=place.note,
            )
            for place in ranking.places
        ),
        metric_name_zh=name.zh,
        metric_name_en=name.en,
        zone=span.zone,
    )


async def _used_for_cards(
    work: Work, definition: Definition, span: Span, purpose: str, people: Sequence[Person]
) -> tuple[DoubleUse, ...]:
    """Cards use their agents' facts alone; those of another period or of other agents are another use."""
    id_, staff_nos = definition.definition_id, [person.staff_no for person in people]
    return await _used(
        work,
        [weighed.metric for weighed in definition.weighed],
        "agent",
        span,
        purpose=purpose,
        source_id=stable_id("scorecards", id_, *_dates(span), *staff_nos),
        definition_id=id_,
        staff_nos=staff_nos,
    )


async def _used(
    work: Work,
    metrics: list[str],
    of: str,
    span: Span,
    *,
    purpose: str,
    source_id: UUID,
    definition_id: UUID | None = None,
    staff_nos: list[str] | None = None,
) -> tuple[DoubleUse, ...]:
    """Note whose facts (none: everybody's) are used for what; where they were used for something else already."""
    from_, to = _dates(span)
    found = await other_uses(work.conn, metrics, from_=from_, to=to, purpose=purpose, staff_nos=staff_nos)
    use = {"of": of, "period_from": from_, "period_to": to, "purpose": purpose, "source_id": source_id}
    whose = {"definition_id": definition_id, "staff_nos": staff_nos}
    for metric in metrics:
        await note_use(work.conn, use | whose | {"metric": metric})
    return found


def _require_over(span: Span, now: datetime) -> None:
    """Refuses with `period-not-over` what still goes on."""
    if _instants(span)[1] > now:
        raise Refusal("period-not-over", to=str(span.to))


def _dates(span: Span) -> tuple[date, date]:
    assert not isinstance(span.from_, datetime)
    assert not isinstance(span.to, datetime)
    return span.from_, span.to


def _instants(span: Span) -> tuple[datetime, datetime]:
    from_, to = _dates(span)
    zone = ZoneInfo(span.zone)
    ends = datetime.combine(to + timedelta(days=1), time.min, zone)
    return datetime.combine(from_, time.min, zone).astimezone(UTC), ends.astimezone(UTC)
