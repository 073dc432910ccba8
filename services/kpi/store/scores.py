"""Scorecards and rankings as they were published, and what their facts were used for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.scorecard import Card, Definition, Weighed
from services.kpi.tables import rankings, scorecard_definitions, scorecards, uses
from shared.contracts.refusal import Refusal

CARD = TypeAdapter(Card)


async def load_definition(conn: AsyncConnection, definition_id: UUID) -> Definition:
    """What a card weighs, locked; 404 `not-found`."""
    table = scorecard_definitions
    row = (await conn.execute(select(table).where(table.c.definition_id == definition_id).with_for_update())).first()
    if row is None:
        raise Refusal("not-found", noun="scorecard definition", what=definition_id)
    return Definition(**dict(row._mapping) | {"weighed": tuple(Weighed(**one) for one in row.weighed)})


async def save_definition(conn: AsyncConnection, definition: Definition) -> None:
    """Keep a definition, new or changed."""
    new = upsert(scorecard_definitions).values(asdict(definition))
    again = {name: new.excluded[name] for name in asdict(definition) if name != "definition_id"}
    await conn.execute(new.on_conflict_do_update(index_elements=["definition_id"], set_=again))


async def newest_cards(conn: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, Card]:
    """The newest revision of each of these cards that was ever published."""
    found = select(scorecards.c.card).where(scorecards.c.scorecard_id.in_(list(ids)), scorecards.c.current)
    cards = [CARD.validate_json(text) for text in (await conn.execute(found)).scalars()]
    return {card.scorecard_id: card for card in cards}


async def add_card(conn: AsyncConnection, card: Card) -> None:
    """Keep a revision as the newest."""
    mine = scorecards.c.scorecard_id == card.scorecard_id
    await conn.execute(update(scorecards).where(mine, scorecards.c.current).values(current=False))
    columns = ("scorecard_id", "revision", "staff_no", "team_id", "period_from", "period_to", "published_at")
    values = {name: getattr(card, name) for name in columns}
    await conn.execute(insert(scorecards).values(values | {"current": True, "card": CARD.dump_json(card).decode()}))


async def add_ranking(conn: AsyncConnection, values: dict[str, object]) -> None:
    """Keep a published ranking."""
    await conn.execute(insert(rankings).values({rankings.c[name]: value for name, value in values.items()}))


async def note_use(conn: AsyncConnection, values: dict[str, object]) -> None:
    """Remember what a metric's facts of a period were used for."""
    await conn.execute(upsert(uses).values(values).on_conflict_do_nothing())
